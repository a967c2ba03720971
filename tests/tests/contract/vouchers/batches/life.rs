//! A batch by maker and checker, and what may change later.

use niangjia_domain::{
    kernel::AccessError,
    vouchers::{
        DecisionInput, VoucherError,
        batches::{batch::BatchStatus, rules::NewBatch},
    },
};
use niangjia_tests::{rows::new_id, servers::database::Kind, town::Town};
use rstest::rstest;

use crate::vouchers::open;

#[rstest]
#[tokio::test]
async fn a_batch_needs_two_people(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let vouchers = &town.services.vouchers;
    let draft = vouchers
        .batches
        .draft(&town.maker, town.new_batch())
        .await
        .unwrap();
    assert_eq!(draft.status, BatchStatus::Draft);
    let id = draft.batch.id;
    let early = vouchers
        .batches
        .decide(&town.checker, id, DecisionInput::Approve)
        .await;
    assert!(matches!(
        early,
        Err(VoucherError::BatchState(BatchStatus::Draft))
    ));
    vouchers.batches.submit(&town.maker, id).await.unwrap();
    let own = vouchers
        .batches
        .decide(&town.maker, id, DecisionInput::Approve)
        .await;
    assert!(matches!(own, Err(VoucherError::SamePerson)));
    let speechless = vouchers
        .batches
        .decide(&town.checker, id, DecisionInput::Return { reason: None })
        .await;
    assert!(matches!(speechless, Err(VoucherError::Invalid(_))));
    let back = DecisionInput::Return {
        reason: Some("请核对预算".to_owned()),
    };
    assert_eq!(
        vouchers
            .batches
            .decide(&town.checker, id, back)
            .await
            .unwrap()
            .status,
        BatchStatus::Draft
    );
    let mended = NewBatch {
        quota: 40,
        ..town.new_batch()
    };
    assert_eq!(
        vouchers
            .batches
            .redraft(&town.maker, id, mended)
            .await
            .unwrap()
            .budget
            .quota,
        40
    );
    vouchers.batches.submit(&town.maker, id).await.unwrap();
    let running = vouchers
        .batches
        .decide(&town.checker, id, DecisionInput::Approve)
        .await
        .unwrap();
    assert_eq!(
        (running.status, running.budget.open),
        (BatchStatus::Running, true)
    );
    let notices = town.inbox(&town.maker).await;
    assert_eq!(notices.len(), 2, "returned, approved: {notices:?}");

    let stranger = town.cadre("370812");
    assert!(matches!(
        vouchers.batches.batch(&stranger, id).await,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert!(matches!(
        vouchers.batches.submit(&stranger, id).await,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    let trespass = vouchers.batches.draft(&stranger, town.new_batch()).await;
    assert!(matches!(
        trespass,
        Err(VoucherError::Access(AccessError::Forbidden))
    ));
}

#[rstest]
#[tokio::test]
async fn drafts_are_refused_for_unknown_stations(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let mut new = town.new_batch();
    new.station_ids = vec![new_id()];
    let Err(VoucherError::Invalid(invalid)) =
        town.services.vouchers.batches.draft(&town.maker, new).await
    else {
        panic!("the station does not exist")
    };
    assert_eq!(invalid.errors[0].field, "stationIds[0]");
}

#[rstest]
#[tokio::test]
async fn the_quota_changes_only_from_what_is_in_force(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, batch) = open(kind).await;
    town.holder(batch).await;
    town.holder(batch).await;
    let change = async |current, target| {
        town.services
            .vouchers
            .batches
            .change_quota(&town.maker, batch, current, target)
            .await
    };
    assert!(matches!(
        change(90, 200).await,
        Err(VoucherError::QuotaChanged { in_force: 100 })
    ));
    assert!(matches!(
        change(100, 1).await,
        Err(VoucherError::QuotaBelowIssued { issued: 2 })
    ));
    assert!(matches!(
        change(100, 0).await,
        Err(VoucherError::Invalid(_))
    ));
    assert_eq!(change(100, 2).await.unwrap().budget.quota, 2);
    let worker = town.worker().await;
    assert!(matches!(
        town.claim(&worker, batch).await,
        Err(VoucherError::BatchExhausted)
    ));
}
