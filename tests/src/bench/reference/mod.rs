//! The reference database: same server, same schema, nobody at work in it but pgbench.

pub(super) mod bare;
pub(super) mod pgbench;

use niangjia_infra::sql::{DatabaseSettings, Patience, connect};
use niangjia_migrations::Migrator;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use sea_orm_migration::MigratorTrait;

use crate::{bench::installation::stage::new_database, servers::postgres::Postgres};

/// How long each reference is measured.
pub(super) const SECONDS: u32 = 6;

/// A version-7 id of the transaction's time, as ours are: they fill indexes at one end.
const BENCH_ID: &str = "CREATE FUNCTION bench_id(n bigint) RETURNS uuid LANGUAGE sql STABLE AS \
    $$ SELECT encode(substring(int8send((extract(epoch FROM now()) * 1000)::bigint) FROM 3) \
                     || '\\x7000'::bytea || int8send(n), 'hex')::uuid $$";

/// An id that says its number, for rows that are there beforehand.
const BENCH_NUMBER: &str = "CREATE FUNCTION bench_number(n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS \
    $$ SELECT lpad(to_hex(n), 32, '0')::uuid $$";

const NAME: &str = "reference";
const STATION: &str = "INSERT INTO stations (id, name, district, address, lng, lat, hours, amenities) \
    VALUES (bench_number(1), 'reference', '370811', 'reference', 116.6, 35.4, '{}', '[]')";
const BATCH_ROWS: &str = "INSERT INTO voucher_batches \
    (id, name, district, state, rules, valid_to, drafted_by, created_at) \
    SELECT bench_number(n), 'reference', '370811', 'running', '{}', now() + interval '30 days', bench_number(1), now() \
    FROM generate_series(1, 64) n";
const COUNTERS: &str = "INSERT INTO ledger_budgets (budget_id, open, quota, budget_fen, reserved_fen) \
    SELECT bench_number(n), true, 10000000, 20000000000, 5000000000 FROM generate_series(1, 64) n";

/// As many as scans can be spread over.
pub(super) const BATCHES: u32 = 64;
/// Vouchers that each of pgbench's clients finds for one round of scans: more than it can use up.
const A_ROUND: u32 = 2_000;

pub(super) struct Reference {
    port: u16,
    db: DatabaseConnection,
    rounds: u32,
}

impl Reference {
    pub(super) async fn make(server: &Postgres) -> Self {
        new_database(server, NAME).await;
        let settings = DatabaseSettings {
            url: server.url(NAME),
            max_connections: 2,
            patience: Patience::default(),
        };
        let (db, _) = connect(&settings).await.expect("the database opens");
        Migrator::up(&db, None).await.expect("migrations run");
        let reference = Self {
            port: server.port(),
            db,
            rounds: 0,
        };
        for statement in [BENCH_ID, BENCH_NUMBER, STATION, BATCH_ROWS, COUNTERS] {
            reference.run(statement).await;
        }
        reference
    }

    /// Claims a second.
    pub(super) async fn claims(&self) -> f64 {
        self.pgbench(
            "claim.sql",
            &[("batch", "00000000-0000-0000-0000-000000000001".to_owned())],
        )
        .await
    }

    /// Scans a second, of vouchers of so many batches.
    pub(super) async fn scans(&mut self, batches: u32) -> f64 {
        let start = self.rounds * A_ROUND;
        self.rounds += 1;
        self.run(&format!(
            "INSERT INTO vouchers (id, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, valid_to, \
             state) SELECT bench_number(client * 1000000 + n), bench_number(1), bench_number(client * 1000000 + n), \
             bench_number(client * 1000000 + n), 1500, now(), now(), now() + interval '30 days', 'issued' \
             FROM generate_series(1, {}) client, generate_series({}, {}) n",
            pgbench::CLIENTS,
            start + 1,
            start + A_ROUND
        ))
        .await;
        self.pgbench(
            "scan.sql",
            &[
                ("batches", batches.to_string()),
                ("start", start.to_string()),
            ],
        )
        .await
    }

    async fn run(&self, sql: &str) {
        self.db
            .execute_unprepared(sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn pgbench(&self, script: &'static str, variables: &[(&'static str, String)]) -> f64 {
        tokio::task::block_in_place(|| pgbench::run(self.port, NAME, script, SECONDS, variables))
    }
}
