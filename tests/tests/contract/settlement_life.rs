//! A sheet from opening to closure, and the ways back.

use chrono::{Days, TimeDelta};
use niangjia_domain::{
    kernel::{
        Actor, Clock, PageRequest,
        id::{DisputedScanId, SettlementId},
    },
    settlements::{
        NewSettlement, Settlement, SettlementError, SettlementStatus,
        export::table::LinesHash,
        ports::SettlementFilter,
        sheets::{
            line::{Line, Subject},
            settlement::Stage,
        },
    },
    store::Store,
    vouchers::{
        DecisionInput, VoucherError,
        offline::{devices::device::StationDevice, ports::Enrolment},
        scans::redemption::RedemptionState,
    },
};
use niangjia_tests::{canteen::new_id, cashier::Cashier, database::Kind, wish_scene::DISTRICT};
use rstest::rstest;

const FIRST: PageRequest = PageRequest {
    limit: 2,
    after: None,
};

fn hash_of(lines: &[Line]) -> String {
    let mut hash = LinesHash::default();
    lines.iter().for_each(|line| hash.add(line));
    hash.finish()
}

fn subjects(lines: &[Line]) -> Vec<String> {
    let name = |line: &Line| match line.subject {
        Subject::Redemption(id) => id.to_string(),
        Subject::Adjustment(id) => id.to_string(),
    };
    lines.iter().map(name).collect()
}

#[rstest]
#[tokio::test]
async fn a_sheet_pays_what_was_eaten_and_nothing_else(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let cashier = Cashier::open(kind).await;
    let canteen = &cashier.canteen;
    let (full, cheap) = (cashier.eaten(1_500).await, cashier.eaten(900).await);
    let (mistake, suspicious) = (cashier.eaten(1_500).await, cashier.eaten(1_500).await);
    canteen
        .vouchers
        .scans
        .annul(cashier.staff(), mistake, "扫错了")
        .await
        .unwrap();
    cashier
        .execute(
            "UPDATE redemptions SET suspended = TRUE WHERE state = 'accepted' AND price_fen = 1500",
        )
        .await;
    let free = "UPDATE redemptions SET suspended = FALSE WHERE id = $1";
    canteen.scene.execute(free, [full.uuid().into()]).await;
    let day = cashier.today();
    cashier.sleep();
    let tomorrow = cashier.eaten(1_500).await;

    let sheet = cashier.frozen().await;
    let totals = sheet.sheet().unwrap().totals;
    assert_eq!(
        (
            totals.redemptions,
            totals.redemptions_fen,
            totals.adjustments
        ),
        (2, 2_400, 0)
    );
    let lines = cashier.lines(sheet.id).await;
    assert_eq!(subjects(&lines), [full.to_string(), cheap.to_string()]);
    assert!(
        lines
            .iter()
            .zip(1..)
            .all(|(line, no)| line.no == no && line.day == day && !line.is_late)
    );
    assert_eq!(sheet.sheet().unwrap().hash, hash_of(&lines));
    canteen.balanced(cashier.batch).await;

    // What was held and what is eaten later go into the next sheet, the former as late.
    canteen
        .scene
        .execute(free, [suspicious.uuid().into()])
        .await;
    cashier.sleep();
    let next = cashier.frozen().await;
    let lines = cashier.lines(next.id).await;
    assert_eq!(
        subjects(&lines),
        [suspicious.to_string(), tomorrow.to_string()]
    );
    assert_eq!(
        lines.iter().map(|line| line.is_late).collect::<Vec<_>>(),
        [true, false]
    );
    assert_eq!(next.sheet().unwrap().totals.late, 1);
    let tally = canteen.balanced(cashier.batch).await;
    assert_eq!((tally.settled_fen, tally.spent_fen), (5_400, 5_400));
}

