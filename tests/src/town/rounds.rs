//! Draws, allotments and recalls: batches for them, and their jobs.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Actor, Clock, PageRequest, id::VoucherBatchId},
    vouchers::{
        VoucherError,
        allotment::AllotmentRun,
        batches::rules::{Distribution, NewBatch},
        draw::{DrawEntry, PublishedDraw},
    },
};
use sea_orm::{ConnectionTrait, Statement};

use super::{Services, Town};
use crate::actors::once;

impl Services {
    pub async fn enter(
        &self,
        worker: &Actor,
        batch: VoucherBatchId,
    ) -> Result<DrawEntry, VoucherError> {
        Ok(self.draws.enter(worker, &once(worker), batch).await?.value)
    }

    /// Rounds until there is nothing left to do.
    pub async fn draw_all(&self, at_once: u64) {
        while self.draws.run_due(at_once).await.unwrap() > 0 {}
    }

    pub async fn allot_all(&self, at_once: u64) {
        while self.allotments.run_due(at_once).await.unwrap() > 0 {}
    }

    /// All of a finished draw.
    pub async fn published(&self, batch: VoucherBatchId) -> PublishedDraw {
        let page = PageRequest {
            limit: 100,
            after: None,
        };
        self.draws.published(batch, page).await.unwrap()
    }

    pub async fn progress(&self, town: &Town, batch: VoucherBatchId) -> AllotmentRun {
        self.allotments
            .progress(&town.checker, batch)
            .await
            .unwrap()
    }
}

/// A batch that is drawn in an hour.
pub fn by_draw(town: &Town) -> NewBatch {
    NewBatch {
        distribution: Distribution::Draw,
        draw_at: Some(town.clock.now() + TimeDelta::hours(1)),
        per_person_limit: 1,
        ..town.new_batch()
    }
}

/// A batch of which everybody who meets the rule gets one.
pub fn by_allotment(town: &Town) -> NewBatch {
    NewBatch {
        distribution: Distribution::Allotment,
        per_person_limit: 1,
        ..town.new_batch()
    }
}

/// Topics of everything that was ever on its way to this inbox. Reads only: unlike taking what is
/// due, it meets no locks.
pub async fn told(town: &Town, worker: &Actor) -> Vec<String> {
    let database = town.store.writer();
    let sql = "SELECT template FROM outbox_events WHERE recipient_id = $1 ORDER BY created_at";
    let recipient = worker.account_id.uuid().into();
    let rows = database
        .query_all_raw(Statement::from_sql_and_values(
            database.get_database_backend(),
            sql,
            [recipient],
        ))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get("", "template").unwrap())
        .collect()
}
