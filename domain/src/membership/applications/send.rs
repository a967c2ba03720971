//! Where an application goes: the work's district, the unions that serve it, and the routing's
//! choice.

use chrono::{DateTime, Utc};

use super::application::{Applicant, Application};
use crate::{
    kernel::{AccessError, DistrictCode, Invalid, Phone},
    membership::{
        error::MembershipError,
        rosters::roster_row::RosterRow,
        standing::record::Filing,
        unions::{
            district,
            routing::{self, Routing, Work},
            union::Union,
        },
    },
    store::Tx,
};

/// Where the application goes, with its explanation.
pub(crate) async fn send(
    tx: &mut dyn Tx,
    application: &Application,
    applicant: &Applicant,
    row: Option<&RosterRow>,
    phone: Phone,
    now: DateTime<Utc>,
) -> Result<(Union, Filing), MembershipError> {
    let told = work_district(tx, application).await?;
    let expecting = match row {
        Some(row) => Some(
            tx.unions()
                .find(row.union_id)
                .await?
                .ok_or(AccessError::NotFound)?,
        ),
        None => None,
    };
    let district = told.or(expecting.as_ref().map(|union| union.district));
    let work = Work {
        occupation: applicant.occupation,
        platform: application.platform,
        district,
    };
    let unions = tx.unions().serving(district).await?;
    let (union, routing) = route(&work, expecting.as_ref(), &unions)?;
    let filing = Filing {
        phone: Some(phone),
        union_id: union.id,
        routing,
        occupation: applicant.occupation,
        platform: application.platform,
        work_district: district.unwrap_or(union.district),
        applied_at: now,
    };
    Ok((union, filing))
}

fn route(
    work: &Work,
    expecting: Option<&Union>,
    unions: &[Union],
) -> Result<(Union, Routing), Invalid> {
    let (union, routing) = match expecting {
        Some(union) => routing::expected_by(union, work, unions),
        None => routing::by_work(work, unions).ok_or_else(not_served)?,
    };
    Ok((union.clone(), routing))
}

/// What the worker said, or the county whose seat is nearest to where the phone is.
async fn work_district(
    tx: &mut dyn Tx,
    application: &Application,
) -> Result<Option<DistrictCode>, MembershipError> {
    let districts = tx.unions().districts().await?;
    match (application.work_district, application.location) {
        (Some(told), _) if districts.iter().any(|district| district.code == told) => Ok(Some(told)),
        (Some(_), _) => Err(not_served().into()),
        (None, Some(place)) => Ok(district::nearest(&districts, place)),
        (None, None) => Ok(None),
    }
}

fn not_served() -> Invalid {
    Invalid::field(
        "workDistrict",
        "district_not_served",
        "该地区暂未开通，请从列表中选择工作所在的县（市、区）",
    )
}