#[rstest]
#[tokio::test]
async fn it_takes_merchant_and_checker_and_everybody_hears(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let cashier = Cashier::open(kind).await;
    cashier.eaten(1_500).await;
    cashier.sleep();
    let sheet = cashier.frozen().await;
    let service = &cashier.settlements;
    let other = service
        .confirm(cashier.staff(), sheet.id, Some("another"))
        .await;
    assert!(matches!(other, Err(SettlementError::OtherSheet)));
    let hash = sheet.sheet().unwrap().hash.clone();
    service
        .confirm(cashier.staff(), sheet.id, Some(&hash))
        .await
        .unwrap();
    let own = service
        .decide(cashier.maker(), sheet.id, DecisionInput::Approve)
        .await;
    assert!(matches!(own, Err(SettlementError::SamePerson)));
    service
        .decide(cashier.checker(), sheet.id, DecisionInput::Approve)
        .await
        .unwrap();
    let paid = service
        .pay(cashier.maker(), sheet.id, "2026-0001")
        .await
        .unwrap();
    let Stage::Paid { payment, .. } = &paid.stage else {
        panic!("{paid:?}")
    };
    assert_eq!(payment.reference, "2026-0001");
    let closed = service.close(cashier.maker(), sheet.id).await.unwrap();
    assert_eq!(
        service.settlement(cashier.maker(), sheet.id).await.unwrap(),
        closed,
        "it reads back as it was told"
    );
    for step in [
        service.freeze(cashier.maker(), sheet.id).await,
        service.close(cashier.maker(), sheet.id).await,
    ] {
        assert!(matches!(
            step,
            Err(SettlementError::State(SettlementStatus::Closed))
        ));
    }
    let heard = cashier.canteen.scene.inbox(cashier.maker()).await;
    let heard = heard
        .iter()
        .filter(|(topic, _)| topic == "settlement_confirmed" || topic == "settlement_approved")
        .count();
    assert_eq!(
        heard, 2,
        "of confirmation and approval; not of what they did themselves"
    );
    let deeds = cashier
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

async fn go_back(cashier: &Cashier, id: SettlementId, back: Back) -> Settlement {
    let service = &cashier.settlements;
    let reason = Some("请核对".to_owned());
    if matches!(back, Back::Return | Back::Reject) {
        service.confirm(cashier.staff(), id, None).await.unwrap();
    }
    let after = match back {
        Back::Dispute => service.dispute(cashier.staff(), id, "少了一笔").await,
        Back::Return => {
            service
                .decide(cashier.checker(), id, DecisionInput::Return { reason })
                .await
        }
        Back::Reject => {
            service
                .decide(cashier.checker(), id, DecisionInput::Reject { reason })
                .await
        }
        Back::Cancel => service.cancel(cashier.maker(), id, "日期有误").await,
    };
    after.unwrap()
}

#[rstest]
#[tokio::test]
async fn lines_of_a_sheet_that_goes_back_are_free_at_once(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(Back::Dispute, Back::Return, Back::Reject, Back::Cancel)] back: Back,
) {
    let cashier = Cashier::open(kind).await;
    let meal = cashier.eaten(1_500).await;
    let day = cashier.today();
    cashier.sleep();
    let first = cashier.frozen().await;
    let after = go_back(&cashier, first.id, back).await;
    assert!(after.objection().is_some() && after.sheet().is_none());
    assert!(cashier.lines(first.id).await.is_empty());
    let station = cashier.canteen.scene.station.id;
    let mut tx = cashier.canteen.scene.store.read().await.unwrap();
    let redemption = tx
        .redemptions()
        .find_at(meal, &[station])
        .await
        .unwrap()
        .unwrap();
    assert_eq!(redemption.state, RedemptionState::Accepted);
    cashier.canteen.balanced(cashier.batch).await;

    let is_void = after.status().is_void();
    let again = match cashier.sheet(day, day).await {
        Ok(another) => another,
        Err(SettlementError::PeriodTaken) => after,
        Err(error) => panic!("{error}"),
    };
    assert_eq!(
        again.id != first.id,
        is_void,
        "only a void sheet gives its days back"
    );
    let again = cashier
        .settlements
        .freeze(cashier.maker(), again.id)
        .await
        .unwrap();
    assert_eq!(
        again.sheet().unwrap().hash,
        first.sheet().unwrap().hash,
        "the same lines"
    );
}

