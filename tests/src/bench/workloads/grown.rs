//! S6: the same storms with 300,000 people and 3,000,000 vouchers present, and with a hundredth of
//! that.

use std::time::Duration;

use crate::{
    bench::{
        installation::{
            history::{self, Past},
            people::Somebody,
            stage::Stage,
        },
        load::{Outcome, Plan, median, wire::request},
        table::{Bar, Row},
        tell,
        workloads::{counter::Queue, storm},
    },
    servers::database::Kind,
};

const ROUNDS: usize = 3;
const SMALL: Past = Past { people: 3_000 };
const LARGE: Past = Past { people: 300_000 };
/// Readings of `GET /me/vouchers` in a round, over as many connections as there are scanners.
const READINGS: usize = 20_000;
const READERS: usize = 64;

/// One installation and those who live in it.
struct Town {
    stage: Stage,
    residents: Vec<Somebody>,
    crowd: Vec<Somebody>,
}

/// Rates of one town, a round each: claims, scans, readings.
#[derive(Default)]
struct Rates {
    claims: Vec<f64>,
    scans: Vec<f64>,
    readings: Vec<f64>,
}

pub(in crate::bench) async fn measure() -> Vec<Row> {
    let towns = [Town::found(SMALL).await, Town::found(LARGE).await];
    let mut rates = [Rates::default(), Rates::default()];
    for round in 1..=ROUNDS {
        for (town, rates) in towns.iter().zip(&mut rates) {
            town.round(rates).await;
            tell(format!(
                "S6 round {round}, {} people: {:.0} claims/s, {:.0} scans/s, {:.0} readings/s",
                town.residents.len(),
                rates.claims[round - 1],
                rates.scans[round - 1],
                rates.readings[round - 1]
            ));
        }
    }
    for town in &towns {
        town.stage.reconcile();
    }
    let [small, large] = rates;
    vec![
        row(
            "S6 claims, 3,000,000 vouchers there",
            large.claims,
            small.claims,
            "claims/s",
        ),
        row(
            "S6 scans, 3,000,000 vouchers there",
            large.scans,
            small.scans,
            "scans/s",
        ),
        row(
            "S6 my vouchers (S5), 3,000,000 there",
            large.readings,
            small.readings,
            "answers/s",
        ),
    ]
}

fn row(name: &'static str, large: Vec<f64>, small: Vec<f64>, unit: &'static str) -> Row {
    let note = "reference: 3,000 people and 30,000 vouchers".to_owned();
    Row {
        name,
        ours: median(large),
        reference: median(small),
        bar: Bar::AtLeast(0.8),
        unit,
        note,
    }
}

impl Town {
    async fn found(past: Past) -> Self {
        let stage = Stage::set(Kind::Postgres).await;
        let residents = history::fill(&stage, past).await;
        let crowd = stage.registry().members(storm::PEOPLE).await;
        Self {
            stage,
            residents,
            crowd,
        }
    }

    async fn round(&self, rates: &mut Rates) {
        let stage = &self.stage;
        stage.settle().await;
        rates
            .claims
            .push(storm::play(stage, &self.crowd).await.rate(201));
        let queue = Queue::form(stage, &self.crowd).await;
        stage.settle().await;
        let scans = queue.rush(stage).await;
        assert_eq!(scans.count(201), scans.seen.len(), "{}", scans.statuses());
        rates.scans.push(scans.rate(201));
        stage.settle().await;
        rates.readings.push(self.read().await.rate(200));
    }

    /// Residents look at what they have.
    async fn read(&self) -> Outcome {
        let step = self.residents.len().div_ceil(READINGS).max(1);
        let readers = self.residents.iter().step_by(step).cycle().take(READINGS);
        let ask = |one| request("GET", "/me/vouchers", &self.stage.token(one), None, "");
        let plan = Plan {
            requests: readers.map(ask).collect(),
            doors: self.stage.doors(),
            connections: READERS,
            at_most: Duration::from_secs(60),
            pace: None,
            stop: None,
        };
        let outcome = tokio::task::spawn_blocking(|| plan.run())
            .await
            .expect("the load ends");
        assert_eq!(outcome.count(200), READINGS, "{}", outcome.statuses());
        outcome
    }
}
