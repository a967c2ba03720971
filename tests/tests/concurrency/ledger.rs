//! The budget's conditional update under many callers over two stores, and what happens without it.

use std::sync::Arc;

use niangjia_domain::{
    kernel::{Clock, Fen, Id, id::SubjectId},
    ledger::{Budget, Entry, Posted, postings::Reserve},
    store::Store,
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;
use tokio::sync::Barrier;

use super::crowd::{CALLERS, act_carelessly, storm};

const AMOUNT: i64 = 1_500;
const FITTING: usize = 7;

/// Quota for all; money for seven, and a little more.
async fn budget(store: &SqlStore) -> Budget {
    let id = Id::generate(SystemClock.now(), &SystemRandom);
    let total = Fen::new(AMOUNT * FITTING as i64 + 700).unwrap();
    let budget = Budget {
        open: true,
        ..Budget::new(id, CALLERS as i64, total)
    };
    let mut tx = store.begin().await.unwrap();
    tx.ledger().add(&budget).await.unwrap();
    tx.commit().await.unwrap();
    budget
}

async fn reserve(store: SqlStore, budget: Budget) -> bool {
    let at = SystemClock.now();
    let entry = Entry {
        budget_id: budget.id,
        subject_id: Id::generate(at, &SystemRandom),
        sequence: 0,
        at,
    };
    let amount = Fen::new(AMOUNT).unwrap();
    let mut tx = store.begin().await.unwrap();
    let posted = tx
        .ledger()
        .post(&[Reserve { entry, amount }.into()])
        .await
        .unwrap();
    if posted != [Posted::Done] {
        return false;
    }
    tx.commit().await.unwrap();
    true
}

async fn reserved(store: &SqlStore, budget: &Budget) -> i64 {
    let mut tx = store.read().await.unwrap();
    tx.ledger().budgets(&[budget.id]).await.unwrap()[0]
        .reserved
        .get()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn reserves_fill_the_budget_and_not_a_fen_more(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    let budget = budget(&one).await;
    let taken = storm([&one, &two], |_, store| reserve(store, budget)).await;
    assert_eq!(taken, FITTING);
    assert_eq!(reserved(&one, &budget).await, AMOUNT * FITTING as i64);
}

/// One posting of 24 callers counts once.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_posting_is_booked_by_one(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    let budget = budget(&one).await;
    let entry = Entry {
        budget_id: budget.id,
        subject_id: Id::generate(SystemClock.now(), &SystemRandom),
        sequence: 0,
        at: SystemClock.now(),
    };
    let amount = Fen::new(AMOUNT).unwrap();
    let booked = storm([&one, &two], |_, store: SqlStore| async move {
        let mut tx = store.begin().await.unwrap();
        let posted = tx
            .ledger()
            .post(&[Reserve { entry, amount }.into()])
            .await
            .unwrap();
        tx.commit().await.unwrap();
        posted == [Posted::Done]
    })
    .await;
    assert_eq!((booked, reserved(&one, &budget).await), (1, AMOUNT));
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_conditional_update_more_is_promised_than_there_is() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let (one, two) = (database.store().await, database.store().await);
    let budget = budget(&one).await;
    let looked = Arc::new(Barrier::new(CALLERS));
    let look = format!(
        "SELECT COUNT(*) FROM ledger_postings WHERE budget_id = '{}'",
        budget.id.uuid()
    );
    let taken = storm([&one, &two], |_, store| {
        let values = vec![
            SubjectId::generate(SystemClock.now(), &SystemRandom)
                .uuid()
                .into(),
            budget.id.uuid().into(),
            SystemClock.now().into(),
        ];
        act_carelessly(
            store,
            look.clone(),
            FITTING as i64,
            looked.clone(),
            "INSERT INTO ledger_postings (subject_id, kind, sequence, budget_id, reserved_fen, spent_fen, at) \
             VALUES ($1, 'reserve', 0, $2, 1500, 0, $3)",
            values,
        )
    })
    .await;
    assert!(taken > FITTING, "{taken}: the control is no control");
}
