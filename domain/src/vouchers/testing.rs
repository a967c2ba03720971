//! What the tests of this context start from.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::{
    batches::{
        batch::{Batch, BatchState, Officer},
        rules::{Distribution, NewBatch, NewMeal, meal::Meal},
    },
    scans::redemption::{Payment, Redemption, RedemptionState},
    wallet::voucher::Voucher,
};
use crate::{
    kernel::{
        DistrictCode, Place,
        id::{
            AccountId, MembershipId, PersonId, RedemptionId, StationId, UnionId, VoucherBatchId,
            VoucherId,
        },
    },
    membership::standing::{Standing, StandingLevel},
    stations::{
        hours::{Opening, OpeningHours},
        station::Station,
    },
};

/// 1 June 2026, 08:00 in Shanghai.
pub const NOW: DateTime<Utc> = instant(1780272000);
/// 12:00 in Shanghai, on the same day.
pub const LUNCH: DateTime<Utc> = instant(1780286400);

const fn instant(seconds: i64) -> DateTime<Utc> {
    match DateTime::from_timestamp(seconds, 0) {
        Some(instant) => instant,
        None => DateTime::<Utc>::MIN_UTC,
    }
}

fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn officer(n: u128) -> Officer {
    Officer {
        account_id: AccountId::from_uuid(uuid(n)),
        person_id: Some(PersonId::from_uuid(uuid(n))),
    }
}

pub fn new_batch() -> NewBatch {
    let meal = |name: &str, from: &str, to: &str| NewMeal {
        name: name.into(),
        from: from.into(),
        to: to.into(),
    };
    NewBatch {
        name: "夏日爱心餐".to_owned(),
        district: district(),
        face_value_fen: 1_500,
        quota: 100,
        daily_quota: Some(50),
        budget_fen: 150_000,
        per_person_limit: 2,
        meals: vec![
            meal("午餐", "11:00", "13:00"),
            meal("晚餐", "17:00", "19:00"),
        ],
        valid_from: NOW,
        valid_to: NOW + TimeDelta::days(30),
        claims_from: None,
        station_ids: vec![station().id],
        standings: vec![],
        occupations: vec![],
        districts: vec![],
        distribution: Distribution::FirstCome,
        draw_at: None,
    }
}

pub fn batch() -> Batch {
    let (name, rules) = new_batch().checked(NOW).unwrap();
    Batch {
        id: VoucherBatchId::from_uuid(uuid(1)),
        name,
        district: district(),
        rules,
        drafted_by: officer(1),
        created_at: NOW,
        state: BatchState::Draft { returned: None },
    }
}

pub fn voucher() -> Voucher {
    let holder = officer(5);
    let person = PersonId::from_uuid(uuid(5));
    Voucher::issue(
        VoucherId::from_uuid(uuid(1)),
        &batch(),
        person,
        holder.account_id,
        NOW,
    )
}

pub fn redemption() -> Redemption {
    let voucher = voucher();
    Redemption {
        id: RedemptionId::from_uuid(uuid(1)),
        voucher_id: voucher.id,
        batch_id: voucher.batch_id,
        person_id: voucher.person_id,
        station_id: station().id,
        staff_id: officer(6).account_id,
        device_id: "scanner-1".to_owned(),
        scan_id: "scan-1".to_owned(),
        meal: Meal {
            day: NaiveDate::from_ymd_opt(2026, 6, 1).unwrap(),
            window: "午餐".to_owned(),
        },
        payment: Payment::of(voucher.face_value, None),
        scanned_at: NOW,
        accepted_at: NOW,
        state: RedemptionState::Accepted,
    }
}

pub fn station() -> Station {
    Station {
        id: StationId::from_uuid(uuid(1)),
        name: "示例驿站".to_owned(),
        district: district(),
        address: "示例路 1 号".to_owned(),
        place: Place::new(116.59, 35.41).unwrap(),
        hours: OpeningHours::daily(Opening::ALL_DAY),
        amenities: vec![],
    }
}

pub fn standing() -> Standing {
    Standing {
        membership_id: MembershipId::from_uuid(uuid(1)),
        person_id: PersonId::from_uuid(uuid(5)),
        level: StandingLevel::Provisional,
        union_id: UnionId::from_uuid(uuid(1)),
        district: district(),
        occupation: Some("courier".to_owned()),
    }
}

fn district() -> DistrictCode {
    DistrictCode::parse("370811").unwrap()
}
