//! Order, partial failure, callers who leave, a full queue, panics, the end of a process.

use futures_util::FutureExt;

use super::{
    rig::{Ask, Ask::Number, Station, numbers, told},
    *,
};

#[test]
fn a_request_that_finds_the_lane_idle_departs_alone_and_leaves_it_idle() {
    let station = Station::new(10, 10);
    for n in 0..3 {
        let caller = station.call(Number(n));
        station.run();
        assert_eq!(told(caller).unwrap(), Ok(n));
        assert!(station.is_idle(), "no task lives on");
    }
    assert_eq!(station.committed(), [[Number(0)], [Number(1)], [Number(2)]]);
}

#[test]
fn those_who_come_during_a_commit_travel_together_in_order_and_no_more_than_fit() {
    let station = Station::new(4, 100);
    let first = station.slow_commit();
    let alone = station.call(Number(0));
    station.run();
    let rest = station.calls(&numbers(1..7));
    station.run();
    assert_eq!(
        station.committed(),
        Vec::<Vec<Ask>>::new(),
        "one group at a time"
    );
    drop(first);
    station.run();
    assert_eq!(
        station.committed(),
        [numbers(0..1), numbers(1..5), numbers(5..7)]
    );
    for (caller, n) in std::iter::once(alone).chain(rest).zip(0..) {
        assert_eq!(told(caller).unwrap(), Ok(n), "each its own answer");
    }
}

#[test]
fn nobody_is_answered_before_the_commit() {
    let station = Station::new(4, 4);
    let gate = station.slow_commit();
    let mut caller = station.call(Number(1));
    station.run();
    assert!((&mut caller).now_or_never().is_none());
    drop(gate);
    station.run();
    assert_eq!(told(caller).unwrap(), Ok(1));
}

#[test]
fn a_refusal_leaves_its_neighbours_alone() {
    let station = Station::new(4, 4);
    let callers = station.calls(&[Number(1), Ask::Refused, Number(2)]);
    station.run();
    let answers: Vec<_> = callers
        .into_iter()
        .map(|caller| told(caller).unwrap())
        .collect();
    assert_eq!(answers, [Ok(1), Err("refused"), Ok(2)]);
    assert_eq!(station.committed().len(), 1);
}

#[test]
fn only_the_culprit_of_a_failed_transaction_fails() {
    let station = Station::new(16, 16);
    let mut asks = numbers(0..9);
    asks[5] = Ask::Poison;
    let callers = station.calls(&asks);
    station.run();
    for (caller, n) in callers.into_iter().zip(0..) {
        match told(caller) {
            Ok(answer) => assert_eq!(answer, Ok(n)),
            Err(Turned::Store(StoreError::Conflict { constraint })) => {
                assert_eq!((n, &*constraint), (5, "poison"))
            }
            Err(other) => panic!("{other}"),
        }
    }
    let committed: Vec<_> = station.committed().concat();
    assert_eq!(
        committed,
        [numbers(0..5), numbers(6..9)].concat(),
        "still first come, first served, each once"
    );
}

#[test]
fn an_outage_is_told_to_its_whole_group_and_the_next_one_goes_on() {
    let station = Station::new(2, 8);
    let callers = station.calls(&[Number(0), Ask::Outage, Number(2), Number(3)]);
    station.run();
    for (caller, n) in callers.into_iter().zip(0..) {
        match told(caller) {
            Ok(answer) => assert!(n >= 2 && answer == Ok(n)),
            Err(Turned::Store(error @ StoreError::Unavailable(_))) => {
                let chain =
                    std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
                        error.source()
                    });
                assert_eq!(chain.last().unwrap().to_string(), "connection reset");
                assert!(n < 2);
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(
        station.committed(),
        [numbers(2..4)],
        "an unknown outcome is never carried again"
    );
}

#[test]
fn a_row_that_is_locked_elsewhere_is_waited_for_once_not_in_halves() {
    let station = Station::new(4, 8);
    let asks = [Number(0), Ask::Locked, Number(2), Number(3), Number(4)];
    let callers = station.calls(&asks);
    station.run();
    let told: Vec<_> = callers.into_iter().map(told).collect();
    let is_locked =
        |told: &Result<_, Turned>| matches!(told, Err(Turned::Store(StoreError::Locked { .. })));
    assert!(told[..4].iter().all(is_locked) && matches!(told[4], Ok(Ok(4))));
    assert_eq!(station.waits(), 1);
}

#[test]
fn who_leaves_before_departure_is_left_behind_and_who_leaves_later_is_served() {
    let station = Station::new(4, 4);
    let gate = station.slow_commit();
    let departed = station.call(Number(0));
    station.run();
    let left = station.call(Number(1));
    let stayed = station.call(Number(2));
    drop(departed);
    drop(left);
    drop(gate);
    station.run();
    assert_eq!(told(stayed).unwrap(), Ok(2));
    assert_eq!(station.committed(), [[Number(0)], [Number(2)]]);
    assert!(station.is_idle());
}

#[test]
fn beyond_the_queue_callers_are_turned_away_at_once_and_nothing_is_done_for_them() {
    let station = Station::new(2, 3);
    let gate = station.slow_commit();
    let _under_way = station.call(Number(0));
    station.run();
    let waiting = station.calls(&numbers(1..4));
    assert!(matches!(told(station.call(Number(4))), Err(Turned::Full)));
    drop(gate);
    station.run();
    for caller in waiting {
        told(caller).unwrap().unwrap();
    }
    assert_eq!(station.committed().concat(), numbers(0..4));
    assert!(
        station.call(Number(5)).now_or_never().is_none(),
        "there is room again"
    );
}

#[test]
fn a_panic_ends_its_group_and_neither_the_process_nor_the_lane() {
    let station = Station::new(2, 8);
    let callers = station.calls(&[Ask::Panic, Number(1), Number(2)]);
    station.run();
    let outcomes: Vec<_> = callers.into_iter().map(told).collect();
    assert!(matches!(outcomes[0], Err(Turned::Lost)) && matches!(outcomes[1], Err(Turned::Lost)));
    assert!(matches!(outcomes[2], Ok(Ok(2))));
    let after = station.call(Number(3));
    station.run();
    assert_eq!(told(after).unwrap(), Ok(3));
}

#[test]
fn what_is_spawned_ends_only_when_everybody_in_the_queue_is_served() {
    let station = Station::new(2, 8);
    let gate = station.slow_commit();
    let callers = station.calls(&numbers(0..5));
    station.run();
    assert!(!station.is_idle());
    drop(gate);
    station.run();
    assert!(
        station.is_idle(),
        "whoever waits for the background at the end of a process waits for these"
    );
    assert!(callers.into_iter().all(|caller| told(caller).is_ok()));
}

#[test]
fn one_driver_at_a_time() {
    let station = Station::new(2, 8);
    let _callers = station.calls(&numbers(0..5));
    assert_eq!(station.drivers(), 1);
}
