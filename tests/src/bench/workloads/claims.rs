//! S1: three storms, each after its reference. One goes ahead of them: servers that have just
//! started plan their statements and fill their caches in it, which the reference does in the first
//! of its six seconds.

use std::time::Duration;

use crate::{
    bench::{
        installation::stage::Stage,
        load::{Plan, machine, median, spent::Spent, wire::request},
        reference::bare::Bare,
        scene::Scene,
        table::{Bar, Row},
        tell,
        workloads::storm,
    },
    client::fresh_key,
};

const ROUNDS: usize = 3;

pub(in crate::bench) async fn measure(scene: &Scene) -> Vec<Row> {
    let stage = &scene.stage;
    let first = storm::play(stage, &scene.crowd).await;
    tell(format!(
        "S1 just after the start: {:.0} claims/s",
        first.rate(201)
    ));
    let (mut ours, mut theirs, mut note) = (Vec::new(), Vec::new(), String::new());
    for round in 1..=ROUNDS {
        stage.settle().await;
        let reference = scene.reference().await.claims().await;
        let before = Spent::so_far(stage);
        let outcome = storm::play(stage, &scene.crowd).await;
        note = before.describe(stage, &outcome, 201);
        tell(format!(
            "S1 round {round}: {:.0} claims/s, reference {reference:.0}/s; {note}",
            outcome.rate(201)
        ));
        ours.push(outcome.rate(201));
        theirs.push(reference);
    }
    let storm = Row {
        name: "S1 claim storm",
        ours: median(ours),
        reference: median(theirs),
        bar: Bar::AtLeast(12.0),
        unit: "claims/s",
        note: format!("{note}; client alone: {}", client_alone(scene).await),
    };
    let note = "of the larger process".to_owned();
    let (ours, bar) = (peak_memory(stage) as f64, Bar::AtMost(1.0));
    vec![
        storm,
        Row {
            name: "S9 resident, peak in S1",
            ours,
            reference: 250.0,
            bar,
            unit: "MB",
            note,
        },
    ]
}

fn peak_memory(stage: &Stage) -> u64 {
    let sizes = stage
        .processes
        .iter()
        .map(|process| machine::memory(process.pid()).1);
    sizes.max().unwrap_or_default()
}

/// The same requests against a handler that does nothing.
async fn client_alone(scene: &Scene) -> String {
    let bare = Bare::start();
    let path = "/voucher-batches/vbatch_01k00000000000000000000000/claims";
    let ask = |one| {
        request(
            "POST",
            path,
            &scene.stage.token(one),
            Some(&fresh_key()),
            "{}",
        )
    };
    let plan = Plan {
        requests: scene.crowd.iter().map(ask).collect(),
        doors: vec![bare.door],
        connections: storm::connections(),
        at_most: Duration::from_secs(30),
        pace: None,
        stop: None,
    };
    let outcome = tokio::task::spawn_blocking(|| plan.run())
        .await
        .expect("the load ends");
    assert_eq!(
        outcome.count(201),
        scene.crowd.len(),
        "{}",
        outcome.statuses()
    );
    format!(
        "{:.0} answers/s at {:.0} % of one processor",
        outcome.answers_a_second(),
        outcome.load_share() * 100.0
    )
}
