//! The binary as operators meet it: what it refuses, what it waits for, how it ends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod busy;
mod draining;
mod jobs;

use std::{
    path::Path,
    process::{Command, Output},
    time::{Duration, Instant},
};

use niangjia_infra::sql::{DatabaseSettings, Patience, connect};
use niangjia_tests::{
    eventually::eventually_so,
    rosters,
    rows::VoucherRows,
    servers::{
        binary::binary,
        database::{Kind, TestDatabase},
        postgres::Postgres,
        process::Process,
        throwaway::{Throwaway, free_port, fresh_folder},
    },
};
use rstest::rstest;
use sea_orm::ConnectionTrait;

fn run(folder: &Path, settings: &[(&str, &str)], arguments: &[&str]) -> Output {
    Command::new(binary())
        .args(arguments)
        .env_clear()
        .envs(settings.iter().copied())
        .current_dir(folder)
        .output()
        .expect("the binary starts")
}

#[test]
fn production_names_everything_it_misses_and_does_not_start() {
    let folder = fresh_folder("refused");
    let settings = [
        ("NIANGJIA_PROFILE", "production"),
        ("NIANGJIA_WECHAT_SECRET", "canary-secret"),
    ];
    let output = run(&folder, &settings, &["serve"]);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    for name in [
        "NIANGJIA_PUBLIC_URL",
        "NIANGJIA_WECHAT_MODE",
        "NIANGJIA_WECHAT_SECRET",
        "NIANGJIA_KEYS_MASTERS",
    ] {
        assert!(complaint.contains(name), "{name} in {complaint}");
    }
    assert!(!complaint.contains("canary"), "{complaint}");
    let report = run(&folder, &settings, &["doctor"]);
    assert_eq!(report.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&report.stdout).contains("FAIL"));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_schema_is_listed_and_brought_up_to_date() {
    let folder = fresh_folder("schema");
    let status = |arguments: &[&str]| run(&folder, &[], arguments).status.code();
    assert_eq!(status(&["migrate", "status"]), Some(1), "steps are pending");
    assert_eq!(status(&["migrate", "up"]), Some(0));
    assert_eq!(status(&["migrate", "status"]), Some(0));
    assert_eq!(status(&["doctor"]), Some(0));
    assert_eq!(
        status(&["audit", "verify"]),
        Some(0),
        "an empty chain is intact"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn reconciling_tells_by_its_exit_code(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (database, folder) = (TestDatabase::new(kind).await, fresh_folder("reconcile"));
    let reconcile = |arguments: &[&str]| {
        let settings = [("NIANGJIA_DATABASE_URL", database.url.as_str())];
        let output = run(&folder, &settings, &[&["reconcile"], arguments].concat());
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    let (code, table) = reconcile(&[]);
    assert_eq!(code, Some(0), "{table}");
    assert!(
        table.contains("0 batches") && table.ends_with("balanced\n"),
        "{table}"
    );

    let rows = VoucherRows::new(database.store().await).await;
    let batch = rows.running(|_| {}).await;
    rows.store
        .writer()
        .execute_unprepared("UPDATE ledger_budgets SET reserved_fen = 7")
        .await
        .unwrap();
    let (code, table) = reconcile(&[]);
    assert_eq!(code, Some(1), "{table}");
    assert!(
        table.contains(&format!("{}  reserved = ledger", batch.id)),
        "{table}"
    );
    let (code, json) = reconcile(&["--json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (code, &report["balanced"], &report["totals"]["batches"]),
        (Some(1), &false.into(), &1.into())
    );
    let expected = serde_json::json!([{ "batchId": batch.id.to_string(), "equation": "reserved = ledger", "left": 7,
        "right": 0, "example": null }]);
    assert_eq!(report["differences"], expected);

    rows.store
        .writer()
        .execute_unprepared("ALTER TABLE ledger_budgets RENAME TO lost")
        .await
        .unwrap();
    assert_eq!(reconcile(&[]).0, Some(2), "nobody could look");
    let nowhere = [("NIANGJIA_DATABASE_URL", "mysql://nowhere")];
    assert_eq!(
        run(&folder, &nowhere, &["reconcile"]).status.code(),
        Some(2)
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_roster_is_imported_from_the_command_line() {
    let folder = fresh_folder("import");
    assert!(run(&folder, &[], &["seed", "--demo"]).status.success());
    let mut rows = rosters::rows("371021", 3);
    std::fs::write(folder.join("good.xlsx"), rosters::xlsx(&rows)).unwrap();
    rows[1][0] = "12345".to_owned();
    std::fs::write(folder.join("bad.csv"), rosters::csv(&rows)).unwrap();
    std::fs::write(folder.join("other.csv"), "name\nx\n").unwrap();
    let import = |arguments: &[&str]| {
        let output = run(&folder, &[], &[&["import"], arguments].concat());
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    for (arguments, code, says) in [
        (
            &["roster", "good.xlsx", "--dry-run"][..],
            0,
            "dry run of 3 rows: 3 added",
        ),
        (&["roster", "bad.csv"], 1, "line 3, phone: "),
        (
            &["roster", "good.xlsx"],
            0,
            "3 rows: 1 added, 0 updated, 2 unchanged, 0 refused",
        ),
        (&["roster", "absent.csv"], 2, "cannot read absent.csv"),
        (&["roster", "other.csv"], 2, "required columns are missing"),
        (&["nonsense", "bad.csv"], 2, "no such kind"),
    ] {
        let (ended, text) = import(arguments);
        assert!(
            ended == Some(code) && text.contains(says),
            "{arguments:?} ended with {ended:?}: {text}"
        );
    }
    std::fs::remove_dir_all(folder).unwrap();
}

async fn status_of(base: &str, path: &str) -> Option<u16> {
    Some(
        reqwest::get(format!("{base}{path}"))
            .await
            .ok()?
            .status()
            .as_u16(),
    )
}

async fn until(base: &str, path: &str, expected: u16) {
    eventually_so(&format!("{path} answers {expected}"), async || {
        status_of(base, path).await == Some(expected)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_comes_later_is_waited_for() {
    let (server, folder, port) = (Postgres::shared(), fresh_folder("early"), free_port());
    let command = [
        "env".to_owned(),
        format!("NIANGJIA_LISTEN=127.0.0.1:{port}"),
        format!("NIANGJIA_DATA_DIR={}", folder.display()),
        format!("NIANGJIA_DATABASE_URL={}", server.url("comes_later")),
        binary().display().to_string(),
    ];
    let early = Throwaway::start(folder, &command);
    let base = format!("http://127.0.0.1:{port}");
    until(&base, "/health/live", 200).await;
    assert_eq!(status_of(&base, "/health/ready").await, Some(503));
    assert_eq!(status_of(&base, "/api/v1/stations").await, Some(503));
    let settings = DatabaseSettings {
        url: server.url("postgres"),
        max_connections: 1,
        patience: Patience::default(),
    };
    let (admin, _) = connect(&settings).await.unwrap();
    admin
        .execute_unprepared("CREATE DATABASE comes_later")
        .await
        .unwrap();
    until(&base, "/health/ready", 200).await;
    assert_eq!(
        status_of(&base, "/api/v1/stations").await,
        Some(200),
        "{}",
        early.log()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_asked_to_end_says_so_first() {
    let folder = fresh_folder("ending");
    let place = folder.clone();
    let mut process = tokio::task::spawn_blocking(move || Process::start(&place, &[]))
        .await
        .unwrap();
    let asked = Instant::now();
    process.ask_to_end();
    until(&process.base.clone(), "/health/ready", 503).await;
    assert_eq!(
        status_of(&process.base, "/health/live").await,
        Some(200),
        "requests are still answered"
    );
    let code = tokio::task::spawn_blocking(move || process.terminate())
        .await
        .unwrap();
    assert_eq!(code, Some(0));
    assert!(asked.elapsed() < Duration::from_secs(30));
    std::fs::remove_dir_all(folder).unwrap();
}
