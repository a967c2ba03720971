//! Races over held redemptions: reviewers against one another, holding against freezing. Two stores
//! with pools of their own; each guard has a control without it.

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
    canteen::{Till, account, person},
    database::{Kind, TestDatabase},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

const REVIEWERS: usize = 16;

struct Desk {
    till: Till,
    other: SqlStore,
    _database: TestDatabase,
}

impl Desk {
    async fn new(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let (one, other) = (database.store().await, database.store().await);
        Self {
            till: Till::new(one).await,
            other,
            _database: database,
        }
    }

    /// A meal that was paid for with a voucher just now.
    async fn redemption(&self) -> RedemptionId {
        let batch = self.till.running(|_| {}).await;
        let voucher = self.till.issued(&batch, person()).await;
        let new = self.till.redemption(&voucher, "午餐", 1, 1_200);
        let id = new.redemption.id;
        let mut tx = self.till.store.begin().await.unwrap();
        tx.redemptions().accept(&[new]).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn count(&self, sql: &str) -> i64 {
        let writer = self.till.store.writer();
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

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_reviewers_one_decides(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::new(kind).await;
    let id = desk.redemption().await;
    assert!(suspension(desk.other.clone(), id, desk.till.now).await);
    let reviews: Vec<_> = (0..REVIEWERS)
        .map(|n| {
            let store = if n % 2 == 0 {
                desk.till.store.clone()
            } else {
                desk.other.clone()
            };
            let decision = if n % 3 == 0 {
                SuspensionDecision::Lift
            } else {
                SuspensionDecision::Reject
            };
            tokio::spawn(decide(store, id, account(), decision))
        })
        .collect();
    let mut decided = 0;
    for review in reviews {
        decided += usize::from(review.await.unwrap());
    }
    assert_eq!(decided, 1);
    let consistent = "SELECT COUNT(*) FROM redemptions r JOIN redemption_suspensions h ON h.redemption_id = r.id \
                      WHERE (h.decision = 'lifted' AND r.state = 'accepted' AND NOT r.suspended) \
                         OR (h.decision = 'rejected' AND r.state = 'annulled' AND r.suspended)";
    assert_eq!(desk.count(consistent).await, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_without_compare_and_set_every_reviewer_decides(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::new(kind).await;
    let id = desk.redemption().await;
    assert!(suspension(desk.other.clone(), id, desk.till.now).await);
    let looked = desk
        .count("SELECT COUNT(*) FROM redemption_suspensions WHERE decision IS NULL")
        .await;
    let mut decided = 0;
    for _ in 0..REVIEWERS {
        let sql = "UPDATE redemption_suspensions SET decision = 'lifted', decided_at = suspended_at, decided_by = $2, \
                   reason = 'x' WHERE redemption_id = $1";
        let writer = desk.till.store.writer();
        let values = [id.uuid().into(), account().uuid().into()];
        let statement = Statement::from_sql_and_values(writer.get_database_backend(), sql, values);
        decided += writer.execute_raw(statement).await.unwrap().rows_affected();
    }
    assert_eq!(
        (looked, decided),
        (1, REVIEWERS as u64),
        "all of them looked before the first one acted"
    );
}

/// What freezing does to one redemption.
const FREEZE: &str = "UPDATE redemptions SET state = 'settled' WHERE id = $1 AND state = 'accepted' AND NOT suspended";

async fn freeze(store: SqlStore, sql: &str, id: RedemptionId) -> bool {
    let writer = store.writer();
    let statement =
        Statement::from_sql_and_values(writer.get_database_backend(), sql, [id.uuid().into()]);
    writer.execute_raw(statement).await.unwrap().rows_affected() > 0
}

const BOTH: &str = "SELECT COUNT(*) FROM redemptions WHERE state = 'settled' AND suspended";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_held_and_settled(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let desk = Desk::new(kind).await;
    let mut held = 0;
    for _ in 0..REVIEWERS {
        let id = desk.redemption().await;
        let holding = tokio::spawn(suspension(desk.till.store.clone(), id, desk.till.now));
        let freezing = tokio::spawn(freeze(desk.other.clone(), FREEZE, id));
        let (is_held, is_settled) = (holding.await.unwrap(), freezing.await.unwrap());
        assert!(
            is_held != is_settled,
            "held {is_held}, settled {is_settled}"
        );
        held += i64::from(is_held);
    }
    assert_eq!(desk.count(BOTH).await, 0);
    // Whoever lost left nothing behind.
    assert_eq!(
        desk.count("SELECT COUNT(*) FROM redemption_suspensions")
            .await,
        held
    );
    assert_eq!(
        desk.count("SELECT COUNT(*) FROM suspension_signals").await,
        held
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_freezing_that_looks_for_holds_first_settles_what_is_held(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let desk = Desk::new(kind).await;
    let id = desk.redemption().await;
    assert_eq!(
        desk.count("SELECT COUNT(*) FROM redemption_suspensions")
            .await,
        0,
        "looked: nothing is held"
    );
    assert!(suspension(desk.till.store.clone(), id, desk.till.now).await);
    let careless = "UPDATE redemptions SET state = 'settled' WHERE id = $1 AND state = 'accepted'";
    assert!(freeze(desk.other.clone(), careless, id).await);
    assert_eq!(desk.count(BOTH).await, 1);
}
