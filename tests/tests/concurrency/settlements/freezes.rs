//! Freezes of overlapping sheets at once: each redemption ends in one of them.

use std::sync::Arc;

use niangjia_domain::{kernel::id::SettlementId, settlements::SettlementError};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::servers::database::Kind;
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement, Value};
use tokio::sync::Barrier;

use super::{MEALS, eaten, in_lines};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_freezes_one_takes_the_lines(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (settling, sheet, _two) = eaten(kind).await;
    let (one, two) = (
        settling.town.services.settlements.clone(),
        settling.town.another_process().await.settlements,
    );
    let freezes: Vec<_> = (0..12)
        .map(|n| {
            let (service, maker) = (
                if n % 2 == 0 { one.clone() } else { two.clone() },
                settling.town.maker.clone(),
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
    assert_eq!((done, in_lines(&settling).await), (1, MEALS as i64));
    settling.town.balanced(settling.batch).await;
}

/// The control: look at what is accepted, then write lines, without the unique index.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn careless_freezes_take_a_redemption_twice(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (settling, one, store) = eaten(kind).await;
    let later = settling
        .sheet(settling.today(), settling.today())
        .await
        .unwrap();
    settling.town.run("DROP INDEX settlement_lines_once").await;
    let looked = Arc::new(Barrier::new(2));
    let freezes = [one.id, later.id]
        .map(|id| tokio::spawn(freeze_carelessly(store.clone(), id, looked.clone())));
    for freeze in freezes {
        freeze.await.unwrap();
    }
    assert_eq!(
        settling
            .town
            .count("SELECT COUNT(*) FROM settlement_lines")
            .await,
        2 * MEALS as i64
    );
    assert!(
        !settling.town.tally(settling.batch).await.is_balanced(),
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
