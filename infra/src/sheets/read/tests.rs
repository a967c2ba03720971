//! Cells of files, as offices save them, and what is read from them.

use std::io::{Cursor, Write};

use niangjia_domain::imports::{
    ImportColumn, ImportKind, TableFormat,
    ports::{TableFault, TableReader, TemplateWriter},
    row::CellText,
};
use rstest::rstest;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use std::sync::Arc;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::TableFiles;
use crate::sheets::Templates;

/// Lines as number and cells; `~` is a number that has lost digits.
async fn read(file: Vec<u8>) -> Result<Vec<(u32, Vec<String>)>, TableFault> {
    let mut rows = TableFiles::default().open(Arc::new(file)).await?;
    let mut lines = vec![];
    loop {
        let parcel = rows.next().await?;
        if parcel.is_empty() {
            return Ok(lines);
        }
        lines.extend(parcel.into_iter().map(|row| {
            let cells = row.cells.into_iter().map(|cell| match cell {
                CellText::Text(text) => text,
                CellText::Inexact => "~".to_owned(),
            });
            (row.line, cells.collect())
        }));
    }
}

fn line(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
    (
        number,
        cells.iter().map(|cell| (*cell).to_owned()).collect(),
    )
}

fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

#[tokio::test]
async fn cells_of_a_workbook_are_read_as_people_see_them() {
    let file = workbook(|sheet| {
        sheet.write_string(0, 0, "手机号").unwrap();
        sheet.write_number(2, 0, 13_712_345_678.0).unwrap();
        sheet.write_number(2, 1, 370_811_199_001_011_234.0).unwrap();
        sheet.write_string(2, 2, "370811199001011234").unwrap();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let day = ExcelDateTime::from_ymd(2026, 10, 1).unwrap();
        sheet.write_datetime_with_format(2, 3, &day, &date).unwrap();
        let formula = Formula::new("=\"张\"&\"伟\"").set_result("张伟");
        sheet.write_formula(2, 4, formula).unwrap();
        sheet.write_boolean(2, 5, true).unwrap();
        sheet.write_number(2, 6, 1.5).unwrap();
        sheet
            .merge_range(3, 0, 4, 1, "合并", &Format::new())
            .unwrap();
        sheet.write_string(4, 2, "下一行").unwrap();
    });
    let second = [
        "13712345678",
        "~",
        "370811199001011234",
        "2026-10-01",
        "张伟",
        "true",
        "1.5",
    ];
    assert_eq!(
        read(file).await.unwrap(),
        [
            line(1, &["手机号"]),
            line(3, &second),
            line(4, &["合并"]),
            line(5, &["", "", "下一行"]),
        ]
    );
}

#[tokio::test]
async fn the_first_sheet_that_shows_is_read() {
    let mut book = Workbook::new();
    book.add_worksheet()
        .set_hidden(true)
        .write_string(0, 0, "隐藏")
        .unwrap();
    let shown = book.add_worksheet();
    shown.set_active(true);
    shown.write_string(0, 0, "可见").unwrap();
    let file = book.save_to_buffer().unwrap();
    assert_eq!(read(file).await.unwrap(), [line(1, &["可见"])]);
}

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[rstest]
#[case::utf8("姓名,职业\r\n张伟,快递员\r\n".as_bytes().to_vec())]
#[case::utf8_with_a_mark("\u{feff}姓名,职业\n张伟,快递员".as_bytes().to_vec())]
#[case::gb18030(gb18030("姓名,职业\r\n张伟,快递员"))]
#[case::excel_unicode_text(utf16("姓名\t职业\r\n张伟\t快递员\r\n"))]
#[case::semicolons("姓名;职业\n\"张伟\"; 快递员 \n".as_bytes().to_vec())]
#[tokio::test]
async fn csv_is_read_in_the_encodings_of_offices(#[case] file: Vec<u8>) {
    assert_eq!(
        read(file).await.unwrap(),
        [line(1, &["姓名", "职业"]), line(2, &["张伟", "快递员"])]
    );
}

