//! A running voucher batch, good at any hour and at every demo station.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{DistrictCode, PageRequest},
    membership::standing::StandingLevel,
    stations::station::Station,
    vouchers::{
        DecisionInput,
        batches::rules::{Distribution, NewBatch, NewMeal},
    },
};

use super::{Failure, people::Cast};
use crate::wiring::Services;

const JINING: &str = "370800";
const NAME: &str = "暖心餐券（演示）";

pub(super) async fn seed(
    services: &Services,
    cast: &Cast,
    stations: &[Station],
) -> Result<(), Failure> {
    let batches = &services.vouchers.batches;
    let page = PageRequest {
        limit: PageRequest::MAX_LIMIT,
        after: None,
    };
    if batches
        .batches(&cast.admin, None, page)
        .await?
        .items
        .iter()
        .any(|batch| batch.batch.name == NAME)
    {
        return Ok(());
    }
    let now = services.foundation.clock.now();
    let batch = NewBatch {
        name: NAME.to_owned(),
        district: DistrictCode::parse(JINING)?,
        face_value_fen: 1_500,
        quota: 10_000,
        daily_quota: None,
        budget_fen: 15_000_000,
        per_person_limit: 3,
        meals: vec![NewMeal {
            name: "全天".to_owned(),
            from: "00:00".to_owned(),
            to: "24:00".to_owned(),
        }],
        valid_from: now - TimeDelta::minutes(1),
        valid_to: now + TimeDelta::days(365),
        claims_from: None,
        station_ids: stations.iter().map(|station| station.id).collect(),
        standings: vec![StandingLevel::Provisional, StandingLevel::Active],
        occupations: Vec::new(),
        districts: Vec::new(),
        distribution: Distribution::FirstCome,
        draw_at: None,
    };
    let batch = batches.draft(&cast.admin, batch).await?.batch.id;
    batches.submit(&cast.admin, batch).await?;
    batches
        .decide(&cast.city_checker, batch, DecisionInput::Approve)
        .await?;
    Ok(())
}
