//! S8: the storm on SQLite as `cargo run` has it, one process, against one transaction per claim by
//! a bare loop over the same tables with the same durability.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use niangjia_domain::kernel::{Clock, Id, id::kind, values::local_time};
use niangjia_infra::{
    sql::{DatabaseSettings, Patience, connect},
    system::{SystemClock, SystemRandom},
};
use niangjia_migrations::Migrator;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, Value,
};
use sea_orm_migration::MigratorTrait;
use serde_json::json;
use uuid::Uuid;

use crate::{
    bench::{
        installation::stage::Stage,
        load::{machine, median, spent::Spent},
        table::{Bar, Row},
        tell,
        workloads::storm,
    },
    servers::{database::Kind, throwaway::fresh_folder},
};

const ROUNDS: usize = 3;
const REFERENCE_LASTS: Duration = Duration::from_secs(5);

pub(in crate::bench) async fn measure() -> Vec<Row> {
    let mut stage = Stage::set(Kind::Sqlite).await;
    let crowd = stage.registry().members(storm::PEOPLE).await;
    let folder = fresh_folder("bench-reference");
    let reference = Loop::make(&folder).await;
    let (mut ours, mut theirs, mut note) = (Vec::new(), Vec::new(), String::new());
    for round in 1..=ROUNDS {
        stage.settle().await;
        let alone = reference.claims().await;
        let before = Spent::so_far(&stage);
        let outcome = storm::play(&stage, &crowd).await;
        note = before.describe(&stage, &outcome, 201);
        tell(format!(
            "S8 round {round}: {:.0} claims/s, reference {alone:.0}/s; {note}",
            outcome.rate(201)
        ));
        ours.push(outcome.rate(201));
        theirs.push(alone);
    }
    stage.settle().await;
    stage.reconcile();
    let _ = std::fs::remove_dir_all(&folder);
    let storm = Row {
        name: "S8 claim storm, SQLite",
        ours: median(ours),
        reference: median(theirs),
        bar: Bar::AtLeast(5.0),
        unit: "claims/s",
        note,
    };
    let [ready, idle] = start_again(&mut stage);
    vec![storm, ready, idle]
}

/// S9: from start to readiness on the file that is there now, and memory when nobody has asked for
/// anything yet.
fn start_again(stage: &mut Stage) -> [Row; 2] {
    let took = tokio::task::block_in_place(|| stage.restart());
    let ready = Row {
        name: "S9 ready after start, SQLite",
        ours: took.as_secs_f64() * 1_000.0,
        reference: 300.0,
        bar: Bar::AtMost(1.0),
        unit: "ms",
        note: "on the file that the storms left".to_owned(),
    };
    std::thread::sleep(Duration::from_secs(3));
    let idle = machine::memory(stage.processes[0].pid()).0;
    let note = "three seconds later, jobs running".to_owned();
    let (name, bar) = ("S9 resident, idle", Bar::AtMost(1.0));
    [
        ready,
        Row {
            name,
            ours: idle as f64,
            reference: 60.0,
            bar,
            unit: "MB",
            note,
        },
    ]
}

/// One writer that claims and claims.
struct Loop {
    db: DatabaseConnection,
}

const BATCH: Uuid = Uuid::from_u128(1);

impl Loop {
    async fn make(folder: &Path) -> Self {
        let url = format!("sqlite://{}/reference.db", folder.display());
        let (db, _) = connect(&DatabaseSettings {
            url,
            max_connections: 1,
            patience: Patience::default(),
        })
        .await
        .expect("the database opens");
        Migrator::up(&db, None).await.expect("migrations run");
        let now: Value = SystemClock.now().into();
        let batch = "INSERT INTO voucher_batches (id, name, district, state, rules, valid_to, drafted_by, created_at) \
                     VALUES ($1, 'reference', '370811', 'running', '{}', $2, $1, $2)";
        let counter = "INSERT INTO ledger_budgets (budget_id, open, quota, budget_fen) \
                       VALUES ($1, true, 10000000, 15000000000)";
        for (sql, values) in [
            (batch, vec![BATCH.into(), now]),
            (counter, vec![BATCH.into()]),
        ] {
            run(&db, sql, values).await;
        }
        Self { db }
    }

