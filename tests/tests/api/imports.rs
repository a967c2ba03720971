//! Imports over HTTP: handed in, looked at, taken in the background, reported.

use std::{fs, io::Write, time::Duration};

use niangjia_tests::{
    client::{Client, Reply},
    database::{Kind, TestDatabase},
    process::{PASSWORD, Process, shared},
    rosters::{self, Line},
    throwaway::fresh_folder,
};
use reqwest::Method;
use rstest::rstest;
use rust_xlsxwriter::{Formula, Workbook};
use serde_json::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::coverage::cast::{self, QUFU};

async fn cadre() -> Client {
    cast::desk(&cast::stranger().await, "cadre").await
}

/// Hands a roster in and waits for its report.
async fn imported(client: &Client, name: &str, file: Vec<u8>, dry_run: bool) -> Value {
    let received = client.hand_in("roster", name, file, dry_run).await;
    let received = received.expect_status(202).unwrap();
    let location = received.header("location").unwrap().to_owned();
    let id = received.id().unwrap();
    assert_eq!(location, format!("/api/v1/admin/imports/{id}"));
    report(client, &location).await
}

async fn report(client: &Client, location: &str) -> Value {
    // A job of 2 seconds' period takes each file up.
    for _ in 0..6_000 {
        let report = client.get(location).await.expect_status(200).unwrap().body;
        if !report["finishedAt"].is_null() {
            return report;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{location} does not end")
}

fn file_error(reply: &Reply) -> (u16, &str) {
    let code = reply.body["errors"][0]["code"].as_str();
    (reply.status, code.unwrap_or_else(|| reply.code()))
}

fn counts(report: &Value) -> [u64; 5] {
    ["read", "added", "updated", "unchanged", "refused"]
        .map(|name| report["rows"][name].as_u64().unwrap())
}

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

#[rstest]
#[case("xlsx")]
#[case("csv")]
#[tokio::test]
async fn a_template_can_be_handed_in_as_it_is(#[case] format: &str) {
    let cadre = cadre().await;
    let path = format!("/admin/imports/templates/roster?format={format}");
    let template = cadre.fetch(&path).await.unwrap();
    let empty = cadre.hand_in("roster", "t", template.clone(), true).await;
    assert_eq!(
        file_error(&empty),
        (422, "no_rows"),
        "its columns are right"
    );
    if format == "csv" {
        let mut filled = template;
        for row in rosters::rows("371013", 2) {
            writeln!(filled, "{}", row.join(",")).unwrap();
        }
        let report = imported(&cadre, "t.csv", filled, true).await;
        assert_eq!(counts(&report), [2, 2, 0, 0, 0], "the example is skipped");
    }
}

#[tokio::test]
async fn templates_are_there_for_known_kinds() {
    let cadre = cadre().await;
    let absent = cadre.get("/admin/imports/templates/nonsense").await;
    absent.expect_problem(404, "not_found").unwrap();
    let odd = cadre
        .hand_in("nonsense", "a.csv", b"a,b".to_vec(), true)
        .await;
    assert_eq!(file_error(&odd), (422, "import_kind_unknown"));
}

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

#[tokio::test]
async fn a_file_of_chinese_excel_is_read() {
    let rows = rosters::rows("371014", 2);
    let text = String::from_utf8(rosters::csv(&rows)).unwrap();
    let report = imported(&cadre().await, "a.csv", gb18030(&text), true).await;
    assert_eq!(counts(&report), [2, 2, 0, 0, 0]);
}

/// A workbook in which one row is as wrong as spreadsheets make them.
fn odd_workbook(rows: &[Line]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "某某公司花名册").unwrap();
    for (line, row) in (1..).zip(std::iter::once(&rosters::HEADINGS.map(str::to_owned)).chain(rows))
    {
        for (column, cell) in (0..).zip(row) {
            sheet.write_string(line, column, cell).unwrap();
        }
    }
    // A phone that became a number is whole, an ID number is not; formulas count as their value.
    let phone: f64 = rows[0][0].parse().unwrap();
    sheet.write_number(2, 0, phone).unwrap();
    sheet.write_number(3, 2, 371_015_199_001_011_234.0).unwrap();
    let name = Formula::new("=\"张\"&\"伟\"").set_result("张伟");
    sheet.write_formula(4, 1, name).unwrap();
    sheet.write_string(5, 1, "=cmd|'/c calc'!A0").unwrap();
    workbook.save_to_buffer().unwrap()
}

#[tokio::test]
async fn what_spreadsheets_do_to_cells_is_told_by_line() {
    let file = odd_workbook(&rosters::rows("371015", 4));
    let report = imported(&cadre().await, "a.xlsx", file, true).await;
    assert_eq!(counts(&report), [4, 2, 0, 0, 2]);
    let errors = report["errors"].as_array().unwrap().iter();
    let codes: Vec<_> = errors
        .map(|error| {
            (
                error["line"].as_u64().unwrap(),
                error["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(codes, [(4, "cell_inexact"), (6, "name_characters")]);
}

/// 200 MB of blanks in 200 KB.
fn bomb() -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(vec![]));
    zip.start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default())
        .unwrap();
    let blanks = vec![b' '; 1024 * 1024];
    for _ in 0..200 {
        zip.write_all(&blanks).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[rstest]
#[case::columns("姓名,电话\n张伟,13712345678\n".as_bytes().to_vec(), 422, "columns_missing")]
#[case::empty(vec![], 422, "no_rows")]
#[case::bomb(bomb(), 422, "file_unpacks_too_large")]
#[case::picture(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), 422, "file_unreadable")]
#[case::old_excel(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), 422, "file_old_or_locked")]
#[case::large(vec![b'a'; 21 * 1024 * 1024], 413, "file_too_large")]
#[case::long("手机号,姓名,身份证号,职业\n".bytes().chain("1,2,3,4\n".repeat(100_001).bytes()).collect(), 422, "too_many_rows")]
#[tokio::test]
async fn a_wrong_file_is_refused_at_once(
    #[case] file: Vec<u8>,
    #[case] status: u16,
    #[case] code: &str,
) {
    let refused = cadre().await.hand_in("roster", "a", file, false).await;
    assert_eq!(file_error(&refused), (status, code), "{}", refused.body);
}

#[tokio::test]
async fn a_form_without_a_file_is_refused() {
    let cadre = cadre().await;
    let json = cadre.post("/admin/imports", serde_json::json!({})).await;
    json.expect_problem(415, "unsupported_media_type").unwrap();
    let base = &shared(Kind::Sqlite).await.base;
    let form = reqwest::multipart::Form::new().text("kind", "roster");
    let answer = reqwest::Client::new()
        .request(Method::POST, format!("{base}/api/v1/admin/imports"))
        .bearer_auth(cadre.token().unwrap())
        .multipart(form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 400);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "malformed_form");
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