#[rstest]
#[tokio::test]
async fn a_day_of_a_station_lies_in_one_sheet(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let cashier = Cashier::open(kind).await;
    let day = |n| cashier.today() - Days::new(n);
    cashier.sheet(day(20), day(11)).await.unwrap();
    for (from, to) in [(20, 11), (25, 20), (11, 11), (15, 15), (30, 1)] {
        assert!(
            matches!(
                cashier.sheet(day(from), day(to)).await,
                Err(SettlementError::PeriodTaken)
            ),
            "{from}–{to}"
        );
    }
    cashier.sheet(day(10), day(10)).await.unwrap();
    cashier.sheet(day(25), day(21)).await.unwrap();
    assert!(matches!(
        cashier.sheet(day(1), day(2)).await,
        Err(SettlementError::Invalid(_))
    ));
    assert_eq!(
        cashier.count("SELECT COUNT(*) FROM settlements").await,
        3,
        "a refusal leaves nothing"
    );
}

#[rstest]
#[tokio::test]
async fn freezing_waits_for_everything_that_may_still_change(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let cashier = Cashier::open(kind).await;
    let clock = &cashier.canteen.scene.clock;
    let today = cashier.today();
    let sheet = cashier.sheet(today, today).await.unwrap();
    let freeze = || cashier.settlements.freeze(cashier.maker(), sheet.id);
    clock.advance(TimeDelta::hours(12) - TimeDelta::minutes(5));
    cashier.eaten(1_500).await;
    assert!(matches!(
        freeze().await,
        Err(SettlementError::PeriodNotOver { .. })
    ));
    clock.set(sheet.period.end());
    let Err(SettlementError::AnnulmentOpen { until }) = freeze().await else {
        panic!("it can be annulled")
    };
    clock.set(until);
    assert!(
        matches!(freeze().await, Err(SettlementError::AnnulmentOpen { .. })),
        "to the last second"
    );
    clock.set(until + TimeDelta::seconds(1));
    let other = cashier
        .sheet(today - Days::new(1), today - Days::new(1))
        .await
        .unwrap();
    let empty = cashier.settlements.freeze(cashier.maker(), other.id).await;
    assert!(matches!(empty, Err(SettlementError::NothingToSettle)));
    freeze().await.unwrap();
}

