//! A freeze against what else may happen to a redemption.

use std::sync::Arc;

use niangjia_domain::{
    kernel::Clock, settlements::Settlement, store::Store, vouchers::scans::redemption::Redemption,
};
use niangjia_tests::{
    rows::{account, new_id},
    servers::database::Kind,
    town::SettlingTown,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use tokio::{sync::Barrier, task::JoinHandle};

use super::{MEALS, eaten, in_lines, yesterdays};

/// Takes the lines once everybody is at the start; how many redemptions they are.
fn taken_at(settling: &SettlingTown, sheet: Settlement, start: Arc<Barrier>) -> JoinHandle<i64> {
    let (store, now) = (settling.town.store.clone(), settling.town.clock.now());
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
async fn a_redemption_is_annulled_or_settled(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (settling, sheet, two) = eaten(kind).await;
    let start = Arc::new(Barrier::new(MEALS + 1));
    let annulments: Vec<_> = yesterdays(&settling)
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
    let freeze = taken_at(&settling, sheet, start);
    let mut annulled = 0;
    for annulment in annulments {
        annulled += annulment.await.unwrap();
    }
    assert_eq!(annulled as i64 + freeze.await.unwrap(), MEALS as i64);
    settling.town.balanced(settling.batch).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_redemption_is_held_or_settled(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (settling, sheet, two) = eaten(kind).await;
    let start = Arc::new(Barrier::new(MEALS + 1));
    let holds: Vec<_> = yesterdays(&settling)
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
    let freeze = taken_at(&settling, sheet, start);
    let mut held = 0;
    for hold in holds {
        held += hold.await.unwrap();
    }
    assert_eq!(held as i64 + freeze.await.unwrap(), MEALS as i64);
    assert_eq!(
        settling
            .town
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
    let (settling, sheet, two) = eaten(kind).await;
    let mut late = Vec::new();
    for live in yesterdays(&settling).await {
        let (_, voucher) = settling.town.holder(settling.batch).await;
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
    let (service, maker) = (
        settling.town.services.settlements.clone(),
        settling.town.maker.clone(),
    );
    let freeze = tokio::spawn(async move {
        start.wait().await;
        service.freeze(&maker, sheet.id).await.unwrap();
    });
    for task in uploads.into_iter().chain([freeze]) {
        task.await.unwrap();
    }
    settling.next_day();
    let (all, first) = (2 * MEALS as i64, in_lines(&settling).await);
    if first < all {
        settling.frozen().await;
    }
    assert!(first >= MEALS as i64);
    assert_eq!(in_lines(&settling).await, all);
    settling.town.balanced(settling.batch).await;
}
