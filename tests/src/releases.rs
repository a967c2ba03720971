//! Draws, grants and recalls over a canteen's world, in as many "processes" as a test wants.

use std::sync::Arc;

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Actor, Clock, Foundation, id::VoucherBatchId},
    vouchers::{
        VoucherError,
        allotment::{AllotmentRun, AllotmentService},
        batches::rules::{Distribution, NewBatch},
        draw::{DrawEntry, DrawService, PublishedDraw},
        recall::RecallService,
    },
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use sea_orm::{ConnectionTrait, Statement};

use crate::{canteen::Canteen, wish_scene::once};

/// The jobs of one process.
#[derive(Clone)]
pub struct Desk {
    pub recalls: RecallService,
    pub draws: DrawService,
    pub grants: AllotmentService,
}

impl Desk {
    pub fn of(canteen: &Canteen) -> Self {
        Self::with(canteen, canteen.scene.store.clone())
    }

    /// Another process on the same database.
    pub async fn another(canteen: &Canteen) -> Self {
        Self::with(canteen, Arc::new(canteen.scene.database.store().await))
    }

    fn with(canteen: &Canteen, store: Arc<SqlStore>) -> Self {
        let (clock, random) = (canteen.scene.clock.clone(), Arc::new(SystemRandom));
        Self {
            recalls: RecallService {
                foundation: Foundation {
                    store: store.clone(),
                    clock: clock.clone(),
                    random: random.clone(),
                },
            },
            draws: DrawService {
                foundation: Foundation {
                    store: store.clone(),
                    clock: clock.clone(),
                    random: random.clone(),
                },
            },
            grants: AllotmentService {
                foundation: Foundation {
                    store,
                    clock,
                    random,
                },
            },
        }
    }

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

    pub async fn grant_all(&self, at_once: u64) {
        while self.grants.run_due(at_once).await.unwrap() > 0 {}
    }

    /// All of a finished draw.
    pub async fn published(&self, batch: VoucherBatchId) -> PublishedDraw {
        let page = niangjia_domain::kernel::PageRequest {
            limit: 100,
            after: None,
        };
        self.draws.published(batch, page).await.unwrap()
    }

    pub async fn progress(&self, canteen: &Canteen, batch: VoucherBatchId) -> AllotmentRun {
        self.grants.progress(&canteen.checker, batch).await.unwrap()
    }
}

/// Drawn in an hour.
pub fn by_lot(canteen: &Canteen) -> NewBatch {
    let draw_at = Some(canteen.scene.clock.now() + TimeDelta::hours(1));
    NewBatch {
        distribution: Distribution::Draw,
        draw_at,
        per_person_limit: 1,
        ..canteen.new_batch()
    }
}

pub fn by_grant(canteen: &Canteen) -> NewBatch {
    NewBatch {
        distribution: Distribution::Allotment,
        per_person_limit: 1,
        ..canteen.new_batch()
    }
}

/// Topics of everything that was ever on its way to this inbox. Reads only: unlike taking what is
/// due, it meets no locks.
pub async fn told(canteen: &Canteen, worker: &Actor) -> Vec<String> {
    let database = canteen.scene.store.writer();
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
