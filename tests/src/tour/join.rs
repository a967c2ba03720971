//! Joining the union: one tap for a phone on a roster, three fields otherwise.

use serde_json::json;

use super::{Cast, chapter, require, say};
use crate::{
    client::{Client, Surprise},
    demo_town::consents,
    people::Invented,
};

/// Phones of the demo's roster, one used up by each run.
const ROSTER_PHONES: std::ops::Range<u64> = 13_900_000_001..13_900_000_101;

pub async fn one_tap(cast: &Cast) -> Result<(), Surprise> {
    chapter("One tap: a courier whose platform put him on the roster");
    let courier = cast.town.newcomer().await?;
    let consents = consents(&courier).await?;
    for phone in ROSTER_PHONES {
        let body =
            json!({ "phoneCode": format!("dev:{phone}"), "consents": consents, "voluntary": true });
        let reply = courier.post_once("/memberships", body).await;
        // An earlier run of the tour took this row.
        if matches!(reply.status, 409 | 422) {
            continue;
        }
        let joined = reply.expect_status(201)?;
        say(&format!(
            "joined with a tap: {} at {} ({})",
            joined.text("status")?,
            joined.body["union"]["name"].as_str().unwrap_or_default(),
            joined.body["routing"]["reason"]
                .as_str()
                .unwrap_or_default()
        ));
        return card(&courier).await;
    }
    Err(Surprise(
        "all roster rows are used up: start the server with a fresh data folder".to_owned(),
    ))
}

pub async fn three_fields(cast: &Cast, person: &Invented) -> Result<(), Surprise> {
    chapter("Three fields: a rider on no list");
    let joined = cast
        .town
        .apply(&cast.worker, person)
        .await?
        .expect_status(201)?;
    say(&format!(
        "{} at {}: {}",
        joined.text("status")?,
        joined.body["union"]["name"].as_str().unwrap_or_default(),
        joined.body["routing"]["reason"]
            .as_str()
            .unwrap_or_default()
    ));
    require(
        !joined.body.to_string().contains(&person.id_number),
        "the answer echoes the ID number",
    )?;
    cast.town
        .apply(&cast.worker, person)
        .await?
        .expect_problem(409, "already_member")?;
    say("joining twice is refused");

    let queue = cast
        .town
        .cadre
        .get("/admin/membership-applications?limit=100")
        .await
        .expect_status(200)?;
    require(
        !queue.body.to_string().contains(&person.id_number),
        "the queue shows an ID number in clear",
    )?;
    cast.town.accept(joined.id()?).await?;
    let membership = cast.worker.get("/me/membership").await.expect_status(200)?;
    require(
        membership.body["status"] == "active",
        "the cadre's acceptance did not make the worker active",
    )?;
    say("a cadre of the county accepts: active");
    card(&cast.worker).await
}

async fn card(worker: &Client) -> Result<(), Surprise> {
    let card = worker.get("/me/membership/card").await.expect_status(200)?;
    say(&format!("card: member number {}", card.text("memberNo")?));
    Ok(())
}