    /// Claims a second.
    async fn claims(&self) -> f64 {
        let (started, mut count) = (Instant::now(), 0);
        while started.elapsed() < REFERENCE_LASTS {
            self.claim().await;
            count += 1;
        }
        f64::from(count) / started.elapsed().as_secs_f64()
    }

    /// The writes of `tests/benches/claim.sql`.
    async fn claim(&self) {
        let immediate = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self
            .db
            .begin_with_options(immediate)
            .await
            .expect("a transaction");
        for (sql, values) in writes() {
            run(&tx, sql, values).await;
        }
        tx.commit().await.expect("it commits");
    }
}

fn writes() -> Vec<(&'static str, Vec<Value>)> {
    let now = SystemClock.now();
    let day = local_time::date_of(now).to_string();
    let id = || Id::<kind::Voucher>::generate(now, &SystemRandom).uuid();
    let (person, voucher, event) = (id(), id(), id());
    let answer = json!({ "voucher": {
        "id": voucher, "batch_id": BATCH, "person_id": person, "account_id": person, "face_value": 1_500,
        "issued_at": now, "valid_from": now, "valid_to": now, "state": "issued",
    }});
    let parameters = json!({ "batch": "测试午餐券", "until": "2026-07-01 23:59" });
    let (person, voucher, event, batch): (Value, Value, Value, Value) =
        (person.into(), voucher.into(), event.into(), BATCH.into());
    let now: Value = now.into();
    vec![
        (
            "INSERT INTO idempotency_keys (account_id, key, fingerprint, reserved_at) \
             VALUES ($1, 'key-1234567890-abcdef-1', $2, $3)",
            vec![person.clone(), vec![7u8; 32].into(), now.clone()],
        ),
        (
            "UPDATE ledger_budgets SET issued = issued + 1, reserved_fen = reserved_fen + 1500 WHERE budget_id = $1 \
             AND open AND issued + 1 <= quota AND reserved_fen + spent_fen + 1500 <= budget_fen",
            vec![batch.clone()],
        ),
        (
            "INSERT INTO voucher_days (batch_id, day, issued) VALUES ($1, $2, 1) \
             ON CONFLICT (batch_id, day) DO UPDATE SET issued = voucher_days.issued + 1",
            vec![batch.clone(), day.into()],
        ),
        (
            "INSERT INTO voucher_slots (batch_id, person_id, n, voucher_id) VALUES ($1, $2, 1, $3) \
             ON CONFLICT DO NOTHING",
            vec![batch.clone(), person.clone(), voucher.clone()],
        ),
        (
            "INSERT INTO vouchers (id, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, \
             valid_to, state) VALUES ($1, $2, $3, $3, 1500, $4, $4, $4, 'issued')",
            vec![voucher.clone(), batch.clone(), person.clone(), now.clone()],
        ),
        (
            "INSERT INTO ledger_postings (subject_id, kind, sequence, budget_id, reserved_fen, spent_fen, at) \
             VALUES ($1, 'reserve', 0, $2, 1500, 0, $3)",
            vec![voucher.clone(), batch, now.clone()],
        ),
        (
            "INSERT INTO audit_entries (id, at, account_id, role, action, subject, area, request_id, detail) \
             VALUES ($1, $2, $3, 'worker', 'voucher.issued', 'voucher_' || hex($4), '370811', \
             '00112233445566778899aabbccddeeff', '{}')",
            vec![event.clone(), now.clone(), person.clone(), voucher.clone()],
        ),
        (
            "INSERT INTO outbox_events (id, created_at, kind, recipient_id, template, parameters, subject, due_at) \
             VALUES ($1, $2, 'inbox', $3, 'voucher_issued', $4, 'voucher_' || hex($5), $2)",
            vec![event, now, person.clone(), parameters.into(), voucher],
        ),
        (
            "UPDATE idempotency_keys SET answer = $2 WHERE account_id = $1 AND key = 'key-1234567890-abcdef-1'",
            vec![person, answer.into()],
        ),
    ]
}

async fn run(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) {
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    db.execute_raw(statement)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}
