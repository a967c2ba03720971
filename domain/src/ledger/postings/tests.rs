use chrono::DateTime;
use proptest::prelude::*;
use rstest::rstest;
use uuid::Uuid;

use super::*;
use crate::{
    kernel::Fen,
    ledger::conservation::{Books, Equation},
};

const TOTAL: i64 = 10_000;

fn entry() -> Entry {
    Entry {
        budget_id: BudgetId::from_uuid(Uuid::from_u128(1)),
        subject_id: SubjectId::from_uuid(Uuid::from_u128(2)),
        sequence: 0,
        at: DateTime::UNIX_EPOCH,
    }
}

fn fen(fen: i64) -> Fen {
    Fen::new(fen).unwrap()
}

fn open() -> Budget {
    Budget {
        open: true,
        ..Budget::new(entry().budget_id, 5, fen(TOTAL))
    }
}

fn posting(kind: &str, amount: i64) -> Posting {
    let entry = entry();
    match kind {
        "reserve" => Reserve {
            entry,
            amount: fen(amount),
        }
        .into(),
        "spend" => Spend {
            entry,
            amount: fen(amount),
        }
        .into(),
        "reverse" => Reverse {
            entry,
            amount: fen(amount),
        }
        .into(),
        "release" => Release {
            entry,
            amount: fen(amount),
        }
        .into(),
        _ => Adjust { entry, fen: amount }.into(),
    }
}

/// Issued, reserved, spent.
fn counters(budget: &Budget) -> (i64, i64, i64) {
    (budget.issued, budget.reserved.get(), budget.spent.get())
}

#[rstest]
#[case::meal(&[("reserve", 1_500), ("spend", 1_200), ("release", 300)], (1, 0, 1_200))]
#[case::annulled(&[("reserve", 1_500), ("spend", 1_200), ("reverse", 1_200)], (1, 1_500, 0))]
#[case::rejected(&[("reserve", 1_500), ("spend", 1_500), ("reverse", 1_500), ("release", 1_500)], (1, 0, 0))]
#[case::expired(&[("reserve", 1_500), ("release", 1_500)], (1, 0, 0))]
#[case::adjusted(&[("reserve", 1_500), ("spend", 1_500), ("adjust", -500), ("adjust", 200)], (1, 0, 1_200))]
fn lives_of_a_promise(#[case] life: &[(&str, i64)], #[case] end: (i64, i64, i64)) {
    let mut budget = open();
    for (kind, amount) in life {
        let posting = posting(kind, *amount);
        assert_eq!(posting.kind(), *kind);
        budget = posting.apply(&budget).unwrap();
    }
    assert_eq!(counters(&budget), end);
    assert_eq!(budget.free(), fen(TOTAL - end.1 - end.2));
}

#[rstest]
#[case::more_than_there_is("reserve", TOTAL - 1_499, Refused::NoRoom)]
#[case::more_than_reserved("spend", 1_501, Refused::BelowZero)]
#[case::more_released_than_reserved("release", 1_501, Refused::BelowZero)]
#[case::more_reversed_than_spent("reverse", 1, Refused::BelowZero)]
#[case::more_taken_back_than_spent("adjust", -1, Refused::BelowZero)]
#[case::more_paid_than_there_is("adjust", TOTAL - 1_499, Refused::NoRoom)]
#[case::absurd("adjust", i64::MAX, Refused::NoRoom)]
fn what_a_budget_refuses(#[case] kind: &str, #[case] amount: i64, #[case] refused: Refused) {
    let budget = posting("reserve", 1_500).apply(&open()).unwrap();
    assert_eq!(posting(kind, amount).apply(&budget), Err(refused));
}

#[test]
fn a_shut_budget_promises_nothing_and_keeps_its_promises() {
    let mut budget = posting("reserve", 1_500).apply(&open()).unwrap();
    budget.open = false;
    assert_eq!(posting("reserve", 1).apply(&budget), Err(Refused::Shut));
    assert!(posting("spend", 1_500).apply(&budget).is_ok());
}

#[test]
fn the_quota_is_used_up_for_good() {
    let mut budget = open();
    for _ in 0..5 {
        budget = posting("reserve", 1).apply(&budget).unwrap();
        budget = posting("release", 1).apply(&budget).unwrap();
    }
    assert_eq!(budget.room_for(fen(1)), 0);
    assert_eq!(posting("reserve", 1).apply(&budget), Err(Refused::NoRoom));
}

proptest! {
    /// Whatever is tried in whatever order: the counters are the sum of what was taken, and total =
    /// reserved + spent + free.
    #[test]
    fn money_is_conserved(
        tried in prop::collection::vec((prop::sample::select(vec!["reserve", "spend", "reverse", "release", "adjust"]), 0i64..4_000), 0..60),
        back in any::<bool>(),
    ) {
        let (mut budget, mut posted) = (Budget { quota: 50, ..open() }, Moves::default());
        for (kind, amount) in tried {
            let amount = if back && kind == "adjust" { -amount } else { amount };
            let posting = posting(kind, amount);
            let Ok(after) = posting.apply(&budget) else { continue };
            let moves = posting.moves();
            posted.units += moves.units;
            posted.reserved_fen += moves.reserved_fen;
            posted.spent_fen += moves.spent_fen;
            budget = after;
            prop_assert!((0..=budget.quota).contains(&budget.issued));
            prop_assert_eq!(budget.reserved.get() + budget.spent.get() + budget.free().get(), TOTAL);
        }
        prop_assert_eq!(posted.units, budget.issued);
        let books = Books {
            total_fen: TOTAL,
            reserved_fen: budget.reserved.get(),
            spent_fen: budget.spent.get(),
            posted_reserved_fen: posted.reserved_fen,
            posted_spent_fen: posted.spent_fen,
        };
        prop_assert!(books.equations().iter().all(Equation::holds));
    }
}
