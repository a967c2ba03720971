//! The demo's town over HTTP: its cadres and station staff, and whatever they make for tests and for
//! the tour.

mod batches;
mod checkups;
mod members;
mod wishes;

pub use self::members::{application, consents};
use crate::{
    client::{Client, Surprise},
    people,
    servers::{
        database::Kind,
        process::{self, PASSWORD},
    },
};

/// The demo's people on duty.
#[derive(Debug, Clone)]
pub struct DemoTown {
    pub stranger: Client,
    pub staff: Client,
    pub cadre: Client,
    pub checker: Client,
    /// The station that `staff` is bound to.
    pub station: String,
}

impl DemoTown {
    /// `password` is the back office's.
    pub async fn enter(base: &str, password: &str) -> Result<Self, Surprise> {
        let stranger = Client::new(base);
        let staff = stranger.wechat("dev:staff-1").await?;
        let station = staffed_station(&staff).await?;
        let cadre = stranger.password("cadre", password).await?;
        let checker = stranger.password("checker", password).await?;
        Ok(Self {
            stranger,
            staff,
            cadre,
            checker,
            station,
        })
    }

    /// Of the installation that this test process shares.
    pub async fn shared(kind: Kind) -> Self {
        let base = &process::shared(kind).await.base;
        Self::enter(base, PASSWORD)
            .await
            .expect("the demo's people sign in")
    }

    /// The same people at another process.
    pub fn at(&self, base: &str) -> Self {
        let there = |client: &Client| client.at(base);
        Self {
            stranger: there(&self.stranger),
            staff: there(&self.staff),
            cadre: there(&self.cadre),
            checker: there(&self.checker),
            station: self.station.clone(),
        }
    }

    /// Somebody who has not been here before.
    pub async fn newcomer(&self) -> Result<Client, Surprise> {
        self.stranger
            .wechat(&format!("dev:newcomer-{}", people::token()))
            .await
    }
}

async fn staffed_station(staff: &Client) -> Result<String, Surprise> {
    let me = staff.get("/me").await.expect_status(200)?;
    let scopes = me.body["scopes"].as_array().cloned().unwrap_or_default();
    let own = scopes.iter().find(|scope| scope["role"] == "station_staff");
    own.and_then(|scope| scope["id"].as_str())
        .map(str::to_owned)
        .ok_or_else(|| {
            Surprise("dev:staff-1 is bound to no station; was the demo seeded?".to_owned())
        })
}
