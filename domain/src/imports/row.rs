//! What a table reader delivers, and a row whose cells have found their columns.

use super::kind::ImportKind;
use crate::kernel::{FieldError, Invalid};

/// One cell as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CellText {
    /// Empty for an empty cell.
    Text(String),
    /// A number of which a spreadsheet kept fifteen digits only: what it was is lost.
    Inexact,
}

impl CellText {
    fn is_blank(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// One line of a table, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRow {
    /// As the spreadsheet counts: the first line is 1.
    pub line: u32,
    pub cells: Vec<CellText>,
}

impl RawRow {
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(CellText::is_blank)
    }
}

/// One row of a kind.
#[derive(Debug, Clone)]
pub struct Row {
    pub line: u32,
    kind: &'static ImportKind,
    /// One a column of the kind; empty where the file has no such column.
    cells: Vec<CellText>,
}

impl Row {
    pub(super) fn new(line: u32, kind: &'static ImportKind, cells: Vec<CellText>) -> Self {
        Self { line, kind, cells }
    }

    /// What the column says, without blanks around it; empty when it says nothing.
    pub fn text(&self, column: &str) -> &str {
        let cell = self
            .kind
            .column(column)
            .and_then(|place| self.cells.get(place));
        match cell {
            Some(CellText::Text(text)) => text.trim(),
            Some(CellText::Inexact) | None => "",
        }
    }

    /// The template's example, left where it was.
    pub(super) fn is_example(&self) -> bool {
        let columns = self.kind.columns.iter();
        columns
            .into_iter()
            .all(|column| self.text(column.key) == column.example)
    }

    /// What holds for every kind: required cells are filled, and no number has lost digits.
    pub(super) fn check(&self) -> Result<(), Invalid> {
        let columns = self.kind.columns.iter().zip(&self.cells);
        let errors: Vec<FieldError> = columns
            .filter_map(|(column, cell)| {
                let (code, detail) = match cell {
                    CellText::Inexact => (
                        "cell_inexact",
                        "表格把这一格存成了数字，后几位已丢失，请把整列设为“文本”格式后重新填写",
                    ),
                    cell if column.required && cell.is_blank() => (
                        "cell_empty",
                        "这一格没有内容，请填写；合并的单元格只有第一格有内容，请取消合并",
                    ),
                    CellText::Text(_) => return None,
                };
                Some(FieldError {
                    field: column.key.to_owned(),
                    code,
                    detail: detail.to_owned(),
                })
            })
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(Invalid { errors })
        }
    }
}
