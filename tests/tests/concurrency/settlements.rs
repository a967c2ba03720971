//! Races over settlements: freezes, annulments, holds and late uploads meet on the same
//! redemptions, and each redemption ends in exactly one place. Controls act without the guards.

use std::sync::Arc;

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Clock, id::SettlementId},
    settlements::{Settlement, SettlementError},
    store::Store,
    vouchers::scans::redemption::Redemption,
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    canteen::{account, new_id},
    cashier::Cashier,
    database::Kind,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement, Value};
use tokio::{sync::Barrier, task::JoinHandle};

const MEALS: usize = 8;

/// Yesterday's meals, an open sheet for them, and a second store.
async fn eaten(kind: Kind) -> (Cashier, Settlement, SqlStore) {
    let cashier = Cashier::open(kind).await;
    for _ in 0..MEALS {
        cashier.eaten(1_500).await;
    }
    let day = cashier.today();
    cashier.sleep();
    let sheet = cashier.sheet(day, day).await.unwrap();
    let two = cashier.canteen.scene.database.store().await;
    (cashier, sheet, two)
}

async fn in_lines(cashier: &Cashier) -> i64 {
    let twice = "SELECT COUNT(*) FROM (SELECT subject_id FROM settlement_lines GROUP BY subject_id HAVING COUNT(*) > 1) t";
    assert_eq!(cashier.count(twice).await, 0);
    cashier.count("SELECT COUNT(*) FROM settlement_lines").await
}

async fn yesterdays(cashier: &Cashier) -> Vec<Redemption> {
    let page = niangjia_domain::kernel::PageRequest {
        limit: 100,
        after: None,
    };
    let (station, day) = (
        cashier.canteen.scene.station.id,
        cashier.today() - TimeDelta::days(1),
    );
    cashier
        .canteen
        .scene
        .store
        .read()
        .await
        .unwrap()
        .redemptions()
        .list_at(station, day, page)
        .await
        .unwrap()
        .items
}

