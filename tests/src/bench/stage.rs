//! What a measurement runs against: a durable database, the real release binary as server
//! processes, and people.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use niangjia_domain::kernel::id::{StationId, VoucherBatchId};
use niangjia_infra::sql::{DatabaseSettings, Patience, connect};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use super::{
    keys::Keys,
    people::{Registry, Somebody},
    tell,
};
use crate::{
    database::Kind,
    people,
    postgres::Postgres,
    process::{PASSWORD, Process, command},
    throwaway::fresh_folder,
    town::Town,
};

/// As a small production server would be set; `fsync` and `synchronous_commit` are on, as they are
/// by default.
const POSTGRES: &[&str] = &["shared_buffers=1GB", "max_wal_size=4GB"];
/// Who wants to know which statements cost what asks for
/// `shared_preload_libraries=pg_stat_statements` here.
const MORE_POSTGRES: &str = "BENCH_POSTGRES";

/// Settings of the servers that a run may try other values of.
const TRIED: [&str; 3] = [
    "NIANGJIA_DATABASE_MAX_CONNECTIONS",
    "NIANGJIA_WORKERS",
    "NIANGJIA_LOG_LEVEL",
];

pub(super) struct Stage {
    pub(super) server: Option<Postgres>,
    pub(super) processes: Vec<Process>,
    pub(super) town: Town,
    pub(super) keys: Keys,
    pub(super) db: DatabaseConnection,
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
}

/// A durable PostgreSQL server.
pub(super) async fn postgres() -> Postgres {
    let start = || {
        let more = std::env::var(MORE_POSTGRES).unwrap_or_default();
        let settings: Vec<_> = POSTGRES
            .iter()
            .copied()
            .chain(more.split_whitespace())
            .collect();
        Postgres::start_with(&settings)
    };
    tokio::task::spawn_blocking(start)
        .await
        .expect("PostgreSQL starts")
}

impl Stage {
    /// Two processes on PostgreSQL, or one on SQLite as `cargo run` has it.
    pub(super) async fn set(kind: Kind) -> Self {
        let folder = fresh_folder("bench");
        let (server, url, count) = match kind {
            Kind::Sqlite => (
                None,
                format!("sqlite://{}/niangjia.db", folder.display()),
                1,
            ),
            Kind::Postgres => {
                let server = postgres().await;
                let url = server.url(&new_database(&server, "bench").await);
                (Some(server), url, 2)
            }
        };
        let keys = Keys::generate();
        let settings = settings(&url, &keys);
        let processes = start(&folder, count, &settings).await;
        let town = Town::enter(&processes[0].base, PASSWORD)
            .await
            .expect("the demo is seeded");
        // SQLite has one writer: the servers. This one asks and, before they are busy, fills.
        let (db, _) = connect(&DatabaseSettings {
            url,
            max_connections: 4,
            patience: Patience::default(),
        })
        .await
        .expect("the database opens");
        Self {
            server,
            processes,
            town,
            keys,
            db,
            folder,
            settings,
        }
    }

    pub(super) fn registry(&self) -> Registry<'_> {
        Registry {
            db: &self.db,
            cipher: self.keys.cipher(),
        }
    }

    pub(super) fn doors(&self) -> Vec<SocketAddr> {
        let door = |process: &Process| {
            process
                .base
                .trim_start_matches("http://")
                .parse()
                .expect("an address")
        };
        self.processes.iter().map(door).collect()
    }

    pub(super) fn station(&self) -> StationId {
        self.town.station.parse().expect("a station's id")
    }

    /// A running batch of vouchers for a meal that nobody has had yet.
    pub(super) async fn batch(&self, quota: i64) -> VoucherBatchId {
        let meal = format!("餐{}", people::token());
        let id = self
            .town
            .running_batch_for(quota, &meal)
            .await
            .expect("a running batch");
        id.parse().expect("a batch's id")
    }

    pub(super) fn token(&self, of: &Somebody) -> String {
        use niangjia_domain::kernel::Clock;
        self.keys
            .token(&of.claims(), niangjia_infra::system::SystemClock.now())
    }

    /// One number from the database.
    pub(super) async fn number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let row = self
            .db
            .query_one_raw(statement)
            .await
            .expect("the database answers")
            .expect("one row");
        row.try_get_by_index(0).expect("a number")
    }

    /// Ends the servers and starts one again; how long it took to be ready.
    pub(super) fn restart(&mut self) -> Duration {
        self.processes.clear();
        let started = Instant::now();
        self.processes.push(Process::start_binary(
            &release_binary(),
            &self.folder,
            &self.settings,
        ));
        started.elapsed()
    }

    /// Waits until notices are delivered and the audit trail is sealed, so that the next
    /// measurement starts even.
    pub(super) async fn settle(&self) {
        const LEFT: &str = "SELECT (SELECT COUNT(*) FROM outbox_events WHERE delivered_at IS NULL AND dead_at IS NULL) \
                            + (SELECT COUNT(*) FROM audit_entries WHERE sequence IS NULL)";
        for _ in 0..1_200 {
            if self.number(LEFT).await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("outbox and audit trail are not done after two minutes");
    }

    /// Has `niangjia reconcile` look at the books after the storms; says what it says.
    pub(super) fn reconcile(&self) {
        let mut command = command(&release_binary(), &self.folder, &self.settings);
        let looked = tokio::task::block_in_place(|| command.arg("reconcile").output())
            .expect("the binary starts");
        let said = String::from_utf8_lossy(&looked.stdout);
        assert!(
            looked.status.success(),
            "niangjia reconcile, {}: {said}",
            looked.status
        );
        said.lines()
            .for_each(|line| tell(format!("niangjia reconcile: {line}")));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.processes.clear();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// An empty database of that name.
pub(super) async fn new_database(server: &Postgres, name: &str) -> String {
    let settings = DatabaseSettings {
        url: server.url("postgres"),
        max_connections: 1,
        patience: Patience::default(),
    };
    let (admin, _) = connect(&settings).await.expect("the database opens");
    admin
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .expect("a database");
    name.to_owned()
}

fn settings(url: &str, keys: &Keys) -> Vec<(&'static str, String)> {
    let mut settings = keys.settings();
    settings.push(("NIANGJIA_DATABASE_URL", url.to_owned()));
    // One address plays the part of twenty thousand phones.
    settings.push(("NIANGJIA_LIMITS_PER_IP_PER_MINUTE", "100000000".to_owned()));
    settings.push((
        "NIANGJIA_LIMITS_PER_ACCOUNT_PER_MINUTE",
        "1000000".to_owned(),
    ));
    let tried = TRIED
        .into_iter()
        .filter_map(|name| Some((name, std::env::var(name).ok()?)));
    settings.extend(tried);
    settings
}

async fn start(folder: &Path, count: usize, settings: &[(&'static str, String)]) -> Vec<Process> {
    let (folder, settings) = (folder.to_owned(), settings.to_vec());
    let start = move || {
        (0..count)
            .map(|_| Process::start_binary(&release_binary(), &folder, &settings))
            .collect()
    };
    tokio::task::spawn_blocking(start)
        .await
        .expect("the servers start")
}

/// Beside the folder in which cargo puts this example.
fn release_binary() -> PathBuf {
    let here = std::env::current_exe().expect("this program has a place");
    let binary = here
        .parent()
        .and_then(|examples| examples.parent())
        .map(|target| target.join("niangjia"));
    binary
        .filter(|binary| binary.exists())
        .expect("`make bench` builds the server first")
}
