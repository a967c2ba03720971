//! S2: distinct vouchers from 64 devices as fast as they can; S7: a scan's latency while the claim
//! storm runs.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::bench::{
    load::{median, percentile, spent::Spent},
    reference::BATCHES,
    scene::Scene,
    table::{Bar, Row},
    tell,
    workloads::{counter::Queue, storm::Storm},
};

const ROUNDS: usize = 3;
/// Scans of the idle measurement: twelve seconds of them.
const IDLE_SCANS: usize = 1_000;
/// More than are made while one storm lasts.
const STORM_SCANS: usize = 4_000;

pub(in crate::bench) async fn measure(scene: &Scene) -> Row {
    let stage = &scene.stage;
    let (mut ours, mut theirs, mut spread, mut note) =
        (Vec::new(), Vec::new(), Vec::new(), String::new());
    for round in 1..=ROUNDS {
        let queue = Queue::form(stage, &scene.crowd).await;
        stage.settle().await;
        let reference = scene.reference().await.scans(1).await;
        spread.push(scene.reference().await.scans(BATCHES).await);
        let before = Spent::so_far(stage);
        let outcome = queue.rush(stage).await;
        note = before.describe(stage, &outcome, 201);
        tell(format!(
            "S2 round {round}: {:.0} scans/s, reference {reference:.0}/s; {note}",
            outcome.rate(201)
        ));
        assert_eq!(
            outcome.count(201),
            outcome.seen.len(),
            "{}",
            outcome.statuses()
        );
        queue.check(stage, outcome.count(201)).await;
        ours.push(outcome.rate(201));
        theirs.push(reference);
    }
    Row {
        name: "S2 scans",
        ours: median(ours),
        reference: median(theirs),
        bar: Bar::AtLeast(2.5),
        unit: "scans/s",
        note: format!(
            "{note}; reference over {BATCHES} batches: {:.0}/s",
            median(spread)
        ),
    }
}

/// S7: the scans of three storms against those of a quiet hour.
pub(in crate::bench) async fn beside_the_storm(scene: &Scene) -> Row {
    let stage = &scene.stage;
    let queue = Queue::form(stage, &scene.crowd).await;
    stage.settle().await;
    let idle = queue.stroll(stage, 0..IDLE_SCANS, Arc::default()).await;
    let (mut busy, mut used) = (Vec::new(), IDLE_SCANS);
    for _ in 0..ROUNDS {
        stage.settle().await;
        let storm = Storm::gather(stage, &scene.crowd).await;
        let stop = Arc::new(AtomicBool::new(false));
        let scans = queue.stroll(stage, used..used + STORM_SCANS, stop.clone());
        let storm = async {
            let outcome = storm.play(stage).await;
            stop.store(true, Ordering::Relaxed);
            outcome
        };
        let (scans, storm) = tokio::join!(scans, storm);
        assert_eq!(scans.count(201), scans.seen.len(), "{}", scans.statuses());
        used += scans.seen.len();
        // Only what was asked and answered while the storm lasted.
        busy.extend(
            scans
                .seen
                .into_iter()
                .filter(|seen| seen.at <= storm.wall)
                .map(|seen| seen.took),
        );
    }
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    let of_idle = |share| millis(idle.percentile(201, share));
    let of_busy = |share| millis(percentile(busy.clone(), share));
    Row {
        name: "S7 a scan during S1, p99",
        ours: of_busy(0.99),
        reference: of_idle(0.99),
        bar: Bar::AtMost(10.0),
        unit: "ms",
        note: format!(
            "p50 {:.1} ms against {:.1} ms idle; {} scans in {ROUNDS} storms, {} idle, 100 a second",
            of_busy(0.5),
            of_idle(0.5),
            busy.len(),
            idle.seen.len()
        ),
    }
}
