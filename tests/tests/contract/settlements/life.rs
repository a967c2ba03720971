//! From the first line to the payment, and back.

use niangjia_domain::{
    kernel::id::SettlementId,
    settlements::{Settlement, SettlementError, SettlementStatus, sheets::stage::Stage},
    store::Store,
    vouchers::{DecisionInput, scans::redemption::RedemptionState},
};
use niangjia_tests::{servers::database::Kind, town::SettlingTown};
use rstest::rstest;

use super::{hash_of, subjects};

#[rstest]
#[tokio::test]
async fn a_sheet_pays_what_was_eaten_and_nothing_else(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let settling = SettlingTown::at_noon(kind).await;
    let town = &settling.town;
    let (full, cheap) = (settling.redeemed(1_500).await, settling.redeemed(900).await);
    let (mistake, suspicious) = (
        settling.redeemed(1_500).await,
        settling.redeemed(1_500).await,
    );
    town.services
        .vouchers
        .scans
        .annul(&settling.town.staff, mistake, "扫错了")
        .await
        .unwrap();
    settling
        .town
        .run(
            "UPDATE redemptions SET suspended = TRUE WHERE state = 'accepted' AND price_fen = 1500",
        )
        .await;
    let free = "UPDATE redemptions SET suspended = FALSE WHERE id = $1";
    town.execute(free, [full.uuid().into()]).await;
    let day = settling.today();
    settling.next_day();
    let tomorrow = settling.redeemed(1_500).await;

    let sheet = settling.frozen().await;
    let totals = sheet.sheet().unwrap().totals;
    assert_eq!(
        (
            totals.redemptions,
            totals.redemptions_fen,
            totals.adjustments
        ),
        (2, 2_400, 0)
    );
    let lines = settling.lines(sheet.id).await;
    assert_eq!(subjects(&lines), [full.to_string(), cheap.to_string()]);
    assert!(
        lines
            .iter()
            .zip(1..)
            .all(|(line, no)| line.no == no && line.day == day && !line.is_late)
    );
    assert_eq!(sheet.sheet().unwrap().hash, hash_of(&lines));
    town.balanced(settling.batch).await;

    // What was held and what is eaten later go into the next sheet, the former as late.
    town.execute(free, [suspicious.uuid().into()]).await;
    settling.next_day();
    let next = settling.frozen().await;
    let lines = settling.lines(next.id).await;
    assert_eq!(
        subjects(&lines),
        [suspicious.to_string(), tomorrow.to_string()]
    );
    assert_eq!(
        lines.iter().map(|line| line.is_late).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(next.sheet().unwrap().totals.late, 1);
    let tally = town.balanced(settling.batch).await;
    assert_eq!((tally.settled_fen, tally.spent_fen), (5_400, 5_400));
}

#[rstest]
#[tokio::test]
async fn it_takes_merchant_and_checker_and_everybody_hears(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let settling = SettlingTown::at_noon(kind).await;
    settling.redeemed(1_500).await;
    settling.next_day();
    let sheet = settling.frozen().await;
    let service = &settling.town.services.settlements;
    let other = service
        .confirm(&settling.town.staff, sheet.id, Some("another"))
        .await;
    assert!(matches!(other, Err(SettlementError::OtherSheet)));
    let hash = sheet.sheet().unwrap().hash.clone();
    service
        .confirm(&settling.town.staff, sheet.id, Some(&hash))
        .await
        .unwrap();
    let own = service
        .decide(&settling.town.maker, sheet.id, DecisionInput::Approve)
        .await;
    assert!(matches!(own, Err(SettlementError::SamePerson)));
    service
        .decide(&settling.town.checker, sheet.id, DecisionInput::Approve)
        .await
        .unwrap();
    let paid = service
        .pay(&settling.town.maker, sheet.id, "2026-0001")
        .await
        .unwrap();
    let Stage::Paid { payment, .. } = &paid.stage else {
        panic!("{paid:?}")
    };
    assert_eq!(payment.reference, "2026-0001");
    let closed = service.close(&settling.town.maker, sheet.id).await.unwrap();
    assert_eq!(
        service
            .settlement(&settling.town.maker, sheet.id)
            .await
            .unwrap(),
        closed,
        "it reads back as it was told"
    );
    for step in [
        service.freeze(&settling.town.maker, sheet.id).await,
        service.close(&settling.town.maker, sheet.id).await,
    ] {
        assert!(matches!(
            step,
            Err(SettlementError::State(SettlementStatus::Closed))
        ));
    }
    let heard = settling.town.inbox(&settling.town.maker).await;
    let heard = heard
        .iter()
        .filter(|(topic, _)| topic == "settlement_confirmed" || topic == "settlement_approved")
        .count();
    assert_eq!(
        heard, 2,
        "of confirmation and approval; not of what they did themselves"
    );
    let deeds = settling
        .town
        .count("SELECT COUNT(*) FROM audit_entries WHERE action LIKE 'settlement.%'")
        .await;
    assert_eq!(deeds, 6);
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Back {
    Dispute,
    Return,
    Reject,
    Cancel,
}

async fn go_back(settling: &SettlingTown, id: SettlementId, back: Back) -> Settlement {
    let service = &settling.town.services.settlements;
    let reason = Some("请核对".to_owned());
    if matches!(back, Back::Return | Back::Reject) {
        service
            .confirm(&settling.town.staff, id, None)
            .await
            .unwrap();
    }
    let after = match back {
        Back::Dispute => service.dispute(&settling.town.staff, id, "少了一笔").await,
        Back::Return => {
            service
                .decide(&settling.town.checker, id, DecisionInput::Return { reason })
                .await
        }
        Back::Reject => {
            service
                .decide(&settling.town.checker, id, DecisionInput::Reject { reason })
                .await
        }
        Back::Cancel => service.cancel(&settling.town.maker, id, "日期有误").await,
    };
    after.unwrap()
}

#[rstest]
#[tokio::test]
async fn lines_of_a_sheet_that_goes_back_are_free_at_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(Back::Dispute, Back::Return, Back::Reject, Back::Cancel)] back: Back,
) {
    let settling = SettlingTown::at_noon(kind).await;
    let meal = settling.redeemed(1_500).await;
    let day = settling.today();
    settling.next_day();
    let first = settling.frozen().await;
    let after = go_back(&settling, first.id, back).await;
    assert!(after.objection().is_some() && after.sheet().is_none());
    assert!(settling.lines(first.id).await.is_empty());
    let station = settling.town.station.id;
    let mut tx = settling.town.store.read().await.unwrap();
    let redemption = tx
        .redemptions()
        .find_at(meal, &[station])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(redemption.state, RedemptionState::Accepted);
    settling.town.balanced(settling.batch).await;

    let is_void = after.status().is_void();
    let again = match settling.sheet(day, day).await {
        Ok(another) => another,
        Err(SettlementError::PeriodTaken) => after,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(
        again.id != first.id,
        is_void,
        "only a void sheet gives its days back"
    );
    let again = settling
        .town
        .services
        .settlements
        .freeze(&settling.town.maker, again.id)
        .await
        .unwrap();
    assert_eq!(
        again.sheet().unwrap().hash,
        first.sheet().unwrap().hash,
        "the same lines"
    );
}
