//! Mistakes found after the approval.

use niangjia_domain::{
    settlements::SettlementError,
    vouchers::{DecisionInput, VoucherError},
};
use niangjia_tests::{servers::database::Kind, town::SettlingTown};
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn after_approval_a_mistake_is_adjusted_in_the_next_sheet(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let settling = SettlingTown::at_noon(kind).await;
    let (meal, other) = (
        settling.redeemed(1_500).await,
        settling.redeemed(1_000).await,
    );
    settling.next_day();
    let service = &settling.town.services.settlements;
    let early = service
        .adjust(&settling.town.maker, meal, None, "重复收款")
        .await;
    assert!(
        matches!(early, Err(SettlementError::NotApproved)),
        "it is in no sheet"
    );
    let sheet = settling.frozen().await;
    let early = service
        .adjust(&settling.town.maker, meal, None, "重复收款")
        .await;
    assert!(
        matches!(early, Err(SettlementError::NotApproved)),
        "the sheet can still go back"
    );
    settling.approve(sheet.id).await;
    let late = settling
        .town
        .services
        .vouchers
        .scans
        .annul(&settling.town.staff, meal, "扫错了")
        .await;
    assert!(matches!(late, Err(VoucherError::AlreadySettled)));

    let beyond = service
        .adjust(&settling.town.maker, other, Some(501), "少收了")
        .await;
    assert!(
        matches!(beyond, Err(SettlementError::Invalid(_))),
        "more than the voucher is worth"
    );
    let stranger = settling.town.cadre("370812");
    assert!(
        service
            .adjust(&stranger, other, None, "重复收款")
            .await
            .is_err()
    );
    let taken_back = service
        .adjust(&settling.town.maker, meal, None, "=重复收款")
        .await
        .unwrap();
    assert_eq!(taken_back.amount_fen, -1_500);
    let again = service
        .adjust(&settling.town.maker, meal, None, "重复收款")
        .await;
    assert!(matches!(again, Err(SettlementError::AlreadyAdjusted)));
    service
        .adjust(&settling.town.checker, other, Some(500), "餐价录错")
        .await
        .unwrap();
    let tally = settling.town.balanced(settling.batch).await;
    assert_eq!(
        (
            tally.spent_fen,
            tally.redemptions_fen,
            tally.adjustments_fen
        ),
        (1_500, 2_500, -1_000)
    );

    settling.next_day();
    let next = settling.frozen().await;
    let totals = next.sheet().unwrap().totals;
    assert_eq!(
        (totals.redemptions, totals.adjustments, totals.total_fen()),
        (0, 2, -1_000)
    );
    let lines = settling.lines(next.id).await;
    assert!(
        lines
            .iter()
            .any(|line| line.note == "=重复收款" && line.voucher_id.is_some())
    );
    service
        .confirm(&settling.town.staff, next.id, None)
        .await
        .unwrap();
    let own = service
        .decide(&settling.town.checker, next.id, DecisionInput::Approve)
        .await;
    assert!(
        matches!(own, Err(SettlementError::SamePerson)),
        "they made one of its adjustments"
    );
    settling.town.balanced(settling.batch).await;
}
