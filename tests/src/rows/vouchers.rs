//! Batches, vouchers and redemptions without people behind them.

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Clock, Fen,
        id::{PersonId, StationId},
        values::local_time,
    },
    stations::station::Station,
    store::Store,
    vouchers::{
        batches::{
            batch::{Batch, BatchState, Officer},
            rules::{Distribution, NewBatch, NewMeal, meal::Meal},
        },
        codes::code::CodeStep,
        ports::IssueOutcome,
        reconciliation::conservation::BatchSums,
        scans::redemption::{NewRedemption, Payment, Redemption, RedemptionState},
        wallet::voucher::Voucher,
    },
};
use niangjia_infra::{sql::SqlStore, system::SystemClock};

use super::{account, add_station, new_id, station};
use crate::{
    people,
    places::{DISTRICT, district},
};

/// Rows without people behind them, for the repositories alone.
pub struct VoucherRows {
    pub store: SqlStore,
    pub station: StationId,
    pub now: DateTime<Utc>,
}

impl VoucherRows {
    /// On a database with one station.
    pub async fn new(store: SqlStore) -> Self {
        let now = SystemClock.now();
        let station = Station {
            name: format!("演示驿站{}", people::token()),
            ..station(now)
        };
        add_station(&store, &station).await;
        Self {
            store,
            station: station.id,
            now,
        }
    }

    /// A stored, running batch.
    pub async fn running(&self, change: impl FnOnce(&mut NewBatch)) -> Batch {
        let draft = self.draft(change);
        let running = Batch {
            state: BatchState::Running {
                approved_by: new_id(),
            },
            ..draft.clone()
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.voucher_batches().add(&draft).await.unwrap();
        assert!(tx.voucher_batches().save(&draft, &running).await.unwrap());
        tx.commit().await.unwrap();
        running
    }

    /// Not stored yet.
    pub fn draft(&self, change: impl FnOnce(&mut NewBatch)) -> Batch {
        let mut new = new_batch(self.station, self.now);
        change(&mut new);
        let district = new.district;
        let (name, rules) = new.checked(self.now).unwrap();
        let drafted_by = Officer {
            account_id: new_id(),
            person_id: None,
        };
        let state = BatchState::Draft { returned: None };
        Batch {
            id: new_id(),
            name,
            district,
            rules,
            drafted_by,
            created_at: self.now,
            state,
        }
    }

    pub fn voucher(&self, batch: &Batch, person: PersonId) -> Voucher {
        Voucher::issue(new_id(), batch, person, account(), self.now)
    }

    pub async fn issued(&self, batch: &Batch, person: PersonId) -> Voucher {
        let voucher = self.voucher(batch, person);
        let mut tx = self.store.begin().await.unwrap();
        let day = local_time::date_of(self.now);
        let outcomes = tx
            .vouchers()
            .issue(batch, day, std::slice::from_ref(&voucher))
            .await
            .unwrap();
        assert_eq!(outcomes, [IssueOutcome::Issued]);
        tx.commit().await.unwrap();
        voucher
    }

    /// A scan on its way in: of this meal, at this step.
    pub fn redemption(
        &self,
        voucher: &Voucher,
        window: &str,
        step: i64,
        price_fen: i64,
    ) -> NewRedemption {
        let redemption = Redemption {
            id: new_id(),
            voucher_id: voucher.id,
            batch_id: voucher.batch_id,
            person_id: voucher.person_id,
            station_id: self.station,
            staff_id: account(),
            device_id: "scanner-1".to_owned(),
            scan_id: people::token(),
            meal: Meal {
                day: local_time::date_of(self.now),
                window: window.to_owned(),
            },
            payment: Payment::of(voucher.face_value, Fen::new(price_fen)),
            scanned_at: self.now,
            accepted_at: self.now,
            state: RedemptionState::Accepted,
        };
        let code = CodeStep {
            voucher_id: voucher.id,
            device_no: 1,
            step,
        };
        NewRedemption {
            redemption,
            code,
            face_value: voucher.face_value,
        }
    }

    pub async fn tally(&self, batch: &Batch) -> BatchSums {
        let mut tx = self.store.read().await.unwrap();
        let tally = tx
            .voucher_batches()
            .tally(batch.id, self.now)
            .await
            .unwrap()
            .unwrap();
        assert!(tally.is_balanced(), "{:?}", tally.equations());
        tally
    }
}

/// 100 vouchers of ¥15, two a person, at any hour.
pub fn new_batch(station: StationId, now: DateTime<Utc>) -> NewBatch {
    NewBatch {
        name: "演示爱心餐".to_owned(),
        district: district(DISTRICT),
        face_value_fen: 1_500,
        quota: 100,
        daily_quota: None,
        budget_fen: 150_000,
        per_person_limit: 2,
        meals: vec![meal("全天", "00:00", "24:00")],
        valid_from: now - TimeDelta::hours(1),
        valid_to: now + TimeDelta::days(30),
        claims_from: None,
        station_ids: vec![station],
        standings: vec![],
        occupations: vec![],
        districts: vec![],
        distribution: Distribution::FirstCome,
        draw_at: None,
    }
}

pub fn meal(name: &str, from: &str, to: &str) -> NewMeal {
    NewMeal {
        name: name.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
    }
}
