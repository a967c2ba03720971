//! What waits for a decision reaches those who may decide: held redemptions and disputed scans, at
//! once and when they are overdue.

mod messages;
mod overdue;

use niangjia_domain::{
    kernel::{Actor, DistrictCode, Grant, Jurisdiction},
    tasks::TaskService,
    vouchers::collusion::CollusionService,
};
use niangjia_tests::{rows::watching, town::Town};

const PREFECTURE: &str = "370800";

fn area(district: &str) -> Jurisdiction {
    Jurisdiction::District(DistrictCode::parse(district).unwrap())
}

async fn cadre(town: &Town, area: Jurisdiction) -> Actor {
    town.appoint(town.donor().await, Grant::Cadre(area)).await
}

fn jobs(town: &Town) -> CollusionService {
    watching(town.store.clone(), town.clock.clone())
}

/// The engine's jobs.
fn escalating(town: &Town) -> TaskService {
    TaskService {
        foundation: town.foundation(),
        deciders: Vec::new(),
    }
}

/// How many messages of a topic wait for somebody, and what they say.
async fn heard(town: &Town, who: &Actor, topic: &str) -> (usize, String) {
    let messages = town
        .inbox(who)
        .await
        .into_iter()
        .filter(|(of, _)| of == topic);
    let bodies: Vec<_> = messages.map(|(_, body)| body).collect();
    (bodies.len(), bodies.join("|"))
}

async fn hears_nothing(town: &Town, who: &Actor) -> bool {
    let topics = ["redemptions_suspended", "scans_disputed", "tasks_overdue"];
    town.inbox(who)
        .await
        .iter()
        .all(|(topic, _)| !topics.contains(&topic.as_str()))
}
