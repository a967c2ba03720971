//! Background jobs as operators meet them: who leads, what is listed, what is done by hand, and
//! that nothing keeps a process that was asked to end.

use std::{
    collections::BTreeSet,
    path::Path,
    time::{Duration, Instant},
};

use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    eventually::{eventually_blocking, eventually_so},
    servers::{
        database::{Kind, TestDatabase},
        process::Process,
        throwaway::fresh_folder,
        two_processes::TwoProcesses,
    },
    stand_ins::wechat::{APPID, SECRET, TEXT, Trouble, WechatStandIn},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::run;

const LED_ELSEWHERE: i32 = 2;

/// The keys lie in the folder: who shares a database shares it too.
fn settings<'a>(folder: &'a Path, url: &'a str) -> [(&'a str, &'a str); 2] {
    let folder = folder.to_str().unwrap();
    [
        ("NIANGJIA_DATABASE_URL", url),
        ("NIANGJIA_DATA_DIR", folder),
    ]
}

/// Exit code and stdout of `niangjia jobs …`.
fn jobs(folder: &Path, url: &str, arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(
        folder,
        &settings(folder, url),
        &[&["jobs"], arguments].concat(),
    );
    (
        output.status.code(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

/// The line of `niangjia jobs list` on one job.
fn line(table: &str, job: &str) -> String {
    let found = table.lines().find(|line| line.starts_with(job));
    found
        .unwrap_or_else(|| panic!("{job} in {table}"))
        .to_owned()
}

fn on(database: &TestDatabase) -> Vec<(&'static str, String)> {
    vec![("NIANGJIA_DATABASE_URL", database.url.clone())]
}

async fn start(folder: &Path, settings: Vec<(&'static str, String)>) -> Process {
    let folder = folder.to_owned();
    let start = move || Process::start(&folder, &settings);
    tokio::task::spawn_blocking(start).await.unwrap()
}

/// Asks it to end; exit code, and how long that took.
async fn ended(mut process: Process) -> (Option<i32>, Duration) {
    let end = move || {
        let asked = Instant::now();
        (process.terminate(), asked.elapsed())
    };
    tokio::task::spawn_blocking(end).await.unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_listed_and_done_by_hand(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let (database, folder) = (TestDatabase::new(kind).await, fresh_folder("by-hand"));
    let url = database.url.as_str();
    let (code, table) = jobs(&folder, url, &["list"]);
    assert_eq!(code, Some(0), "{table}");
    assert!(
        line(&table, "audit_seal").contains("2s     nobody"),
        "{table}"
    );

    let (code, said) = jobs(&folder, url, &["run", "audit_seal"]);
    assert_eq!(
        (code, said.as_str()),
        (Some(0), "audit_seal: 0 done in 1 unit(s)\n")
    );
    assert_eq!(jobs(&folder, url, &["run", "unheard_of"]).0, Some(1));

    let writer = database.store().await;
    let writer = writer.writer();
    let rename = |from: &str, to: &str| format!("ALTER TABLE {from} RENAME TO {to}");
    let away = rename("voucher_short_codes", "lost");
    writer.execute_unprepared(&away).await.unwrap();
    let (code, said) = jobs(&folder, url, &["run", "short_codes_forget"]);
    assert_eq!(code, Some(1), "{said}");
    let table = jobs(&folder, url, &["list"]).1;
    let failed = line(&table, "short_codes_forget");
    assert!(
        failed.contains("voucher_short_codes"),
        "the cause: {failed}"
    );
    let report = run(&folder, &settings(&folder, url), &["doctor"]).stdout;
    let report = String::from_utf8(report).unwrap();
    assert!(
        report.contains("warn  jobs      short_codes_forget: "),
        "{report}"
    );

    let process = start(&folder, on(&database)).await;
    eventually_blocking("there is a leader", || {
        let table = jobs(&folder, url, &["list"]).1;
        line(&table, "audit_seal").contains("proc_").then_some(())
    });
    let (code, said) = jobs(&folder, url, &["run", "audit_seal"]);
    assert_eq!(code, Some(LED_ELSEWHERE), "{said}");
    assert!(said.starts_with("audit_seal is led by proc_"), "{said}");
    assert_eq!(ended(process).await.0, Some(0));
    let table = jobs(&folder, url, &["list"]).1;
    assert!(
        line(&table, "audit_seal").contains("2s     nobody"),
        "handed back: {table}"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

/// Wishes that no machine has judged, made out of the demo's published ones.
async fn unjudged(store: &SqlStore) -> u64 {
    let sql =
        "UPDATE wishes SET status = 'checking', published_at = NULL WHERE status = 'published'";
    let made = store.writer().execute_unprepared(sql).await.unwrap();
    made.rows_affected()
}

fn checked_by(wechat: &WechatStandIn, database: &TestDatabase) -> Vec<(&'static str, String)> {
    let mut settings = on(database);
    settings.extend([
        ("NIANGJIA_WECHAT_MODE", "http".to_owned()),
        ("NIANGJIA_WECHAT_APP_ID", APPID.to_owned()),
        ("NIANGJIA_WECHAT_SECRET", SECRET.to_owned()),
        ("NIANGJIA_WECHAT_BASE_URL", wechat.base_url.clone()),
        ("NIANGJIA_TEXT_CHECK_MODE", "wechat".to_owned()),
    ]);
    settings
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wechat_that_hangs_keeps_no_process_that_is_asked_to_end() {
    let database = TestDatabase::new(Kind::Sqlite).await;
    let (wechat, folder) = (WechatStandIn::start().await, fresh_folder("hanging"));
    let seeded = start(&folder, on(&database)).await;
    assert_eq!(ended(seeded).await.0, Some(0));
    assert!(unjudged(&database.store().await).await > 0);
    let hangs = Trouble::Slow(Duration::from_secs(60));
    wechat.misbehave(TEXT, vec![hangs; 100]);

    let process = start(&folder, checked_by(&wechat, &database)).await;
    let asked = || (!wechat.calls(TEXT).is_empty()).then_some(());
    tokio::task::block_in_place(|| eventually_blocking("WeChat is asked", asked));
    let (code, took) = ended(process).await;
    assert_eq!(code, Some(0));
    // Two of these seconds are the notice that load balancers get.
    assert!(took < Duration::from_secs(6), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_locked_keeps_no_process_that_is_asked_to_end() {
    let (database, folder) = (
        TestDatabase::new(Kind::Postgres).await,
        fresh_folder("locked"),
    );
    let process = start(&folder, on(&database)).await;
    let store = database.store().await;
    let locked = store.writer().begin().await.unwrap();
    let lock = "LOCK TABLE outbox_events IN ACCESS EXCLUSIVE MODE";
    locked.execute_unprepared(lock).await.unwrap();
    let stuck = "SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 'outbox_events'::regclass";
    eventually_so("the dispatcher meets the lock", async || {
        let found = store.writer().execute_unprepared(stuck).await.unwrap();
        found.rows_affected() > 0
    })
    .await;
    let (code, took) = ended(process).await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(6), "{took:?}");
    locked.rollback().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_one_asks_wechat() {
    let database = TestDatabase::new(Kind::Postgres).await;
    let (wechat, folder) = (WechatStandIn::start().await, fresh_folder("asking"));
    let seeded = start(&folder, on(&database)).await;
    assert_eq!(ended(seeded).await.0, Some(0));
    let wishes = unjudged(&database.store().await).await as usize;
    assert!(wishes > 1);
    // Slow enough for the second process to ask about the first wish too, if it would.
    let hangs = Trouble::Slow(Duration::from_secs(60));
    wechat.misbehave(TEXT, vec![hangs; 100]);
    let _one = start(&folder, checked_by(&wechat, &database)).await;
    let _two = start(&folder, checked_by(&wechat, &database)).await;
    let asked = || (wechat.calls(TEXT).len() >= wishes).then(|| wechat.calls(TEXT));
    let asked = tokio::task::block_in_place(|| {
        eventually_blocking("every wish's text is asked about", asked)
    });
    let about: BTreeSet<_> = asked.iter().map(|call| call.body.clone()).collect();
    assert_eq!(about.len(), asked.len(), "each wish once");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_leads_and_both_tell_what_waits() {
    let two = TwoProcesses::start().await;
    let table = jobs(&two.folder, &two.database.url, &["list"]).1;
    let leaders: BTreeSet<_> = table
        .split_whitespace()
        .filter(|word| word.starts_with("proc_"))
        .collect();
    assert_eq!(leaders.len(), 1, "{table}");
    for process in [&two.one, &two.two] {
        let text = async |path: &str| {
            let url = format!("{}{path}", process.base);
            reqwest::get(url).await.unwrap().text().await.unwrap()
        };
        let ready = text("/health/ready").await;
        assert!(ready.contains("\"deadLetters\":0"), "{ready}");
        assert!(ready.contains("\"oldestSeconds\":"), "{ready}");
        let metrics = text("/metrics").await;
        for name in [
            "job_oldest_waiting_seconds{job=\"outbox_dispatch\"}",
            "outbox_dead_letters 0",
            "audit_unsealed",
            "job_last_success_timestamp_seconds{job=\"backlogs_watch\"}",
        ] {
            assert!(metrics.contains(name), "{name} in {metrics}");
        }
    }
}
