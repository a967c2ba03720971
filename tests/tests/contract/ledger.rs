//! Contract of the engine's books: each posting once, nothing below zero, nothing above the total,
//! and the postings say what the counters say.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{
        Clock, Fen, Id,
        id::{BudgetId, SubjectId},
    },
    ledger::{
        Budget, Entry, Posted, Posting,
        fund::approve,
        postings::{Adjust, Release, Reserve, Reverse, Spend},
    },
    store::{Store, Tx},
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};

fn now() -> DateTime<Utc> {
    SystemClock.now()
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

fn subject() -> SubjectId {
    Id::generate(now(), &SystemRandom)
}

/// Open, with room for three times 1,500 fen by quota and 100 fen more by money.
async fn budget(store: &SqlStore) -> Budget {
    let id: BudgetId = Id::generate(now(), &SystemRandom);
    let budget = Budget {
        open: true,
        ..Budget::new(id, 3, fen(4_600))
    };
    let mut tx = store.begin().await.unwrap();
    tx.ledger().add(&budget).await.unwrap();
    tx.commit().await.unwrap();
    budget
}

fn posting(budget: &Budget, subject: SubjectId, kind: &str, sequence: i32, amount: i64) -> Posting {
    let entry = Entry {
        budget_id: budget.id,
        subject_id: subject,
        sequence,
        at: now(),
    };
    let money = || fen(amount);
    match kind {
        "reserve" => Posting::from(Reserve {
            entry,
            amount: money(),
        }),
        "spend" => Spend {
            entry,
            amount: money(),
        }
        .into(),
        "reverse" => Reverse {
            entry,
            amount: money(),
        }
        .into(),
        "release" => Release {
            entry,
            amount: money(),
        }
        .into(),
        _ => Adjust { entry, fen: amount }.into(),
    }
}

/// Commits unless something was refused, as every caller does.
async fn post(store: &SqlStore, postings: &[Posting]) -> Vec<Posted> {
    let mut tx = store.begin().await.unwrap();
    let posted = tx.ledger().post(postings).await.unwrap();
    if !posted.contains(&Posted::NoRoom) {
        tx.commit().await.unwrap();
    }
    posted
}

/// Issued, reserved, spent; and the ledger's sums are the same.
async fn counters(store: &SqlStore, id: BudgetId) -> (i64, i64, i64) {
    let found = store
        .read()
        .await
        .unwrap()
        .ledger()
        .budgets(&[id])
        .await
        .unwrap();
    let budget = found[0];
    let sums = "SELECT CAST(COALESCE(SUM(reserved_fen), 0) AS BIGINT) AS reserved, \
                CAST(COALESCE(SUM(spent_fen), 0) AS BIGINT) AS spent FROM ledger_postings WHERE budget_id = $1";
    let database = store.writer();
    let row = database
        .query_one_raw(Statement::from_sql_and_values(
            database.get_database_backend(),
            sums,
            [id.uuid().into()],
        ))
        .await
        .unwrap()
        .unwrap();
    let sum = |column| row.try_get::<i64>("", column).unwrap();
    assert_eq!(
        (budget.reserved.get(), budget.spent.get()),
        (sum("reserved"), sum("spent")),
        "the postings say what the counters say"
    );
    (budget.issued, budget.reserved.get(), budget.spent.get())
}

#[rstest]
#[tokio::test]
async fn each_posting_is_booked_once_and_moves_its_budget(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let (budget, meal) = (budget(&store).await, subject());
    let mut reference = budget;
    for (kind, sequence, amount) in [
        ("reserve", 0, 1_500),
        ("spend", 1, 1_200),
        ("reverse", 1, 1_200),
        ("spend", 2, 1_400),
        ("release", 2, 100),
        ("adjust", 0, -400),
        ("adjust", 1, 3_600),
    ] {
        let posting = posting(&budget, meal, kind, sequence, amount);
        reference = posting.apply(&reference).unwrap();
        assert_eq!(post(&store, &[posting]).await, [Posted::Done], "{kind}");
        let moved = counters(&store, budget.id).await;
        let expected = (
            reference.issued,
            reference.reserved.get(),
            reference.spent.get(),
        );
        assert_eq!(
            moved, expected,
            "the database moves as the rule does: {kind}"
        );
        assert_eq!(post(&store, &[posting]).await, [Posted::Twice], "{kind}");
        assert_eq!(counters(&store, budget.id).await, moved, "{kind} again");
    }
}

#[rstest]
#[tokio::test]
async fn what_the_rule_refuses_the_database_refuses(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let budget = budget(&store).await;
    let reserved = posting(&budget, subject(), "reserve", 0, 1_500);
    assert_eq!(post(&store, &[reserved]).await, [Posted::Done]);
    let before = counters(&store, budget.id).await;
    let after = reserved.apply(&budget).unwrap();
    for (kind, amount) in [
        ("reserve", 3_101),
        ("spend", 1_501),
        ("reverse", 1),
        ("release", 1_501),
        ("adjust", -1),
        ("adjust", 3_101),
    ] {
        let refused = posting(&budget, subject(), kind, 0, amount);
        assert!(refused.apply(&after).is_err(), "{kind} {amount}");
        assert_eq!(
            post(&store, &[refused]).await,
            [Posted::NoRoom],
            "{kind} {amount}"
        );
        assert_eq!(counters(&store, budget.id).await, before, "{kind} {amount}");
    }
}

#[rstest]
#[tokio::test]
async fn many_postings_of_several_budgets_are_each_answered(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let (one, two, shut) = (
        budget(&store).await,
        budget(&store).await,
        budget(&store).await,
    );
    let (old, new) = (subject(), subject());
    assert_eq!(
        post(&store, &[posting(&one, old, "reserve", 0, 1_500)]).await,
        [Posted::Done]
    );
    let mut tx = store.begin().await.unwrap();
    assert!(tx.ledger().set_open(shut.id, false).await.unwrap());
    let postings = [
        posting(&one, old, "reserve", 0, 1_500),
        posting(&two, new, "reserve", 0, 1_500),
        posting(&two, new, "reserve", 0, 1_500),
        posting(&one, old, "spend", 1, 1_500),
        posting(&shut, subject(), "reserve", 0, 1),
        posting(&two, subject(), "reserve", 0, 1_500),
    ];
    assert_eq!(
        tx.ledger().post(&postings).await.unwrap(),
        [
            Posted::Twice,
            Posted::Done,
            Posted::Twice,
            Posted::Done,
            Posted::NoRoom,
            Posted::Done
        ]
    );
    assert_eq!(tx.ledger().post(&[]).await.unwrap(), []);
    let found = tx.ledger().budgets(&[two.id, one.id]).await.unwrap();
    let of = |id| found.iter().find(|budget| budget.id == id).unwrap();
    assert_eq!(
        (of(one.id).spent, of(one.id).reserved),
        (fen(1_500), Fen::ZERO)
    );
    assert_eq!((of(two.id).issued, of(two.id).reserved), (2, fen(3_000)));
}

#[rstest]
#[tokio::test]
async fn room_is_admitted_noted_and_handed_back(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let budget = budget(&store).await;
    let mut tx = store.begin().await.unwrap();
    for (units, amount, fits) in [
        (4, 4_000, false),
        (3, 4_601, false),
        (3, 4_500, true),
        (1, 100, false),
    ] {
        let admitted = tx
            .ledger()
            .admit(budget.id, units, fen(amount))
            .await
            .unwrap();
        assert_eq!(admitted, fits, "{units} {amount}");
    }
    let reserve = |subject_id| Reserve {
        entry: Entry {
            budget_id: budget.id,
            subject_id,
            sequence: 0,
            at: now(),
        },
        amount: fen(1_500),
    };
    let (one, two) = (reserve(subject()), reserve(subject()));
    assert_eq!(
        tx.ledger().note(&[one, two, one]).await.unwrap(),
        [true, true, false]
    );
    tx.ledger()
        .hand_back(budget.id, 1, fen(1_500))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counters(&store, budget.id).await, (2, 3_000, 0));
    let mut tx = store.begin().await.unwrap();
    let more_than_admitted = tx.ledger().hand_back(budget.id, 3, Fen::ZERO).await;
    assert!(more_than_admitted.is_err());
}