#[rstest]
#[tokio::test]
async fn freezing_waits_for_offline_scans(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let cashier = Cashier::open(kind).await;
    cashier.eaten(1_500).await;
    let (day, scene) = (cashier.today(), &cashier.canteen.scene);
    let (staff, now) = (cashier.staff().account_id, scene.clock.now());
    let device = StationDevice::enrol(
        new_id(),
        scene.station.id,
        "scanner-9".to_owned(),
        staff,
        now,
    );
    let mut tx = scene.store.begin().await.unwrap();
    assert_eq!(
        tx.station_devices().enrol(&device, 50).await.unwrap(),
        Enrolment::Enrolled
    );
    tx.commit().await.unwrap();
    let owe = "UPDATE station_devices SET packed_through = $1, unsynced_from = $1 WHERE device_id = 'scanner-9'";
    scene.execute(owe, [day.to_string().into()]).await;
    cashier.sleep();
    let sheet = cashier.sheet(day, day).await.unwrap();
    let Err(SettlementError::Unsynced(owing)) =
        cashier.settlements.freeze(cashier.maker(), sheet.id).await
    else {
        panic!("it may hold scans")
    };
    assert_eq!(
        owing
            .iter()
            .map(|device| device.device_id.as_str())
            .collect::<Vec<_>>(),
        ["scanner-9"]
    );
    let mut tx = scene.store.begin().await.unwrap();
    assert!(tx.station_devices().write_off(device.id).await.unwrap());
    tx.commit().await.unwrap();
    let dispute = "INSERT INTO disputed_scans (id, device, station_id, scan_id, staff_id, reason, code, scanned_at, \
        day, uploaded_at, due_at, status) SELECT $1, id, station_id, 'scan-1', $1, 'already_redeemed', '', $2, $3, $2, $2, \
        'open' FROM station_devices WHERE device_id = 'scanner-9'";
    let scan: DisputedScanId = new_id();
    scene
        .execute(
            dispute,
            [scan.uuid().into(), now.into(), day.to_string().into()],
        )
        .await;
    let Err(SettlementError::Disputed(scans)) =
        cashier.settlements.freeze(cashier.maker(), sheet.id).await
    else {
        panic!("somebody has to decide")
    };
    assert_eq!(scans, [scan]);
    cashier
        .execute("UPDATE disputed_scans SET day = '2999-01-01'")
        .await;
    cashier
        .settlements
        .freeze(cashier.maker(), sheet.id)
        .await
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn after_approval_a_mistake_is_adjusted_in_the_next_sheet(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let cashier = Cashier::open(kind).await;
    let (meal, other) = (cashier.eaten(1_500).await, cashier.eaten(1_000).await);
    cashier.sleep();
    let service = &cashier.settlements;
    let early = service
        .adjust(cashier.maker(), meal, None, "重复收款")
        .await;
    assert!(
        matches!(early, Err(SettlementError::NotApproved)),
        "it is in no sheet"
    );
    let sheet = cashier.frozen().await;
    let early = service
        .adjust(cashier.maker(), meal, None, "重复收款")
        .await;
    assert!(
        matches!(early, Err(SettlementError::NotApproved)),
        "the sheet can still go back"
    );
    cashier.approve(sheet.id).await;
    let late = cashier
        .canteen
        .vouchers
        .scans
        .annul(cashier.staff(), meal, "扫错了")
        .await;
    assert!(matches!(late, Err(VoucherError::AlreadySettled)));

    let beyond = service
        .adjust(cashier.maker(), other, Some(501), "少收了")
        .await;
    assert!(
        matches!(beyond, Err(SettlementError::Invalid(_))),
        "more than the voucher is worth"
    );
    let stranger = cashier.canteen.scene.cadre("370812");
    assert!(
        service
            .adjust(&stranger, other, None, "重复收款")
            .await
            .is_err()
    );
    let taken_back = service
        .adjust(cashier.maker(), meal, None, "=重复收款")
        .await
        .unwrap();
    assert_eq!(taken_back.amount_fen, -1_500);
    let again = service
        .adjust(cashier.maker(), meal, None, "重复收款")
        .await;
    assert!(matches!(again, Err(SettlementError::AlreadyAdjusted)));
    service
        .adjust(cashier.checker(), other, Some(500), "餐价录错")
        .await
        .unwrap();
    let tally = cashier.canteen.balanced(cashier.batch).await;
    assert_eq!(
        (
            tally.spent_fen,
            tally.redemptions_fen,
            tally.adjustments_fen
        ),
        (1_500, 2_500, -1_000)
    );

    cashier.sleep();
    let next = cashier.frozen().await;
    let totals = next.sheet().unwrap().totals;
    assert_eq!(
        (totals.redemptions, totals.adjustments, totals.total_fen()),
        (0, 2, -1_000)
    );
    let lines = cashier.lines(next.id).await;
    assert!(
        lines
            .iter()
            .any(|line| line.note == "=重复收款" && line.voucher_id.is_some())
    );
    service
        .confirm(cashier.staff(), next.id, None)
        .await
        .unwrap();
    let own = service
        .decide(cashier.checker(), next.id, DecisionInput::Approve)
        .await;
    assert!(
        matches!(own, Err(SettlementError::SamePerson)),
        "they made one of its adjustments"
    );
    cashier.canteen.balanced(cashier.batch).await;
}

#[rstest]
#[tokio::test]
async fn nothing_is_frozen_over_what_was_not_spent(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let cashier = Cashier::open(kind).await;
    cashier.eaten(1_500).await;
    let day = cashier.today();
    cashier.sleep();
    let sheet = cashier.sheet(day, day).await.unwrap();
    // What only a defect could do.
    cashier
        .execute("UPDATE ledger_budgets SET spent_fen = spent_fen - 1")
        .await;
    let refused = cashier.settlements.freeze(cashier.maker(), sheet.id).await;
    assert!(matches!(refused, Err(SettlementError::Overspent)));
    assert_eq!(
        cashier.count("SELECT COUNT(*) FROM settlement_lines").await,
        0,
        "nothing was kept"
    );
    cashier
        .execute("UPDATE ledger_budgets SET spent_fen = spent_fen + 1")
        .await;
    cashier
        .settlements
        .freeze(cashier.maker(), sheet.id)
        .await
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn a_sheet_that_changed_meanwhile_is_not_written(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let cashier = Cashier::open(kind).await;
    cashier.eaten(1_500).await;
    let day = cashier.today();
    cashier.sleep();
    let stale = cashier.sheet(day, day).await.unwrap();
    let frozen = cashier
        .settlements
        .freeze(cashier.maker(), stale.id)
        .await
        .unwrap();
    let mut tx = cashier.canteen.scene.store.begin().await.unwrap();
    assert!(!tx.settlements().hold_still(&stale).await.unwrap());
    assert!(!tx.settlements().save(&stale).await.unwrap());
    assert!(tx.settlements().hold_still(&frozen).await.unwrap());
    assert!(tx.settlements().save(&frozen).await.unwrap());
    assert!(
        !tx.settlements().save(&frozen).await.unwrap(),
        "once per revision"
    );
}

async fn sees(cashier: &Cashier, actor: &Actor, id: SettlementId) -> bool {
    let found = cashier.settlements.settlement(actor, id).await.is_ok();
    assert_eq!(
        cashier.settlements.lines(actor, id, FIRST).await.is_ok(),
        found
    );
    assert_eq!(cashier.settlements.csv(actor, id).await.is_ok(), found);
    assert_eq!(cashier.settlements.workbook(actor, id).await.is_ok(), found);
    found
}

#[rstest]
#[tokio::test]
async fn sheets_are_seen_by_their_district_and_their_station(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let cashier = Cashier::open(kind).await;
    cashier.eaten(1_500).await;
    cashier.eaten(1_500).await;
    cashier.eaten(1_500).await;
    cashier.sleep();
    let sheet = cashier.frozen().await;
    let scene = &cashier.canteen.scene;
    let (elsewhere, above) = (scene.cadre("370812"), scene.cadre("370800"));
    let worker = scene.worker().await;
    for (actor, allowed) in [
        (cashier.staff(), true),
        (cashier.checker(), true),
        (&above, true),
        (&elsewhere, false),
        (&worker, false),
    ] {
        assert_eq!(
            sees(&cashier, actor, sheet.id).await,
            allowed,
            "{:?}",
            actor.grants
        );
    }
    let listed = |filter| {
        cashier
            .settlements
            .settlements(cashier.checker(), filter, FIRST)
    };
    let (open, frozen) = (Some(SettlementStatus::Open), Some(SettlementStatus::Frozen));
    for (status, station, count) in [
        (None, None, 1),
        (frozen, Some(scene.station.id), 1),
        (open, None, 0),
        (None, Some(new_id()), 0),
    ] {
        assert_eq!(
            listed(SettlementFilter { station, status })
                .await
                .unwrap()
                .items
                .len(),
            count
        );
    }
    let at = cashier
        .settlements
        .settlements_at(cashier.staff(), scene.station.id, FIRST)
        .await
        .unwrap();
    assert_eq!(at.items.first(), Some(&sheet));
    let (first, page) = (
        cashier.lines(sheet.id).await,
        cashier.settlements.lines(cashier.staff(), sheet.id, FIRST),
    );
    let page = page.await.unwrap();
    assert_eq!(page.items, first[..2]);
    let rest = PageRequest {
        after: page.next,
        ..FIRST
    };
    assert_eq!(
        cashier
            .settlements
            .lines(cashier.staff(), sheet.id, rest)
            .await
            .unwrap()
            .items,
        first[2..]
    );
    let forged = PageRequest {
        after: Some(sheet.id.uuid()),
        ..FIRST
    };
    assert!(
        cashier
            .settlements
            .lines(cashier.staff(), sheet.id, forged)
            .await
            .unwrap()
            .items
            .is_empty()
    );
}

#[rstest]
#[tokio::test]
async fn sheets_are_opened_in_the_own_district_only(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let cashier = Cashier::open(kind).await;
    let new = |station_id| NewSettlement {
        station_id,
        from: cashier.today(),
        to: cashier.today(),
    };
    let elsewhere = cashier.canteen.scene.cadre("370812");
    let here = cashier.canteen.scene.station.id;
    assert!(matches!(
        cashier.settlements.open(&elsewhere, new(here)).await,
        Err(SettlementError::Access(_))
    ));
    let nowhere = new(new_id());
    assert!(matches!(
        cashier.settlements.open(cashier.maker(), nowhere).await,
        Err(SettlementError::Invalid(_))
    ));
    let sheet = cashier
        .settlements
        .open(cashier.maker(), new(here))
        .await
        .unwrap();
    assert_eq!(sheet.district.to_string(), DISTRICT);
    assert!(sheet.created_at <= cashier.canteen.scene.clock.now());
}
