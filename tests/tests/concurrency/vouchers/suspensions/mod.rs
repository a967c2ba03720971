//! Races over held redemptions: reviewers against one another, holding against freezing. Two stores
//! with pools of their own; each guard has a control without it.

mod freezes;
mod reviews;

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{
        Jurisdiction,
        id::{AccountId, RedemptionId},
    },
    store::Store,
    vouchers::collusion::{Finding, Signal, SuspensionDecision, suspension::Ruling},
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    rows::{VoucherRows, person},
    servers::database::{Kind, TestDatabase},
};
use sea_orm::{ConnectionTrait, Statement};

const REVIEWERS: usize = 16;

struct TwoStores {
    rows: VoucherRows,
    other: SqlStore,
    _database: TestDatabase,
}

impl TwoStores {
    async fn new(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let (one, other) = (database.store().await, database.store().await);
        Self {
            rows: VoucherRows::new(one).await,
            other,
            _database: database,
        }
    }

    /// A meal that was paid for with a voucher just now.
    async fn redemption(&self) -> RedemptionId {
        let batch = self.rows.running(|_| {}).await;
        let voucher = self.rows.issued(&batch, person()).await;
        let new = self.rows.redemption(&voucher, "午餐", 1, 1_200);
        let id = new.redemption.id;
        let mut tx = self.rows.store.begin().await.unwrap();
        tx.redemptions().accept(&[new]).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn count(&self, sql: &str) -> i64 {
        let writer = self.rows.store.writer();
        let row = writer
            .query_one_raw(Statement::from_string(writer.get_database_backend(), sql))
            .await;
        row.unwrap().unwrap().try_get_by_index(0).unwrap()
    }
}

async fn suspension(
    store: SqlStore,
    id: RedemptionId,
    till_now: chrono::DateTime<chrono::Utc>,
) -> bool {
    let finding = Finding {
        signal: Signal::Burst,
        redemption_id: id,
        evidence: serde_json::json!({}),
    };
    let mut tx = store.begin().await.unwrap();
    let held = tx
        .suspensions()
        .suspend(&[finding], till_now, till_now + TimeDelta::days(3))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    !held.is_empty()
}

/// As the use case does it: look, decide, write if nobody was first.
async fn decide(
    store: SqlStore,
    id: RedemptionId,
    by: AccountId,
    decision: SuspensionDecision,
) -> bool {
    let mut tx = store.begin().await.unwrap();
    let suspension = tx
        .suspensions()
        .find_within(id, &Jurisdiction::Everywhere)
        .await
        .unwrap()
        .unwrap();
    let decided = Ruling {
        decision,
        by,
        at: suspension.suspended_at,
        reason: "已核对".to_owned(),
    };
    let Ok(decided) = suspension.decide(decided, None, None) else {
        return false;
    };
    let won = tx.suspensions().decide(&decided).await.unwrap();
    if won {
        tx.commit().await.unwrap();
    }
    won
}
