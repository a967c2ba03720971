//! The files that offices fill in. Columns are text all the way down, so that no spreadsheet turns
//! an ID number into a number.

use niangjia_domain::imports::{
    ImportKind, TableFormat,
    ports::{TemplateFault, TemplateWriter},
};
use rust_xlsxwriter::{Color, Format, Workbook, XlsxError};

/// What Chinese Excel needs to see that a CSV file is UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
const NOTES: &str = "填写说明";
const COLUMN_WIDTH: f64 = 22.0;

/// Writes templates.
#[derive(Debug, Clone, Copy, Default)]
pub struct Templates;

impl TemplateWriter for Templates {
    fn template(&self, kind: &ImportKind, format: TableFormat) -> Result<Vec<u8>, TemplateFault> {
        match format {
            TableFormat::Xlsx => workbook(kind).map_err(|error| TemplateFault(error.to_string())),
            TableFormat::Csv => csv(kind).map_err(|error| TemplateFault(error.to_string())),
        }
    }
}

fn workbook(kind: &ImportKind) -> Result<Vec<u8>, XlsxError> {
    let text = Format::new().set_num_format("@");
    let heading = Format::new().set_bold();
    let required = Format::new().set_bold().set_font_color(Color::Red);
    let mut workbook = Workbook::new();
    let table = workbook.add_worksheet().set_name(kind.name)?;
    for (column, one) in (0..).zip(kind.columns) {
        table.set_column_width(column, COLUMN_WIDTH)?;
        table.set_column_format(column, &text)?;
        let style = if one.required { &required } else { &heading };
        table.write_string_with_format(0, column, one.heading, style)?;
        table.write_string_with_format(1, column, one.example, &text)?;
    }
    table.set_freeze_panes(1, 0)?;
    let notes = workbook.add_worksheet().set_name(NOTES)?;
    notes.set_column_width(1, COLUMN_WIDTH * 4.0)?;
    for (row, one) in (0..).zip(kind.columns) {
        let need = if one.required { "必填" } else { "选填" };
        notes.write_string_with_format(row, 0, one.heading, &heading)?;
        notes.write_string(row, 1, format!("{need}。{}", one.note))?;
    }
    let last = "第二行是示例，导入时会跳过；列的顺序可以调整，其他列会被忽略。";
    notes.write_string(
        u32::try_from(kind.columns.len()).unwrap_or(u32::MAX),
        1,
        last,
    )?;
    workbook.save_to_buffer()
}

fn csv(kind: &ImportKind) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::Writer::from_writer(BYTE_ORDER_MARK.as_bytes().to_vec());
    table.write_record(kind.columns.iter().map(|column| column.heading))?;
    table.write_record(kind.columns.iter().map(|column| column.example))?;
    table
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}