#[tokio::test]
async fn lines_of_csv_are_counted_as_an_editor_does() {
    let file = "a,b\n\n\"x\ny\",3.70811E+17\n=1+1,'2\n";
    assert_eq!(
        read(file.as_bytes().to_vec()).await.unwrap(),
        [
            line(1, &["a", "b"]),
            line(3, &["x\ny", "~"]),
            line(5, &["=1+1", "'2"]),
        ]
    );
}

#[rstest]
#[case::binary(b"\x00\x01\x02\x03".to_vec(), TableFault::Unreadable)]
#[case::old_excel(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and so on".to_vec(), TableFault::OldOrLocked)]
#[case::half_a_workbook(workbook(|_| {})[..200].to_vec(), TableFault::Unreadable)]
#[case::another_zip(zipped("readme.txt", b"nothing"), TableFault::Unreadable)]
#[case::no_text(b"\xff\xff\xff,\x80\x80".to_vec(), TableFault::Encoding)]
#[tokio::test]
async fn what_is_no_table_is_told(#[case] file: Vec<u8>, #[case] fault: TableFault) {
    assert_eq!(read(file).await, Err(fault));
}

fn zipped(name: &str, content: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(vec![]));
    zip.start_file(name, SimpleFileOptions::default()).unwrap();
    zip.write_all(content).unwrap();
    zip.finish().unwrap().into_inner()
}

/// 200 MB of blanks in 200 KB.
#[rstest]
#[case::in_a_sheet("xl/worksheets/sheet1.xml")]
#[case::in_the_texts("xl/sharedStrings.xml")]
#[tokio::test]
async fn a_bomb_is_not_unpacked(#[case] name: &str) {
    let bomb = zipped(name, &vec![b' '; 200 * 1024 * 1024]);
    assert!(bomb.len() < 1024 * 1024);
    assert_eq!(read(bomb.clone()).await, Err(TableFault::TooLarge));
    // The directory says ten bytes.
    let mut liar = bomb;
    let size = (200_u32 * 1024 * 1024).to_le_bytes();
    let places: Vec<usize> = (0..liar.len() - 4)
        .filter(|at| liar[*at..at + 4] == size)
        .collect();
    for at in places {
        liar[at..at + 4].copy_from_slice(&10_u32.to_le_bytes());
    }
    let refused = read(liar).await.unwrap_err();
    assert!(
        matches!(refused, TableFault::TooLarge | TableFault::Unreadable),
        "{refused}"
    );
}

const KIND: ImportKind = ImportKind {
    code: "test",
    name: "测试",
    columns: &[
        ImportColumn {
            key: "phone",
            heading: "手机号",
            aliases: &[],
            required: true,
            example: "13900000000",
            note: "11 位",
        },
        ImportColumn {
            key: "note",
            heading: "备注",
            aliases: &[],
            required: false,
            example: "例",
            note: "",
        },
    ],
};

#[rstest]
#[case(TableFormat::Xlsx)]
#[case(TableFormat::Csv)]
#[tokio::test]
async fn a_template_reads_back(#[case] format: TableFormat) {
    let template = Templates.template(&KIND, format).unwrap();
    assert_eq!(
        read(template).await.unwrap(),
        [
            line(1, &["手机号", "备注"]),
            line(2, &["13900000000", "例"])
        ]
    );
}

#[tokio::test]
async fn whoever_goes_away_leaves_no_reader_behind() {
    let files = TableFiles::default();
    let long = Arc::new("a,b\n".repeat(100_000).into_bytes());
    for _ in 0..20 {
        let mut rows = files.open(long.clone()).await.unwrap();
        assert_eq!(rows.next().await.unwrap().len(), super::PARCEL);
    }
    // Each thread ends when it notices, and lets go of the file.
    for _ in 0..500 {
        if Arc::strong_count(&long) == 1 {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("{} readers are left", Arc::strong_count(&long) - 1);
}
