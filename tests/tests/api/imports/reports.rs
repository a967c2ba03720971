//! What a report says, and who reads it.

use std::fs;

use niangjia_tests::{
    places::QUFU,
    rosters,
    servers::{
        database::{Kind, TestDatabase},
        process::{PASSWORD, Process},
        throwaway::fresh_folder,
    },
};
use rstest::rstest;
use serde_json::Value;

use super::{cadre, counts, imported};
use crate::coverage::cast;

#[tokio::test]
async fn a_dry_run_first_and_then_the_rows() {
    let cadre = cadre().await;
    let mut rows = rosters::rows("371011", 3);
    rows[1][2] = "37101119900101123".to_owned();
    let file = rosters::xlsx(&rows);
    let checked = imported(&cadre, "花名册.xlsx", file.clone(), true).await;
    assert_eq!(
        (&checked["status"], &checked["dryRun"]),
        (&"checked".into(), &true.into())
    );
    assert_eq!(counts(&checked), [3, 2, 0, 0, 1]);
    assert_eq!(checked["fileName"], "花名册.xlsx");
    let error = &checked["errors"][0];
    assert_eq!(
        (&error["line"], &error["column"]),
        (&3.into(), &"idNumber".into())
    );
    assert_eq!(error["code"], "id_number_length");
    assert!(
        !checked.to_string().contains("37101119900101123"),
        "no echo"
    );

    // Nothing was taken: now everything is new.
    let done = imported(&cadre, "花名册.xlsx", file.clone(), false).await;
    assert_eq!(
        (&done["status"], counts(&done)),
        (&"done".into(), [3, 2, 0, 0, 1])
    );
    let again = imported(&cadre, "花名册.xlsx", file, false).await;
    assert_eq!(counts(&again), [3, 0, 0, 2, 1]);
    let listed = cadre
        .get("/admin/imports")
        .await
        .expect_status(200)
        .unwrap();
    let ids: Vec<_> = listed.body["items"].as_array().unwrap().iter().collect();
    let place = |one: &Value| ids.iter().position(|it| it["id"] == one["id"]);
    assert!(place(&again) < place(&done) && place(&done) < place(&checked));
}

#[tokio::test]
async fn another_area_sees_nothing_and_takes_nothing() {
    let stranger = cast::stranger().await;
    let (rencheng, qufu) = (cadre().await, cast::officer(&stranger, "cadre", QUFU).await);
    let file = rosters::csv(&rosters::rows("371012", 2));
    let theirs = imported(&qufu, "a.csv", file.clone(), false).await;
    assert_eq!(counts(&theirs), [2, 0, 0, 0, 2]);
    assert_eq!(theirs["errors"][0]["code"], "union_unknown");
    let ours = imported(&rencheng, "a.csv", file, false).await;
    assert_eq!(counts(&ours), [2, 2, 0, 0, 0]);
    let path = format!("/admin/imports/{}", ours["id"].as_str().unwrap());
    qufu.get(&path)
        .await
        .expect_problem(404, "not_found")
        .unwrap();
    let listed = qufu.get("/admin/imports?limit=100").await;
    let listed = listed.expect_status(200).unwrap().body.to_string();
    assert!(!listed.contains(ours["id"].as_str().unwrap()));
    assert!(listed.contains(theirs["id"].as_str().unwrap()));
}

/// As many as an import may have.
const MOST: u32 = 100_000;
/// What taking them may add to the server's memory, in KiB: the file, its texts, and a chunk.
const GROWTH_KIB: u64 = 96 * 1024;

#[rstest]
#[case::xlsx(Kind::Sqlite, true)]
#[case::csv(Kind::Postgres, false)]
#[tokio::test]
async fn a_hundred_thousand_rows_are_taken_in_bounded_memory(
    #[case] kind: Kind,
    #[case] as_workbook: bool,
) {
    // Made first: it takes longer than the server keeps a connection that nobody uses.
    let rows = rosters::rows("371016", MOST);
    let file = if as_workbook {
        rosters::xlsx(&rows)
    } else {
        rosters::csv(&rows)
    };
    let database = TestDatabase::new(kind).await;
    let settings = [("NIANGJIA_DATABASE_URL", database.url.clone())];
    let start = move || Process::start(&fresh_folder("imports"), &settings);
    let process = tokio::task::spawn_blocking(start).await.unwrap();
    let admin = process.client().password("admin", PASSWORD).await.unwrap();
    let before = peak_kib(process.pid());
    let report = imported(&admin, "large", file, false).await;
    assert_eq!(counts(&report), [100_000, 100_000, 0, 0, 0]);
    let after = peak_kib(process.pid());
    assert!(
        after < before + GROWTH_KIB,
        "the server grew from {before} to {after} KiB"
    );
}

/// The most memory that a process has had resident.
fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.expect("the peak").split_whitespace().nth(1);
    kib.unwrap().parse().unwrap()
}
