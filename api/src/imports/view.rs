//! An import as cadres see it.

use niangjia_domain::{
    imports::{Import, ImportState, Report, RowError},
    kernel::values::local_time::rfc3339,
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    #[schema(example = "import_01h455vb4pex5vsknk084sn02q")]
    id: String,
    #[schema(example = "roster")]
    kind: String,
    /// Everything is checked, nothing is taken.
    dry_run: bool,
    file_name: String,
    status: ImportStatus,
    rows: RowCounts,
    /// Refused cells; the report names the first 1,000.
    error_count: u64,
    created_at: String,
    /// `null` while it is open.
    finished_at: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ImportStatus {
    Received,
    Running,
    /// The dry run is over.
    Checked,
    Done,
    /// The file cannot be read any more.
    Failed,
}

/// Progress is `read` of `total`. In a dry run the others say what would become of the rows.
#[derive(Debug, Serialize, ToSchema)]
struct RowCounts {
    total: u64,
    read: u64,
    added: u64,
    updated: u64,
    unchanged: u64,
    refused: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportReportView {
    #[serde(flatten)]
    import: ImportView,
    /// By line; at most 1,000.
    errors: Vec<RowErrorView>,
}

/// A cell that was refused. What it says is not repeated.
#[derive(Debug, Serialize, ToSchema)]
struct RowErrorView {
    /// As the spreadsheet counts: the first line is 1.
    line: u32,
    /// Key of the column.
    #[schema(example = "idNumber")]
    column: String,
    #[schema(example = "id_number_checksum")]
    code: String,
    detail: String,
}

impl From<Import> for ImportView {
    fn from(import: Import) -> Self {
        let tally = import.tally;
        Self {
            id: import.id.to_string(),
            kind: import.kind,
            dry_run: import.dry_run,
            file_name: import.file_name,
            status: import.state.into(),
            rows: RowCounts {
                total: import.rows_total,
                read: tally.read,
                added: tally.added,
                updated: tally.updated,
                unchanged: tally.unchanged,
                refused: tally.refused,
            },
            error_count: tally.errors,
            created_at: rfc3339(import.created_at),
            finished_at: import.state.finished_at().map(rfc3339),
        }
    }
}

impl From<ImportState> for ImportStatus {
    fn from(state: ImportState) -> Self {
        match state {
            ImportState::Received => Self::Received,
            ImportState::Running => Self::Running,
            ImportState::Checked { .. } => Self::Checked,
            ImportState::Done { .. } => Self::Done,
            ImportState::Failed { .. } => Self::Failed,
        }
    }
}

impl From<Report> for ImportReportView {
    fn from(report: Report) -> Self {
        Self {
            import: report.import.into(),
            errors: report.errors.into_iter().map(RowErrorView::from).collect(),
        }
    }
}

impl From<RowError> for RowErrorView {
    fn from(error: RowError) -> Self {
        let RowError {
            line,
            column,
            code,
            detail,
        } = error;
        Self {
            line,
            column,
            code,
            detail,
        }
    }
}
