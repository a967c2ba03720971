//! Who gets a voucher, how many, and what the others are told.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{AccessError, Actor},
    vouchers::{
        VoucherError,
        batches::{
            batch::{BatchStatus, Switch},
            rules::eligibility::Condition,
        },
        scans::refusal::Refusal,
        wallet::voucher::VoucherState,
    },
};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{ScanExt, Town, bearer},
};
use rstest::rstest;

use crate::vouchers::{FIRST, open};

#[rstest]
#[tokio::test]
async fn a_claim_is_answered_once_and_counted_per_person(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, batch) = open(kind).await;
    let worker = town.worker().await;
    let request = once(&worker);
    let first = town
        .services
        .vouchers
        .claims
        .claim(bearer(&worker), request.clone(), batch)
        .await
        .unwrap();
    let again = town
        .services
        .vouchers
        .claims
        .claim(bearer(&worker), request.clone(), batch)
        .await
        .unwrap();
    assert_eq!(
        (first.value.voucher.id, again.replayed),
        (again.value.voucher.id, true)
    );
    assert_eq!(first.value.stations[0].id, town.station.id);

    // The same person behind another account.
    let other_account = town.same_person(&worker).await;
    town.claim(&other_account, batch).await.unwrap();
    for actor in [&worker, &other_account] {
        assert!(matches!(
            town.claim(actor, batch).await,
            Err(VoucherError::PersonLimitReached)
        ));
    }
    assert_eq!(town.balanced(batch).await.issued, 2);
    let mine = town
        .services
        .vouchers
        .wallet
        .my_vouchers(&worker, Some(VoucherState::Issued), FIRST)
        .await
        .unwrap();
    assert_eq!(mine.items.len(), 2);
    let stranger = town.worker().await;
    let theirs = town
        .services
        .vouchers
        .wallet
        .my_voucher(&stranger, first.value.voucher.id)
        .await;
    assert!(matches!(
        theirs,
        Err(VoucherError::Access(AccessError::NotFound))
    ));
    assert_eq!(town.inbox(&worker).await[0].0, "voucher_issued");
}

#[rstest]
#[tokio::test]
async fn whoever_cannot_claim_is_told_what_is_missing(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = Town::at_noon(kind).await;
    let mut new = town.new_batch();
    (new.quota, new.per_person_limit, new.occupations) = (1, 1, vec!["courier".to_owned()]);
    let batch = town.running(new).await;
    let missing = async |actor: &Actor| {
        let offers = town
            .services
            .vouchers
            .claims
            .offers(actor, FIRST)
            .await
            .unwrap();
        offers
            .items
            .into_iter()
            .find(|offer| offer.batch.id == batch)
            .unwrap()
            .missing
    };
    let stranger = town.donor().await;
    assert_eq!(missing(&stranger).await, [Condition::Membership]);
    let refused = town.claim(&stranger, batch).await;
    assert!(
        matches!(refused, Err(VoucherError::StandingInsufficient(missing)) if missing == [Condition::Membership])
    );
    let (worker, other) = (town.worker().await, town.worker().await);
    assert!(missing(&worker).await.is_empty());
    town.claim(&worker, batch).await.unwrap();
    assert_eq!(
        missing(&worker).await,
        [Condition::PersonLimit, Condition::Quota]
    );
    assert_eq!(missing(&other).await, [Condition::Quota]);
    assert!(matches!(
        town.claim(&other, batch).await,
        Err(VoucherError::BatchExhausted)
    ));
}

#[rstest]
#[tokio::test]
async fn nothing_is_claimed_from_a_batch_that_does_not_run(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let (town, batch) = open(kind).await;
    let worker = town.worker().await;
    let draft = town
        .services
        .vouchers
        .batches
        .draft(&town.maker, town.new_batch())
        .await
        .unwrap()
        .batch
        .id;
    let hidden = town.claim(&worker, draft).await;
    assert!(
        matches!(hidden, Err(VoucherError::Access(AccessError::NotFound))),
        "drafts are nobody's business"
    );
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert!(matches!(
        town.claim(&worker, batch).await,
        Err(VoucherError::BatchNotRunning)
    ));
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Resume)
        .await
        .unwrap();
    let (holder, voucher) = town.holder(batch).await;
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Pause)
        .await
        .unwrap();
    assert_eq!(
        town.redeem(&holder, voucher).await.refused(),
        Refusal::BatchPaused
    );
    town.services
        .vouchers
        .batches
        .switch(&town.maker, batch, Switch::Stop)
        .await
        .unwrap();
    assert!(matches!(
        town.claim(&worker, batch).await,
        Err(VoucherError::BatchNotRunning)
    ));
    town.redeem(&holder, voucher).await.accepted();
    assert!(
        town.services
            .vouchers
            .claims
            .offers(&worker, FIRST)
            .await
            .unwrap()
            .items
            .is_empty()
    );
    town.clock.advance(TimeDelta::days(40));
    assert_eq!(
        town.services
            .vouchers
            .batches
            .batch(&town.maker, batch)
            .await
            .unwrap()
            .status,
        BatchStatus::Stopped
    );
}
