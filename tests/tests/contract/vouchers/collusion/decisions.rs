//! What a decision does to a redemption and its voucher.

use chrono::TimeDelta;
use niangjia_domain::vouchers::{
    VoucherError,
    collusion::{Signal, SuspensionDecision, SuspensionQuery, SuspensionStatus},
    wallet::voucher::VoucherState,
};
use niangjia_tests::{servers::database::Kind, town::ScanExt};
use rstest::rstest;

use super::{FIRST, Held};

#[rstest]
#[tokio::test]
async fn a_released_redemption_is_held_again_only_for_something_new(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let held = Held::new(kind).await;
    assert_eq!(
        held.suspension(Signal::Burst).await,
        0,
        "each signal speaks once"
    );
    held.balanced().await;
    assert_eq!(
        held.decide(&held.town.checker, SuspensionDecision::Lift)
            .await
            .unwrap(),
        SuspensionStatus::Lifted
    );
    assert!(!held.is_held().await);
    held.balanced().await;
    assert_eq!(held.suspension(Signal::Burst).await, 0, "released for this");
    let again = held
        .decide(&held.town.checker, SuspensionDecision::Reject)
        .await;
    assert!(matches!(again, Err(VoucherError::HoldNotOpen)), "{again:?}");
    assert_eq!(
        held.suspension(Signal::SamePair).await,
        1,
        "but not for that"
    );
    assert!(held.is_held().await);
    let open = held
        .collusion
        .suspensions(&held.town.checker, SuspensionQuery::default(), FIRST)
        .await
        .unwrap();
    assert_eq!(
        (
            open.items[0].notices.len(),
            open.items[0].suspension.status()
        ),
        (2, SuspensionStatus::Open)
    );
    held.balanced().await;
}

#[rstest]
#[tokio::test]
async fn a_rejected_redemption_is_never_paid_and_its_voucher_is_void(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(false, true)] remainder_is_released: bool,
) {
    let held = Held::new(kind).await;
    if remainder_is_released {
        held.town.clock.advance(TimeDelta::minutes(16));
        assert_eq!(
            held.town
                .services
                .vouchers
                .wallet
                .expire_unused(100)
                .await
                .unwrap(),
            1
        );
    }
    assert_eq!(
        held.decide(&held.town.checker, SuspensionDecision::Reject)
            .await
            .unwrap(),
        SuspensionStatus::Rejected
    );
    let tally = held.town.balanced(held.batch).await;
    assert_eq!(
        (
            tally.deactivated,
            tally.live_redemptions,
            tally.reserved_fen,
            tally.spent_fen
        ),
        (1, 0, 0, 0)
    );
    held.balanced().await;
    let mine = held
        .town
        .services
        .vouchers
        .wallet
        .my_voucher(&held.holder, held.voucher)
        .await
        .unwrap();
    assert_eq!(mine.state, VoucherState::Deactivated);
    let told = held.town.inbox(&held.holder).await;
    assert!(
        told.iter().any(|(topic, _)| topic == "redemption_rejected"),
        "{told:?}"
    );
    // The meal was never eaten, so another voucher may pay for one.
    let other = held
        .town
        .claim(&held.holder, held.batch)
        .await
        .unwrap()
        .voucher
        .id;
    held.town.redeem(&held.holder, other).await.accepted();
    held.town.clock.advance(TimeDelta::minutes(16));
    held.town
        .services
        .vouchers
        .wallet
        .expire_unused(100)
        .await
        .unwrap();
    held.balanced().await;
}

#[rstest]
#[case::settled("UPDATE redemptions SET state = 'settled', suspended = FALSE")]
#[case::annulled(
    "UPDATE redemptions SET state = 'annulled', annulled_at = accepted_at, annulled_by = staff_id, \
     annulment_reason = 'x'"
)]
#[tokio::test]
async fn what_is_not_accepted_any_more_cannot_be_held(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] meanwhile: &str,
) {
    let held = Held::new(kind).await;
    held.town.execute(meanwhile, []).await;
    assert_eq!(held.suspension(Signal::SamePair).await, 0);
    assert_eq!(
        held.town
            .count("SELECT COUNT(*) FROM suspension_signals")
            .await,
        1
    );
}

#[rstest]
#[tokio::test]
async fn staff_may_still_annul_and_nothing_is_left_to_decide(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let held = Held::new(kind).await;
    held.town
        .services
        .vouchers
        .scans
        .annul(&held.town.staff, held.redemption, "扫错了人")
        .await
        .unwrap();
    let late = held
        .decide(&held.town.checker, SuspensionDecision::Reject)
        .await;
    assert!(matches!(late, Err(VoucherError::HoldNotOpen)), "{late:?}");
    assert_eq!(
        held.listed(SuspensionQuery {
            status: Some(SuspensionStatus::Open),
            ..SuspensionQuery::default()
        })
        .await,
        0
    );
    assert_eq!(
        held.listed(SuspensionQuery {
            status: Some(SuspensionStatus::Moot),
            ..SuspensionQuery::default()
        })
        .await,
        1
    );
    held.balanced().await;
}
