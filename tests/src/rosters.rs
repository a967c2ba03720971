//! Tables of expected members, as offices hand them in.

use rust_xlsxwriter::Workbook;

use crate::people::{Invented, id_number};

/// The headings of the template.
pub const HEADINGS: [&str; 5] = ["手机号", "姓名", "身份证号", "职业", "所属工会"];
/// A grass-roots union of the demo, in Rencheng.
pub const UNION: &str = "任城区迅捷速递公司工会（演示）";

/// The cells of one line.
pub type Line = [String; 5];

/// A courier of [`UNION`].
pub fn row(person: &Invented) -> Line {
    let Invented {
        phone,
        name,
        id_number,
    } = person.clone();
    [
        phone,
        name,
        id_number,
        "快递员".to_owned(),
        UNION.to_owned(),
    ]
}

/// `count` couriers whom no other call has made up, if `place` is the caller's own.
pub fn rows(place: &str, count: u32) -> Vec<Line> {
    let row = |n| {
        row(&Invented {
            name: "张伟".to_owned(),
            id_number: id_number(place, n),
            phone: format!("137{n:08}"),
        })
    };
    (0..count).map(row).collect()
}

/// As CSV in UTF-8, with the template's headings.
pub fn csv(rows: &[Line]) -> Vec<u8> {
    let mut lines = vec![HEADINGS.join(",")];
    lines.extend(rows.iter().map(|row| row.join(",")));
    lines.join("\r\n").into_bytes()
}

/// As a workbook of texts.
pub fn xlsx(rows: &[Line]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let headings = HEADINGS.map(str::to_owned);
    for (line, cells) in (0..).zip(std::iter::once(&headings).chain(rows)) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(line, column, cell).expect("a cell");
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}
