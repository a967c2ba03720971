//! Where, when and with which clock a code counts, and what is paid.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Clock, values::local_time},
    stations::hours::{Exception, Opening, OpeningHours},
    vouchers::{ScanRequest, VoucherError, codes::code::CodeStep, scans::refusal::Refusal},
};
use niangjia_tests::{
    actors::once,
    servers::database::Kind,
    town::{ScanExt, Town, bearer},
};
use rstest::rstest;

#[rstest]
#[tokio::test]
async fn place_and_state_are_judged_live(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = Town::at_noon(kind).await;
    let all_day = OpeningHours::daily(Opening::ALL_DAY);
    let holiday = Exception {
        date: local_time::date_of(town.clock.now()),
        openings: vec![],
    };
    let shut = OpeningHours {
        exceptions: vec![holiday],
        ..all_day.clone()
    };
    let (shut, away) = (
        town.another_station(shut).await,
        town.another_station(all_day).await,
    );
    let mut new = town.new_batch();
    new.station_ids.push(shut);
    let batch = town.running(new).await;
    let (worker, voucher) = town.holder(batch).await;
    let phone = town
        .services
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    let code = CodeStep::at(voucher, phone.device_no, town.clock.now()).payload(&phone.secret);
    for (station, expected) in [
        (away, Refusal::WrongStation),
        (shut, Refusal::StationClosed),
    ] {
        let keeper = town.staff_of(station).await;
        let scan = ScanRequest {
            station_id: station,
            ..town.scan_of(code.as_str())
        };
        let answer = town
            .services
            .vouchers
            .scans
            .redeem(bearer(&keeper), once(&keeper), scan)
            .await
            .unwrap();
        assert_eq!(answer.value.refused(), expected);
    }
    for state in ["deactivated", "recalled"] {
        town.execute("UPDATE vouchers SET state = $1", [state.into()])
            .await;
        assert_eq!(
            town.scan(town.scan_of(code.as_str())).await.refused(),
            Refusal::Deactivated,
            "{state}"
        );
    }
    town.execute("UPDATE vouchers SET state = 'issued'", [])
        .await;
    town.scan(town.scan_of(code)).await.accepted();
}

/// Freshness is a matter between the code and the station's clock, not ours.
#[rstest]
#[case::two_steps_ahead(-61, Err(Refusal::ClockSkew))]
#[case::one_ahead(-30, Ok(()))]
#[case::the_same(0, Ok(()))]
#[case::one_behind(59, Ok(()))]
#[case::two_behind(60, Err(Refusal::CodeExpired))]
#[tokio::test]
async fn one_step_either_way_by_the_scans_clock(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] seconds: i64,
    #[case] expected: Result<(), Refusal>,
    #[values(-240, 0, 240)] station_is_off_by: i64,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let (worker, voucher) = town.holder(batch).await;
    let phone = town
        .services
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    let made_at = town.clock.now() + TimeDelta::seconds(station_is_off_by);
    let code = CodeStep::at(voucher, phone.device_no, made_at).payload(&phone.secret);
    let scan = ScanRequest {
        scanned_at: Some(made_at + TimeDelta::seconds(seconds)),
        ..town.scan_of(code)
    };
    match town.scan(scan).await {
        answer if expected.is_ok() => {
            answer.accepted();
        }
        answer => assert_eq!(Err(answer.refused()), expected),
    }
}

/// V7: amount = min(face value, price), and the rest is the holder's.
#[rstest]
#[case::not_said(None, 1_500, 0)]
#[case::one_fen(Some(1), 1, 0)]
#[case::cheaper(Some(1_499), 1_499, 0)]
#[case::equal(Some(1_500), 1_500, 0)]
#[case::dearer(Some(1_501), 1_500, 1)]
#[case::the_dearest(Some(1_000_000), 1_500, 998_500)]
#[tokio::test]
async fn the_voucher_pays_up_to_its_face_value(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] price: Option<i64>,
    #[case] amount: i64,
    #[case] copay: i64,
) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    let (worker, voucher) = town.holder(batch).await;
    let scan = town.scan_of(town.payload(&worker, voucher).await);
    for wrong in [0, -1, 1_000_001, i64::MIN, i64::MAX] {
        let scan = ScanRequest {
            price_fen: Some(wrong),
            ..scan.clone()
        };
        let refused = town
            .services
            .vouchers
            .scans
            .redeem(bearer(&town.staff), once(&town.staff), scan)
            .await;
        assert!(matches!(refused, Err(VoucherError::Invalid(_))), "{wrong}");
    }
    let accepted = town
        .scan(ScanRequest {
            price_fen: price,
            ..scan
        })
        .await
        .accepted();
    assert_eq!(
        (accepted.amount.get(), accepted.copay.get()),
        (amount, copay)
    );
    let tally = town.balanced(batch).await;
    assert_eq!(
        (tally.spent_fen, tally.reserved_fen),
        (amount, 1_500 - amount),
        "the remainder waits for an annulment"
    );
}
