//! Random days of a town: claims, scans, replays, annulments, expiry, recalls, holds, decisions,
//! settlements, meals served without a network and uploaded later, in any order and more than once,
//! and disputes about them, by several people, devices, processes and clocks. After each step the
//! real services, a small model in plain Rust and the books must agree, so V1–V12 hold after each
//! step and not only at the end.
//!
//! A failure prints the seed and the shortest sequence that still fails. `MODEL_SEED=…
//! MODEL_CASES=…` repeats or lengthens a run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod reference;
mod said;
mod steps;
mod world;

use std::{collections::BTreeMap, sync::Mutex};

use niangjia_domain::kernel::Random;
use niangjia_infra::system::SystemRandom;
use niangjia_tests::servers::database::Kind;
use proptest::{
    collection::vec,
    test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner},
};
use rstest::rstest;

use self::{
    reference::Reference,
    steps::{Step, step},
    world::World,
};

/// How often what was said, over all cases.
type Heard = Mutex<BTreeMap<String, u32>>;

/// Plays the steps on both; says where they part.
async fn play(kind: Kind, steps: &[Step], sabotage: &[&str], heard: &Heard) -> Result<(), String> {
    let mut world = World::open(kind).await;
    let mut reference = Reference::new(&world.batches());
    world.sabotage(sabotage).await;
    for (n, step) in [Step::Pack].iter().chain(steps).enumerate() {
        world.pass_time(step);
        let expected = reference.expect(step, world.now());
        let said = world.take(step).await;
        if !expected.contains(&said) {
            return Err(format!(
                "step {n} {step:?}: said {said:?}, expected one of {expected:?}"
            ));
        }
        for kind in said.kinds() {
            *heard.lock().unwrap().entry(kind).or_default() += 1;
        }
        reference.follow(step, &said, world.now());
        world
            .check(&reference)
            .await
            .map_err(|fault| format!("after step {n} {step:?}: {fault}"))?;
    }
    Ok(())
}

struct Campaign {
    kind: Kind,
    cases: u32,
    longest: usize,
}

impl Campaign {
    /// A sequence that fails, if any, as short as `shrinks` tries make it, and the seed it came
    /// from.
    fn run(&self, sabotage: &[&str], shrinks: u32, heard: &Heard) -> Option<String> {
        let seed = seed();
        let config = Config {
            cases: number("MODEL_CASES").unwrap_or(self.cases),
            max_shrink_iters: shrinks,
            failure_persistence: None,
            ..Config::default()
        };
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let mut runner =
            TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        let outcome = runner.run(&vec(step(), 20..self.longest), |steps| {
            runtime
                .block_on(play(self.kind, &steps, sabotage, heard))
                .map_err(TestCaseError::fail)
        });
        match outcome {
            Ok(()) => None,
            Err(TestError::Fail(reason, steps)) => {
                Some(format!("MODEL_SEED={seed}: {reason}\n{steps:#?}"))
            }
            Err(TestError::Abort(reason)) => panic!("given up: {reason}"),
        }
    }
}

fn number<T: std::str::FromStr>(variable: &str) -> Option<T> {
    std::env::var(variable).ok()?.parse().ok()
}

fn seed() -> u64 {
    number("MODEL_SEED").unwrap_or_else(|| {
        let mut bytes = [0; 8];
        SystemRandom.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    })
}

/// What every campaign must hear, and what one of 40 cases must.
const OFTEN: [&str; 6] = [
    "Issued",
    "PersonLimit",
    "Accepted",
    "Again",
    "Annulled",
    "Refused(AlreadyRedeemed)",
];
const SOMETIMES: [&str; 8] = [
    "Held(true)",
    "Uploaded(accepted)",
    "Uploaded(already_redeemed)",
    "Uploaded(clock_skew)",
    "Uploaded(person_meal_limit)",
    "Uploaded(cap_exceeded)",
    "Honoured",
    "Borne",
];

#[rstest]
#[case(Campaign { kind: Kind::Sqlite, cases: 40, longest: 120 })]
#[case(Campaign { kind: Kind::Postgres, cases: 12, longest: 120 })]
fn services_model_and_books_agree_after_each_step(#[case] campaign: Campaign) {
    let heard = Heard::default();
    if let Some(failure) = campaign.run(&[], 60, &heard) {
        panic!("{failure}");
    }
    // Days on which nothing happens would agree as well.
    let heard = heard.into_inner().unwrap();
    println!("{heard:?}");
    let wanted = OFTEN
        .iter()
        .chain(SOMETIMES.iter().filter(|_| campaign.cases >= 40));
    let missing: Vec<_> = wanted.filter(|kind| !heard.contains_key(**kind)).collect();
    assert!(missing.is_empty(), "{missing:?} were never said: {heard:?}");
}

/// Controls: with one guard taken out of the database, the same campaign must fail.
#[rstest]
#[case::quota_and_budget_never_bite(&[
    "PRAGMA ignore_check_constraints = ON",
    "CREATE TRIGGER sabotage AFTER UPDATE OF issued ON ledger_budgets BEGIN \
       UPDATE ledger_budgets SET quota = quota + 1, budget_fen = budget_fen + 1500 \
       WHERE budget_id = NEW.budget_id; END",
])]
#[case::meals_are_forgotten(&[
    "CREATE TRIGGER sabotage AFTER INSERT ON person_meals BEGIN \
       DELETE FROM person_meals WHERE redemption_id = NEW.redemption_id; END",
])]
#[case::slots_are_forgotten(&[
    "CREATE TRIGGER sabotage AFTER INSERT ON voucher_slots BEGIN \
       DELETE FROM voucher_slots WHERE voucher_id = NEW.voucher_id; END",
])]
#[case::codes_are_not_used(&[
    "CREATE TRIGGER sabotage AFTER INSERT ON voucher_used_steps BEGIN \
       DELETE FROM voucher_used_steps WHERE redemption_id = NEW.redemption_id; END",
])]
#[case::spending_is_booked_twice(&[
    "CREATE TRIGGER sabotage AFTER UPDATE OF spent_fen ON ledger_budgets WHEN NEW.spent_fen > OLD.spent_fen BEGIN \
       UPDATE ledger_budgets SET spent_fen = spent_fen + 1 WHERE budget_id = NEW.budget_id; END",
])]
#[case::a_day_has_no_cap(&[
    "CREATE TRIGGER sabotage AFTER UPDATE OF scans ON offline_days BEGIN \
       UPDATE offline_days SET max_scans = max_scans + 1, max_fen = max_fen + 1500 \
       WHERE device = NEW.device AND day = NEW.day; END",
])]
#[case::answers_to_uploads_are_forgotten(&[
    "CREATE TRIGGER sabotage AFTER UPDATE OF answer ON offline_scans WHEN NEW.answer LIKE '%accepted%' BEGIN \
       DELETE FROM offline_scans WHERE device = NEW.device AND scan_id = NEW.scan_id; END",
])]
fn control_a_missing_guard_is_caught(#[case] sabotage: &[&str]) {
    let failure = Campaign {
        kind: Kind::Sqlite,
        cases: 40,
        longest: 120,
    }
    .run(sabotage, 0, &Heard::default());
    let failure = failure.expect("the campaign notices");
    println!("{}", failure.lines().next().unwrap_or_default());
    assert!(failure.contains("step"), "{failure}");
}
