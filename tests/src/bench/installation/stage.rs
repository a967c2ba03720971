//! What a measurement runs against: a durable database, the real release binary as server
//! processes, and people.

use std::{
    net::SocketAddr,
    path::PathBuf,
    time::{Duration, Instant},
};

use niangjia_domain::kernel::id::{StationId, VoucherBatchId};
use niangjia_infra::sql::{DatabaseSettings, Patience, connect};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

use crate::{
    bench::{
        installation::{
            keys::Keys,
            people::{Registry, Somebody},
            release::{release_binary, settings, start},
        },
        tell,
    },
    demo_town::DemoTown,
    eventually::eventually_within,
    servers::{
        database::Kind,
        postgres::Postgres,
        process::{PASSWORD, Process, command},
        throwaway::fresh_folder,
    },
};

/// As a small production server would be set; `fsync` and `synchronous_commit` are on, as they are
/// by default.
const POSTGRES: &[&str] = &["shared_buffers=1GB", "max_wal_size=4GB"];
/// Who wants to know which statements cost what asks for
/// `shared_preload_libraries=pg_stat_statements` here.
const MORE_POSTGRES: &str = "BENCH_POSTGRES";

/// How long servers may work on what a storm left behind.
const SETTLING: Duration = Duration::from_secs(120);

pub(in crate::bench) struct Stage {
    pub(in crate::bench) server: Option<Postgres>,
    pub(in crate::bench) processes: Vec<Process>,
    pub(in crate::bench) town: DemoTown,
    pub(in crate::bench) keys: Keys,
    pub(in crate::bench) db: DatabaseConnection,
    folder: PathBuf,
    settings: Vec<(&'static str, String)>,
}

/// A durable PostgreSQL server.
pub(in crate::bench) async fn postgres() -> Postgres {
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
    pub(in crate::bench) async fn set(kind: Kind) -> Self {
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
        let town = DemoTown::enter(&processes[0].base, PASSWORD)
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

    pub(in crate::bench) fn registry(&self) -> Registry<'_> {
        Registry {
            db: &self.db,
            cipher: self.keys.cipher(),
        }
    }

    pub(in crate::bench) fn doors(&self) -> Vec<SocketAddr> {
        let door = |process: &Process| {
            process
                .base
                .trim_start_matches("http://")
                .parse()
                .expect("an address")
        };
        self.processes.iter().map(door).collect()
    }

    pub(in crate::bench) fn station(&self) -> StationId {
        self.town.station.parse().expect("a station's id")
    }

    /// A running batch of vouchers for a meal that nobody has had yet.
    pub(in crate::bench) async fn batch(&self, quota: i64) -> VoucherBatchId {
        let id = self
            .town
            .running_batch(quota)
            .await
            .expect("a running batch");
        id.parse().expect("a batch's id")
    }

    pub(in crate::bench) fn token(&self, of: &Somebody) -> String {
        use niangjia_domain::kernel::Clock;
        self.keys
            .token(&of.claims(), niangjia_infra::system::SystemClock.now())
    }

    /// One number from the database.
    pub(in crate::bench) async fn number(&self, sql: &str) -> i64 {
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
    pub(in crate::bench) fn restart(&mut self) -> Duration {
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
    pub(in crate::bench) async fn settle(&self) {
        const LEFT: &str = "SELECT (SELECT COUNT(*) FROM outbox_events WHERE delivered_at IS NULL AND dead_at IS NULL) \
                            + (SELECT COUNT(*) FROM audit_entries WHERE sequence IS NULL)";
        eventually_within(SETTLING, "outbox and audit trail are done", async || {
            (self.number(LEFT).await == 0).then_some(())
        })
        .await;
    }

    /// Has `niangjia reconcile` look at the books after the storms; says what it says.
    pub(in crate::bench) fn reconcile(&self) {
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
pub(in crate::bench) async fn new_database(server: &Postgres, name: &str) -> String {
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