#[rstest]
#[tokio::test]
async fn limits_are_compared_and_set(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let budget = budget(&store).await;
    post(&store, &[posting(&budget, subject(), "reserve", 0, 1_500)]).await;
    let mut tx = store.begin().await.unwrap();
    for (current, target, done) in [(2, 9, false), (3, 0, false), (3, 1, true), (3, 9, false)] {
        let set = tx
            .ledger()
            .set_quota(budget.id, current, target)
            .await
            .unwrap();
        assert_eq!(set, done, "quota {current}→{target}");
    }
    for (current, target, done) in [
        (4_599, 9_000, false),
        (4_600, 1_499, false),
        (4_600, 1_500, true),
        (4_600, 9_000, false),
    ] {
        let set = tx
            .ledger()
            .set_total(budget.id, fen(current), fen(target))
            .await
            .unwrap();
        assert_eq!(set, done, "total {current}→{target}");
    }
}

/// V5: approved budgets ≤ fund.
#[rstest]
#[tokio::test]
async fn approved_budgets_never_exceed_their_fund(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let fund = budget(&store).await;
    let below = |total| Budget::new(Id::generate(now(), &SystemRandom), 1, fen(total));
    let (first, second, last) = (below(4_000), below(601), below(600));
    for (budget, expected) in [
        (&first, Posted::Done),
        (&first, Posted::Twice),
        (&second, Posted::NoRoom),
        (&last, Posted::Done),
    ] {
        let mut tx: Box<dyn Tx> = store.begin().await.unwrap();
        let posted = approve(tx.ledger(), fund.id, budget, now()).await.unwrap();
        assert_eq!(posted, expected, "{:?}", budget.total);
        if posted != Posted::NoRoom {
            tx.commit().await.unwrap();
        }
    }
    assert_eq!(counters(&store, fund.id).await, (2, 4_600, 0));
}

/// The counters' own constraints, whoever writes.
#[rstest]
#[tokio::test]
async fn the_table_refuses_what_must_never_be(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let database = TestDatabase::new(kind).await;
    let store = database.store().await;
    let budget = budget(&store).await;
    post(&store, &[posting(&budget, subject(), "reserve", 0, 1_500)]).await;
    // An unknown kind is found by reconciliation: a foreign key would cost each claim too much.
    for sql in [
        "UPDATE ledger_budgets SET issued = quota + 1",
        "UPDATE ledger_budgets SET spent_fen = budget_fen",
        "UPDATE ledger_budgets SET reserved_fen = -1",
        "INSERT INTO ledger_postings SELECT * FROM ledger_postings",
    ] {
        assert!(
            store.writer().execute_unprepared(sql).await.is_err(),
            "{sql}"
        );
    }
}
