//! One town on a database of its own: a station, a union, people with accounts, and every use case
//! running in as many "processes" (stores with pools of their own) as a test wants. Its clock moves
//! only when a test moves it.

mod checkups;
/// Tasks about tea, decided at a desk.
pub mod desk;
/// Identity as services that behave like processes, and over HTTP.
pub mod identity;
/// A union's office on one store, with the real unions of Jining and the demo's.
pub mod office;
mod offline;
mod people;
mod rounds;
mod scans;
mod services;
mod settlements;
/// Uploads on an object store of their own, as a service and over HTTP.
pub mod uploads;
mod vouchers;
/// The wishes API over HTTP, for callers of a test's choice.
pub mod wish_server;
mod wishes;

use std::sync::Arc;

use chrono::{NaiveTime, TimeDelta};
use niangjia_domain::{
    kernel::{Actor, Clock, Foundation, id::UnionId, values::local_time},
    stations::station::Station,
};
use niangjia_infra::{
    sql::SqlStore,
    system::{SystemClock, SystemRandom},
};
use sea_orm::{ConnectionTrait, QueryResult, Statement};

pub use self::{
    checkups::{CheckupTown, seat},
    people::bearer,
    rounds::{by_allotment, by_draw, told},
    scans::ScanExt,
    services::Services,
    settlements::SettlingTown,
};
use crate::{
    actors::{cadre_of, stranger},
    clock::WoundClock,
    places::DISTRICT,
    rows::{add_city_union, add_station, station},
    servers::database::{Kind, TestDatabase},
    stand_ins::text_check::TextCheckStandIn,
};

/// The town.
pub struct Town {
    pub database: TestDatabase,
    pub store: Arc<SqlStore>,
    pub clock: Arc<WoundClock>,
    pub text_check: Arc<TextCheckStandIn>,
    pub station: Station,
    /// Use cases of the first process.
    pub services: Services,
    /// A cadre of the district, who makes.
    pub maker: Actor,
    /// Another one, who checks.
    pub checker: Actor,
    /// Signed in, and bound to the station.
    pub staff: Actor,
    union: UnionId,
}

impl Town {
    /// At the present moment.
    pub async fn new(kind: Kind) -> Self {
        Self::on(TestDatabase::new(kind).await).await
    }

    /// The same, on a database of the test's own.
    pub async fn on(database: TestDatabase) -> Self {
        Self::at(WoundClock::new(), database).await
    }

    /// At noon tomorrow.
    pub async fn at_noon(kind: Kind) -> Self {
        Self::at_noon_on(TestDatabase::new(kind).await).await
    }

    /// The same, on a database of the test's own.
    pub async fn at_noon_on(database: TestDatabase) -> Self {
        let tomorrow = local_time::date_of(SystemClock.now()) + TimeDelta::days(1);
        let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap();
        Self::at(
            WoundClock::at(local_time::instant_of(tomorrow, noon)),
            database,
        )
        .await
    }

    async fn at(clock: Arc<WoundClock>, database: TestDatabase) -> Self {
        let store = Arc::new(database.store().await);
        let text_check = Arc::new(TextCheckStandIn::default());
        let station = station(clock.now());
        add_station(&*store, &station).await;
        let union = add_city_union(&store, clock.now()).await;
        let foundation = foundation(store.clone(), clock.clone());
        let mut town = Self {
            services: Services::on(foundation, text_check.clone()),
            database,
            store,
            clock,
            text_check,
            station,
            maker: cadre_of(DISTRICT),
            checker: cadre_of(DISTRICT),
            staff: stranger(),
            union,
        };
        town.staff = town.staff_of(town.station.id).await;
        town
    }

    /// Another process on the same database.
    pub async fn another_process(&self) -> Services {
        self.process_on(self.database.store().await)
    }

    /// Another process over a store of the test's own.
    pub fn process_on(&self, store: SqlStore) -> Services {
        let foundation = foundation(Arc::new(store), self.clock.clone());
        Services::on(foundation, self.text_check.clone())
    }

    /// What use cases of the first process lean on.
    pub fn foundation(&self) -> Foundation {
        foundation(self.store.clone(), self.clock.clone())
    }

    /// Topics and bodies of everything waiting for this inbox.
    pub async fn inbox(&self, actor: &Actor) -> Vec<(String, String)> {
        let database = self.store.writer();
        let sql = "SELECT template, parameters FROM outbox_events WHERE recipient_id = $1 \
                   AND delivered_at IS NULL AND dead_at IS NULL ORDER BY created_at, id";
        let recipient = actor.account_id.uuid().into();
        let statement =
            Statement::from_sql_and_values(database.get_database_backend(), sql, [recipient]);
        let rows = database.query_all_raw(statement).await.unwrap();
        let templates = niangjia_api::wiring::templates();
        let told = |row: QueryResult| {
            let (code, parameters): (String, serde_json::Value) = (
                row.try_get("", "template").unwrap(),
                row.try_get("", "parameters").unwrap(),
            );
            let parameters = serde_json::from_value(parameters).unwrap();
            let body = templates.get(&code).unwrap().body_with(&parameters);
            (code, body.unwrap())
        };
        rows.into_iter().map(told).collect()
    }

    /// One number from the database.
    pub async fn count(&self, sql: &str) -> i64 {
        let database = self.store.writer();
        let statement = Statement::from_string(database.get_database_backend(), sql);
        let row = database.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Runs SQL as it is, several statements too.
    pub async fn run(&self, sql: &str) {
        let database = self.store.writer();
        database.execute_unprepared(sql).await.unwrap();
    }

    /// Changes rows behind everybody's back.
    pub async fn execute(&self, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) {
        let database = self.store.writer();
        let statement =
            Statement::from_sql_and_values(database.get_database_backend(), sql, values);
        database.execute_raw(statement).await.unwrap();
    }
}

/// What every use case of a process leans on.
fn foundation(store: Arc<SqlStore>, clock: Arc<WoundClock>) -> Foundation {
    Foundation {
        store,
        clock,
        random: Arc::new(SystemRandom),
    }
}
