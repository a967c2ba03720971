//! Which column of a file is which column of the kind: found by the headings, in any order.

use unicode_normalization::UnicodeNormalization;

use super::{
    kind::ImportKind,
    row::{CellText, RawRow, Row},
};

/// Lines from the top among which the headings are looked for: many tables carry a title first.
pub const HEADING_LINES: usize = 10;

/// Where each column of the kind stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout(Vec<Option<usize>>);

impl Layout {
    /// Reads a line as headings; otherwise names the required columns it lacks.
    pub fn read(kind: &ImportKind, line: &RawRow) -> Result<Self, Vec<&'static str>> {
        let headings: Vec<String> = line.cells.iter().map(heading).collect();
        let places: Vec<Option<usize>> = kind
            .columns
            .iter()
            .map(|column| {
                let names = [column.key, column.heading].into_iter();
                let names: Vec<String> = names
                    .chain(column.aliases.iter().copied())
                    .map(folded)
                    .collect();
                headings.iter().position(|heading| names.contains(heading))
            })
            .collect();
        let missing: Vec<&'static str> = kind
            .columns
            .iter()
            .zip(&places)
            .filter(|(column, place)| column.required && place.is_none())
            .map(|(column, _)| column.heading)
            .collect();
        if missing.is_empty() {
            Ok(Self(places))
        } else {
            Err(missing)
        }
    }

    /// Puts the cells of a line under their columns.
    pub fn row(&self, kind: &'static ImportKind, line: &RawRow) -> Row {
        let cells = self
            .0
            .iter()
            .map(|place| {
                let cell = place.and_then(|place| line.cells.get(place));
                cell.cloned()
                    .unwrap_or_else(|| CellText::Text(String::new()))
            })
            .collect();
        Row::new(line.line, kind, cells)
    }
}

fn heading(cell: &CellText) -> String {
    match cell {
        CellText::Text(text) => folded(text),
        CellText::Inexact => String::new(),
    }
}

/// Headings are compared without blanks, width, case, marks and what stands in brackets:
/// `＊手机号（必填）` is `手机号`.
fn folded(text: &str) -> String {
    let text: String = text.nfkc().collect();
    let before_bracket = text.split(['(', '[', '【']).next().unwrap_or_default();
    before_bracket
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::imports::kind::ImportColumn;

    const KIND: ImportKind = ImportKind {
        code: "test",
        name: "测试",
        columns: &[
            ImportColumn {
                key: "idNumber",
                heading: "身份证号",
                aliases: &["证件号码"],
                required: true,
                example: "1",
                note: "",
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

    fn line(cells: &[&str]) -> RawRow {
        let cells = cells
            .iter()
            .map(|text| CellText::Text((*text).to_owned()))
            .collect();
        RawRow { line: 3, cells }
    }

    #[rstest]
    #[case(&["身份证号"], Ok(vec![Some(0), None]))]
    #[case(&["备注", "IDNUMBER"], Ok(vec![Some(1), Some(0)]))]
    #[case(&["序号", " 证件\u{3000}号码： ", "别的"], Ok(vec![Some(1), None]))]
    #[case(&["＊身份证号（必填）"], Ok(vec![Some(0), None]))]
    #[case(&["\u{feff}身份证号"], Ok(vec![Some(0), None]))]
    #[case(&["身份"], Err(vec!["身份证号"]))]
    #[case(&[], Err(vec!["身份证号"]))]
    fn columns_are_found_by_their_headings(
        #[case] headings: &[&str],
        #[case] expected: Result<Vec<Option<usize>>, Vec<&'static str>>,
    ) {
        assert_eq!(Layout::read(&KIND, &line(headings)), expected.map(Layout));
    }

    #[test]
    fn a_row_is_checked_before_its_target_sees_it() {
        let layout = Layout::read(&KIND, &line(&["备注", "身份证号"])).unwrap();
        let row = layout.row(&KIND, &line(&[" 甲 ", " 2 "]));
        assert_eq!((row.text("idNumber"), row.text("note")), ("2", "甲"));
        row.check().unwrap();
        assert!(!row.is_example());
        assert!(layout.row(&KIND, &line(&["例", "1"])).is_example());

        let empty = layout.row(&KIND, &line(&["甲"])).check().unwrap_err();
        assert_eq!(empty.errors[0].code, "cell_empty");
        let mut inexact = line(&["甲", ""]);
        inexact.cells[1] = CellText::Inexact;
        let inexact = layout.row(&KIND, &inexact).check().unwrap_err();
        assert_eq!(
            (inexact.errors[0].field.as_str(), inexact.errors[0].code),
            ("idNumber", "cell_inexact")
        );
    }
}
