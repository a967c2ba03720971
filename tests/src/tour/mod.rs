//! The tour: plays the main job against a running server with real input and prints what happens,
//! so that a person can read it. The first surprise ends it.

mod checkup;
mod join;
mod voucher;
mod wish;

use crate::{
    client::{Client, Surprise},
    demo_town::DemoTown,
    eventually::{PATIENCE, seen_within},
    people::Invented,
};

/// Who takes part. Workers and donors are new in every run; staff and cadres are the demo's.
#[derive(Debug)]
pub struct Cast {
    pub town: DemoTown,
    pub worker: Client,
    pub donor: Client,
}

/// Plays all four services. `password` is the back office's.
pub async fn play(base: &str, password: &str) -> Result<(), Surprise> {
    let cast = gather(base, password).await?;
    join::one_tap(&cast).await?;
    join::three_fields(&cast, &Invented::new()).await?;
    wish::play(&cast).await?;
    voucher::play(&cast).await?;
    checkup::play(&cast).await?;
    say("Everybody goes home. 一切顺利。");
    Ok(())
}

async fn gather(base: &str, password: &str) -> Result<Cast, Surprise> {
    chapter("Who takes part");
    let town = DemoTown::enter(base, password).await?;
    let place = town
        .stranger
        .get(&format!("/stations/{}", town.station))
        .await
        .expect_status(200)?;
    say(&format!(
        "a worker, a donor, a cadre, a checker, and staff of {}",
        place.text("name")?
    ));
    Ok(Cast {
        worker: town.newcomer().await?,
        donor: town.newcomer().await?,
        town,
    })
}

/// Prints one line of the transcript.
#[allow(clippy::print_stdout)]
pub fn say(line: &str) {
    println!("   {line}");
}

#[allow(clippy::print_stdout)]
pub fn chapter(title: &str) {
    println!("\n── {title}");
}

/// Fails the tour with a sentence.
pub fn require(holds: bool, sentence: &str) -> Result<(), Surprise> {
    if holds {
        Ok(())
    } else {
        Err(Surprise(sentence.to_owned()))
    }
}

/// The newest inbox message of a topic.
pub async fn inbox(client: &Client, topic: &str) -> Result<String, Surprise> {
    let news = seen_within(PATIENCE, async || {
        let inbox = client.get("/me/inbox?limit=50").await.expect_status(200);
        let inbox = match inbox {
            Ok(inbox) => inbox,
            Err(surprise) => return Some(Err(surprise)),
        };
        let items = inbox.body["items"].as_array()?;
        let item = items.iter().find(|item| item["topic"] == topic)?;
        Some(Ok(item["body"].as_str()?.to_owned()))
    });
    let missing = || Err(Surprise(format!("no {topic} came to the inbox in time")));
    news.await.unwrap_or_else(missing)
}
