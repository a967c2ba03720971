//! Files as offices have them, and files that are none.

use std::io::Write;

use niangjia_tests::{
    client::Reply,
    rosters::{self, Line},
    servers::{database::Kind, process::shared},
};
use reqwest::Method;
use rstest::rstest;
use rust_xlsxwriter::{Formula, Workbook};
use serde_json::Value;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{cadre, counts, imported};

fn file_error(reply: &Reply) -> (u16, &str) {
    let code = reply.body["errors"][0]["code"].as_str();
    (reply.status, code.unwrap_or_else(|| reply.code()))
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