/// Takes the lines once everybody is at the start; how many redemptions they are.
fn taken_at(cashier: &Cashier, sheet: Settlement, start: Arc<Barrier>) -> JoinHandle<i64> {
    let (store, now) = (
        cashier.canteen.scene.store.clone(),
        cashier.canteen.scene.clock.now(),
    );
    tokio::spawn(async move {
        start.wait().await;
        let mut tx = store.begin().await.unwrap();
        let totals = tx.settlements().take_lines(&sheet, now).await.unwrap();
        tx.commit().await.unwrap();
        totals.redemptions
    })
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_freezes_one_takes_the_lines(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (cashier, sheet, _two) = eaten(kind).await;
    let (one, two) = (cashier.settlements.clone(), cashier.another_process().await);
    let freezes: Vec<_> = (0..12)
        .map(|n| {
            let (service, maker) = (
                if n % 2 == 0 { one.clone() } else { two.clone() },
                cashier.maker().clone(),
            );
            tokio::spawn(async move { service.freeze(&maker, sheet.id).await })
        })
        .collect();
    let mut done = 0;
    for freeze in freezes {
        match freeze.await.unwrap() {
            Ok(_) => done += 1,
            Err(SettlementError::State(_) | SettlementError::ChangedMeanwhile) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!((done, in_lines(&cashier).await), (1, MEALS as i64));
    cashier.canteen.balanced(cashier.batch).await;
}

/// The control: look at what is accepted, then write lines, without the unique index.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn careless_freezes_take_a_redemption_twice(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (cashier, one, store) = eaten(kind).await;
    let later = cashier
        .sheet(cashier.today(), cashier.today())
        .await
        .unwrap();
    cashier.execute("DROP INDEX settlement_lines_once").await;
    let looked = Arc::new(Barrier::new(2));
    let freezes = [one.id, later.id]
        .map(|id| tokio::spawn(freeze_carelessly(store.clone(), id, looked.clone())));
    for freeze in freezes {
        freeze.await.unwrap();
    }
    assert_eq!(
        cashier.count("SELECT COUNT(*) FROM settlement_lines").await,
        2 * MEALS as i64
    );
    assert!(
        !cashier.canteen.tally(cashier.batch).await.is_balanced(),
        "and the equations notice"
    );
}

async fn freeze_carelessly(store: SqlStore, id: SettlementId, looked: Arc<Barrier>) {
    let database = store.writer();
    let backend = database.get_database_backend();
    let look = Statement::from_string(
        backend,
        "SELECT id FROM redemptions WHERE state = 'accepted' ORDER BY id",
    );
    let rows = database.query_all_raw(look).await.unwrap();
    looked.wait().await;
    for (row, no) in rows.iter().zip(1i64..) {
        let subject: sea_orm::prelude::Uuid = row.try_get("", "id").unwrap();
        let values: [Value; 3] = [id.uuid().into(), no.into(), subject.into()];
        let sql = "INSERT INTO settlement_lines (settlement_id, line_no, kind, subject_id, batch_id, day, meal, at, \
            account_id, late, price_fen, amount_fen, copay_fen, note) SELECT $1, $2, 'redemption', id, batch_id, day, meal, \
            scanned_at, staff_id, FALSE, price_fen, amount_fen, copay_fen, '' FROM redemptions WHERE id = $3";
        database
            .execute_raw(Statement::from_sql_and_values(backend, sql, values))
            .await
            .unwrap();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_is_annulled_or_settled(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (cashier, sheet, two) = eaten(kind).await;
    let start = Arc::new(Barrier::new(MEALS + 1));
    let annulments: Vec<_> = yesterdays(&cashier)
        .await
        .into_iter()
        .map(|live| {
            let (store, start) = (two.clone(), start.clone());
            tokio::spawn(async move {
                let annulled = live
                    .clone()
                    .annul(account(), "扫错".to_owned(), live.accepted_at)
                    .unwrap();
                start.wait().await;
                let mut tx = store.begin().await.unwrap();
                let done = tx.redemptions().annul(&annulled).await.unwrap();
                tx.commit().await.unwrap();
                usize::from(done)
            })
        })
        .collect();
    let freeze = taken_at(&cashier, sheet, start);
    let mut annulled = 0;
    for annulment in annulments {
        annulled += annulment.await.unwrap();
    }
    assert_eq!(annulled as i64 + freeze.await.unwrap(), MEALS as i64);
    cashier.canteen.balanced(cashier.batch).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_is_held_or_settled(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (cashier, sheet, two) = eaten(kind).await;
    let start = Arc::new(Barrier::new(MEALS + 1));
    let holds: Vec<_> = yesterdays(&cashier)
        .await
        .into_iter()
        .map(|live| {
            let (store, start) = (two.clone(), start.clone());
            tokio::spawn(async move {
                start.wait().await;
                let sql =
                    "UPDATE redemptions SET suspended = TRUE WHERE id = $1 AND state = 'accepted'";
                let backend = store.writer().get_database_backend();
                let hold = Statement::from_sql_and_values(backend, sql, [live.id.uuid().into()]);
                store
                    .writer()
                    .execute_raw(hold)
                    .await
                    .unwrap()
                    .rows_affected()
            })
        })
        .collect();
    let freeze = taken_at(&cashier, sheet, start);
    let mut held = 0;
    for hold in holds {
        held += hold.await.unwrap();
    }
    assert_eq!(held as i64 + freeze.await.unwrap(), MEALS as i64);
    assert_eq!(
        cashier
            .count("SELECT COUNT(*) FROM redemptions WHERE suspended AND state = 'settled'")
            .await,
        0
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_uploaded_during_a_freeze_is_in_this_sheet_or_the_next(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (cashier, sheet, two) = eaten(kind).await;
    let mut late = Vec::new();
    for live in yesterdays(&cashier).await {
        let (_, voucher) = cashier.canteen.holder(cashier.batch).await;
        late.push(Redemption {
            id: new_id(),
            voucher_id: voucher,
            person_id: new_id(),
            ..live
        });
    }
    let start = Arc::new(Barrier::new(MEALS + 1));
    let uploads: Vec<_> = late
        .into_iter()
        .map(|redemption| {
            let (store, start) = (two.clone(), start.clone());
            let code = niangjia_domain::vouchers::codes::code::CodeStep {
                voucher_id: redemption.voucher_id,
                device_no: 0,
                step: 1,
            };
            let face_value = redemption.payment.amount;
            let new = niangjia_domain::vouchers::scans::redemption::NewRedemption {
                redemption,
                code,
                face_value,
            };
            tokio::spawn(async move {
                start.wait().await;
                let mut tx = store.begin().await.unwrap();
                tx.redemptions().accept(&[new]).await.unwrap();
                tx.commit().await.unwrap();
            })
        })
        .collect();
    let (service, maker) = (cashier.settlements.clone(), cashier.maker().clone());
    let freeze = tokio::spawn(async move {
        start.wait().await;
        service.freeze(&maker, sheet.id).await.unwrap();
    });
    for task in uploads.into_iter().chain([freeze]) {
        task.await.unwrap();
    }
    cashier.sleep();
    let (all, first) = (2 * MEALS as i64, in_lines(&cashier).await);
    if first < all {
        cashier.frozen().await;
    }
    assert!(first >= MEALS as i64);
    assert_eq!(in_lines(&cashier).await, all);
    cashier.canteen.balanced(cashier.batch).await;
}

/// Opens twelve sheets that all have one day, half of them at a second process; returns how many
/// were opened.
async fn overlapping_sheets(cashier: &Cashier) -> usize {
    let (one, two) = (cashier.settlements.clone(), cashier.another_process().await);
    let station_id = cashier.canteen.scene.station.id;
    let opens: Vec<_> = (0..12)
        .map(|n| {
            let (service, maker) = (
                if n % 2 == 0 { one.clone() } else { two.clone() },
                cashier.maker().clone(),
            );
            // All of them have the middle day.
            let (from, to) = (
                cashier.today() - TimeDelta::days(n),
                cashier.today() + TimeDelta::days(12 - n),
            );
            let new = niangjia_domain::settlements::NewSettlement {
                station_id,
                from,
                to,
            };
            tokio::spawn(async move { service.open(&maker, new).await })
        })
        .collect();
    let mut opened = 0;
    for open in opens {
        match open.await.unwrap() {
            Ok(_) => opened += 1,
            Err(SettlementError::PeriodTaken) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(
        cashier.count("SELECT COUNT(*) FROM settlements").await,
        opened as i64
    );
    opened
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_overlapping_sheets_one_is_opened(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    assert_eq!(overlapping_sheets(&Cashier::open(kind).await).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_days_key_overlapping_sheets_are_opened() {
    let cashier = Cashier::open(Kind::Postgres).await;
    cashier
        .execute("ALTER TABLE settlement_days DROP CONSTRAINT settlement_days_pkey")
        .await;
    assert!(
        overlapping_sheets(&cashier).await > 1,
        "the control is no control"
    );
}
