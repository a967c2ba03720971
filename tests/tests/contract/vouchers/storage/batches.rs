//! Batches: read back, listed, changed.

use niangjia_domain::{
    kernel::{DistrictCode, Fen, Jurisdiction},
    store::Store,
    vouchers::batches::batch::{Batch, BatchState, BatchStatus, Officer},
};
use niangjia_tests::{
    places::DISTRICT,
    rows::{account, person},
    servers::database::Kind,
};
use rstest::rstest;

use super::{FIRST, rows};

#[rstest]
#[tokio::test]
async fn a_batch_reads_back_in_every_state_inside_its_area_only(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let draft = rows.draft(|_| {});
    let officer = Officer {
        account_id: account(),
        person_id: Some(person()),
    };
    let approved_by = account();
    let states = [
        BatchState::Draft {
            returned: Some("请核对预算".to_owned()),
        },
        BatchState::Submitted { by: officer },
        BatchState::Rejected {
            by: approved_by,
            reason: "重复".to_owned(),
        },
        BatchState::Running { approved_by },
        BatchState::Paused { approved_by },
        BatchState::Stopped { approved_by },
        BatchState::Closed { approved_by },
    ];
    let mut tx = rows.store.begin().await.unwrap();
    tx.voucher_batches().add(&draft).await.unwrap();
    let mut before = draft;
    for state in states {
        let after = Batch {
            state,
            ..before.clone()
        };
        assert!(tx.voucher_batches().save(&before, &after).await.unwrap());
        assert_eq!(
            tx.voucher_batches().find_many(&[after.id]).await.unwrap(),
            vec![after.clone()]
        );
        let open = tx.ledger().budgets(&[after.id.into()]).await.unwrap()[0].open;
        assert_eq!(
            open,
            matches!(after.state, BatchState::Running { .. }),
            "the turnstile follows the state"
        );
        before = after;
    }
    let stale = Batch {
        state: BatchState::Running { approved_by },
        ..before.clone()
    };
    assert!(
        !tx.voucher_batches().save(&stale, &before).await.unwrap(),
        "it is not running any more"
    );
    for (area, seen) in [(DISTRICT, true), ("370800", true), ("370812", false)] {
        let area = Jurisdiction::District(DistrictCode::parse(area).unwrap());
        assert_eq!(
            tx.voucher_batches()
                .find_within(before.id, &area)
                .await
                .unwrap()
                .is_some(),
            seen
        );
        let listed = tx
            .voucher_batches()
            .list(&area, None, rows.now, FIRST)
            .await
            .unwrap();
        assert_eq!(listed.items.len(), usize::from(seen));
    }
}

#[rstest]
#[tokio::test]
async fn batches_are_listed_by_their_status_at_the_moment(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (_database, rows) = rows(kind).await;
    let running = rows.running(|_| {}).await;
    let later = running.rules.valid_to;
    let mut tx = rows.store.read().await.unwrap();
    for (status, now, seen) in [
        (BatchStatus::Running, rows.now, true),
        (BatchStatus::Ended, rows.now, false),
        (BatchStatus::Running, later, false),
        (BatchStatus::Ended, later, true),
        (BatchStatus::Paused, rows.now, false),
        (BatchStatus::Draft, rows.now, false),
    ] {
        let page = tx
            .voucher_batches()
            .list(&Jurisdiction::Everywhere, Some(status), now, FIRST)
            .await
            .unwrap();
        assert_eq!(!page.items.is_empty(), seen, "{status:?}");
    }
    assert_eq!(
        tx.voucher_batches()
            .list_open(rows.now, FIRST)
            .await
            .unwrap()
            .items,
        [running]
    );
    assert!(
        tx.voucher_batches()
            .list_open(later, FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[rstest]
#[tokio::test]
async fn a_mended_draft_moves_quota_and_budget(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, rows) = rows(kind).await;
    let draft = rows.draft(|_| {});
    let mut mended = draft.clone();
    (mended.rules.quota, mended.rules.budget) = (7, Fen::new(10_500).unwrap());
    let mut tx = rows.store.begin().await.unwrap();
    tx.voucher_batches().add(&draft).await.unwrap();
    assert!(tx.voucher_batches().save(&draft, &mended).await.unwrap());
    let budget = tx.ledger().budgets(&[draft.id.into()]).await.unwrap()[0];
    assert_eq!(
        (budget.quota, budget.total.get(), budget.open),
        (7, 10_500, false)
    );
}

#[rstest]
#[tokio::test]
async fn the_quota_is_compared_and_set(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (_database, rows) = rows(kind).await;
    let batch = rows.running(|new| new.quota = 10).await;
    for _ in 0..3 {
        rows.issued(&batch, person()).await;
    }
    let mut tx = rows.store.begin().await.unwrap();
    for (current, target, done) in [
        (9, 20, false),
        (10, 2, false),
        (10, 3, true),
        (10, 20, false),
        (3, 20, true),
    ] {
        assert_eq!(
            tx.ledger()
                .set_quota(batch.id.into(), current, target)
                .await
                .unwrap(),
            done,
            "{current}→{target}"
        );
    }
}
