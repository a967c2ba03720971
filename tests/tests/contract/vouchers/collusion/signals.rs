//! What each signal counts, and what it spares.

use chrono::TimeDelta;
use niangjia_domain::vouchers::collusion::Signal;
use niangjia_tests::{
    rows::{PastScan, ScanHistory, account, person},
    servers::database::Kind,
};
use rstest::rstest;

use super::{held, of};

#[rstest]
#[tokio::test]
async fn one_staff_member_always_serves_one_holder(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[values(true, false)] others_meet_somebody_else: bool,
) {
    let history = ScanHistory::new(kind).await;
    let (staff, colleague, holder) = (account(), account(), person());
    let mut theirs = Vec::new();
    for day in 0..8 {
        theirs.push(
            history
                .add(history.scan(staff, holder, history.ago(day)))
                .await,
        );
        for _ in 0..3 {
            let served_by = if others_meet_somebody_else {
                colleague
            } else {
                staff
            };
            history
                .add(history.scan(served_by, person(), history.ago(day)))
                .await;
        }
    }
    let expected = if others_meet_somebody_else {
        of(Signal::SamePair, theirs)
    } else {
        Vec::new()
    };
    assert_eq!(held(&history).await, expected);
    assert_eq!(
        history.watcher().watch_habits().await.unwrap(),
        0,
        "each is held once"
    );
}

#[rstest]
#[case::typed_for_two_values(Some([1_500, 1_000]), true)]
#[case::nobody_typed_anything(None, false)]
#[case::typed_prices_vary(Some([1_500, 1_100]), false)]
#[tokio::test]
async fn prices_follow_the_face_value(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] typed: Option<[i64; 2]>,
    #[case] expected: bool,
) {
    let history = ScanHistory::new(kind).await;
    let cheap = history.rows.running(|new| new.face_value_fen = 1_000).await;
    let staff = account();
    let mut theirs = Vec::new();
    for n in 0..20 {
        let which = (n % 2) as usize;
        let batch = [&history.batch, &cheap][which];
        let voucher = history.rows.issued(batch, person()).await;
        let at = history.ago(1) + TimeDelta::minutes(n);
        let meal = PastScan {
            price: typed.map(|typed| typed[which]),
            ..history.scan(staff, voucher.person_id, at)
        };
        theirs.push(history.add_with(&voucher, meal).await);
    }
    let expected = if expected {
        of(Signal::PriceIsFaceValue, theirs)
    } else {
        Vec::new()
    };
    assert_eq!(held(&history).await, expected);
}

#[rstest]
#[case::faster_than_phones_are_shown(10, 2_200, true)]
#[case::a_quick_queue(10, 2_300, false)]
#[case::too_few(9, 100, false)]
#[tokio::test]
async fn a_burst_is_held_as_a_whole(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] scans: i64,
    #[case] milliseconds_apart: i64,
    #[case] expected: bool,
) {
    let history = ScanHistory::new(kind).await;
    let staff = account();
    let at = |n| history.ago(1) + TimeDelta::milliseconds(n * milliseconds_apart);
    let mut theirs = Vec::new();
    for n in 0..scans {
        theirs.push(history.add(history.scan(staff, person(), at(n))).await);
    }
    // Before, after, and a colleague in the middle.
    history
        .add(history.scan(staff, person(), at(0) - TimeDelta::minutes(1)))
        .await;
    history
        .add(history.scan(staff, person(), at(scans) + TimeDelta::minutes(1)))
        .await;
    history.add(history.scan(account(), person(), at(1))).await;
    let expected = if expected {
        of(Signal::Burst, theirs)
    } else {
        Vec::new()
    };
    assert_eq!(held(&history).await, expected);
}

#[rstest]
#[case::eleven_kilometres_in_four_minutes(4, true)]
#[case::eleven_kilometres_in_six_minutes(6, false)]
#[tokio::test]
async fn nobody_is_at_two_places(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] minutes: i64,
    #[case] expected: bool,
) {
    let history = ScanHistory::new(kind).await;
    let (far, holder) = (history.station(35.51).await, person());
    history
        .add(history.scan(account(), holder, history.ago(2)))
        .await;
    let here = history
        .add(history.scan(account(), holder, history.ago(1)))
        .await;
    let at = history.ago(1) + TimeDelta::minutes(minutes);
    let there = history
        .add(PastScan {
            station: far,
            ..history.scan(account(), holder, at)
        })
        .await;
    // Somebody else there is no traveller.
    history
        .add(PastScan {
            station: far,
            ..history.scan(account(), person(), at)
        })
        .await;
    let expected = if expected {
        of(Signal::ImpossibleTravel, vec![here, there])
    } else {
        Vec::new()
    };
    assert_eq!(held(&history).await, expected);
}
