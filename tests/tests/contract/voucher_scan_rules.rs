//! The rules of a scan through the use case, on both databases: what is beyond a fresh code, whose
//! clock counts, who is throttled, and what is paid. The reasons that are not here are in
//! `voucher_scans.rs`.

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Actor, Clock, values::local_time},
    stations::hours::{Exception, Opening, OpeningHours},
    vouchers::{ScanRequest, VoucherError, codes::code::CodeStep, scans::refusal::Refusal},
};
use niangjia_tests::{
    canteen::{Canteen, ScanExt, bearer},
    database::Kind,
    wish_scene::once,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

#[rstest]
#[tokio::test]
async fn place_and_state_are_judged_live(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    let all_day = OpeningHours::daily(Opening::ALL_DAY);
    let holiday = Exception {
        date: local_time::date_of(canteen.scene.clock.now()),
        openings: vec![],
    };
    let shut = OpeningHours {
        exceptions: vec![holiday],
        ..all_day.clone()
    };
    let (shut, away) = (
        canteen.scene.another_station(shut).await,
        canteen.scene.another_station(all_day).await,
    );
    let mut new = canteen.new_batch();
    new.station_ids.push(shut);
    let batch = canteen.running(new).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let phone = canteen
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    let code =
        CodeStep::at(voucher, phone.device_no, canteen.scene.clock.now()).payload(&phone.secret);
    for (station, expected) in [
        (away, Refusal::WrongStation),
        (shut, Refusal::StationClosed),
    ] {
        let keeper = canteen.scene.staff_of(station).await;
        let scan = ScanRequest {
            station_id: station,
            ..canteen.scan_of(code.as_str())
        };
        let answer = canteen
            .vouchers
            .scans
            .redeem(bearer(&keeper), once(&keeper), scan)
            .await
            .unwrap();
        assert_eq!(answer.value.refused(), expected);
    }
    for state in ["deactivated", "recalled"] {
        canteen
            .scene
            .execute("UPDATE vouchers SET state = $1", [state.into()])
            .await;
        assert_eq!(
            canteen.scan(canteen.scan_of(code.as_str())).await.refused(),
            Refusal::Deactivated,
            "{state}"
        );
    }
    canteen
        .scene
        .execute("UPDATE vouchers SET state = 'issued'", [])
        .await;
    canteen.scan(canteen.scan_of(code)).await.accepted();
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
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let phone = canteen
        .vouchers
        .codes
        .deliver_secret(&worker, voucher, "phone-1")
        .await
        .unwrap();
    let made_at = canteen.scene.clock.now() + TimeDelta::seconds(station_is_off_by);
    let code = CodeStep::at(voucher, phone.device_no, made_at).payload(&phone.secret);
    let scan = ScanRequest {
        scanned_at: Some(made_at + TimeDelta::seconds(seconds)),
        ..canteen.scan_of(code)
    };
    match canteen.scan(scan).await {
        answer if expected.is_ok() => {
            answer.accepted();
        }
        answer => assert_eq!(Err(answer.refused()), expected),
    }
}

#[rstest]
#[tokio::test]
async fn wrong_codes_make_their_author_wait_and_nobody_else(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let attempt = async |staff: &Actor, device: &str, code: String| {
        let scan = ScanRequest {
            device_id: device.to_owned(),
            ..canteen.scan_of(code)
        };
        canteen
            .vouchers
            .scans
            .redeem(bearer(staff), once(staff), scan)
            .await
    };
    let noise = "NJ1.AZAAAAAAcACAAAAAAAAAAQ.1.60000000.AAAAAAAAAAAAAAAA".to_owned();
    let mut throttled = 0;
    for _ in 0..30 {
        let answer = attempt(&canteen.staff, "noisy", noise.clone()).await;
        throttled += usize::from(matches!(answer, Err(VoucherError::Throttled(_))));
    }
    // Twenty at a time, and one more every six seconds that this test takes.
    assert!((5..=10).contains(&throttled), "{throttled}");
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM refused_scans")
            .await,
        30,
        "each is on record"
    );
    // The device is known under whatever name somebody works at it; another device is not to blame.
    let colleague = canteen.scene.staff().await;
    let mut known = false;
    for _ in 0..3 {
        known |= matches!(
            attempt(&colleague, "noisy", noise.clone()).await,
            Err(VoucherError::Throttled(_))
        );
    }
    assert!(known);
    assert_eq!(
        attempt(&colleague, "quiet", noise)
            .await
            .unwrap()
            .value
            .refused(),
        Refusal::InvalidCode
    );
    let sound = canteen.payload(&worker, voucher).await;
    attempt(&canteen.staff, "noisy", sound)
        .await
        .unwrap()
        .value
        .accepted();
}

#[rstest]
#[tokio::test]
async fn typed_codes_are_counted_before_they_are_looked_up(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let (staff, colleague) = (canteen.staff.clone(), canteen.scene.staff().await);
    let guess = async |staff: &Actor, device: &str, digits: String| {
        let scan = ScanRequest {
            device_id: device.to_owned(),
            ..canteen.scan_of(digits)
        };
        canteen
            .vouchers
            .scans
            .redeem(bearer(staff), once(staff), scan)
            .await
    };
    let mut looked_up = 0;
    for n in 0..20 {
        // Whatever the device, and right or wrong.
        match guess(&staff, &format!("scanner-{n}"), format!("{n:08}")).await {
            Ok(answer) => looked_up += i64::from(answer.value.refused() == Refusal::InvalidCode),
            Err(error) => assert!(matches!(error, VoucherError::Throttled(_)), "{error:?}"),
        }
    }
    assert!((10..16).contains(&looked_up), "{looked_up}");
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM refused_scans")
            .await,
        looked_up
    );
    let sound = canteen
        .vouchers
        .codes
        .show_code(&worker, voucher)
        .await
        .unwrap()
        .short_code;
    guess(&colleague, "scanner-21", sound)
        .await
        .unwrap()
        .value
        .accepted();
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
    let canteen = Canteen::open(kind).await;
    let batch = canteen.running(canteen.new_batch()).await;
    let (worker, voucher) = canteen.holder(batch).await;
    let scan = canteen.scan_of(canteen.payload(&worker, voucher).await);
    for wrong in [0, -1, 1_000_001, i64::MIN, i64::MAX] {
        let scan = ScanRequest {
            price_fen: Some(wrong),
            ..scan.clone()
        };
        let refused = canteen
            .vouchers
            .scans
            .redeem(bearer(&canteen.staff), once(&canteen.staff), scan)
            .await;
        assert!(matches!(refused, Err(VoucherError::Invalid(_))), "{wrong}");
    }
    let accepted = canteen
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
    let tally = canteen.balanced(batch).await;
    assert_eq!(
        (tally.spent_fen, tally.reserved_fen),
        (amount, 1_500 - amount),
        "the remainder waits for an annulment"
    );
}

#[rstest]
#[tokio::test]
async fn refused_scans_can_only_be_added(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let canteen = Canteen::open(kind).await;
    assert_eq!(
        canteen.scan(canteen.scan_of("nonsense")).await.refused(),
        Refusal::InvalidCode
    );
    let tables = canteen.scene.store.writer();
    for change in [
        "UPDATE refused_scans SET reason = 'accepted'",
        "DELETE FROM refused_scans",
    ] {
        let refused = tables
            .execute_unprepared(change)
            .await
            .unwrap_err()
            .to_string();
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    assert_eq!(
        canteen
            .scene
            .count("SELECT COUNT(*) FROM refused_scans")
            .await,
        1
    );
}
