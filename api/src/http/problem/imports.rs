//! Why a file is not taken.

use actix_web::http::StatusCode;
use niangjia_domain::{
    imports::{ImportError, ports::TableFault},
    kernel::Invalid,
};

use super::Problem;

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        let refused = |code, detail: &str| Self::from(Invalid::field("file", code, detail));
        match error {
            ImportError::UnknownKind => Invalid::field(
                "kind",
                "import_kind_unknown",
                "没有这一类导入，请从列表中选择",
            )
            .into(),
            ImportError::Table(fault) => {
                let (code, detail) = unreadable(&fault);
                refused(code, detail)
            }
            ImportError::FileTooLarge => Self::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "file_too_large",
                "文件超过 20 MB，请拆成几个文件分别导入",
            ),
            ImportError::ColumnsMissing(columns) => refused(
                "columns_missing",
                &format!(
                    "没有找到这些列：{}。请下载模板，按模板的表头填写",
                    columns.join("、")
                ),
            ),
            ImportError::NoRows => refused("no_rows", "表格中没有内容，请填写后重新导入"),
            ImportError::TooManyRows => refused(
                "too_many_rows",
                "表格超过 100000 行，请拆成几个文件分别导入",
            ),
            ImportError::Template(fault) => {
                tracing::error!(cause = %fault, "template not written");
                Self::internal()
            }
            ImportError::Access(error) => error.into(),
            ImportError::Invalid(error) => error.into(),
            ImportError::Store(error) => error.into(),
        }
    }
}

const fn unreadable(fault: &TableFault) -> (&'static str, &'static str) {
    match fault {
        TableFault::Unreadable => (
            "file_unreadable",
            "文件无法读取，请用表格软件打开后另存为 .xlsx 或 .csv，再重新导入",
        ),
        TableFault::OldOrLocked => (
            "file_old_or_locked",
            "文件是旧版 .xls 或设了打开密码，请去掉密码并另存为 .xlsx，再重新导入",
        ),
        TableFault::Encoding => (
            "file_encoding",
            "文件的文字编码无法识别，请另存为 UTF-8 编码的 .csv 或 .xlsx，再重新导入",
        ),
        TableFault::TooLarge => (
            "file_unpacks_too_large",
            "文件展开后过大，请把内容复制到新的表格中，或拆成几个文件分别导入",
        ),
    }
}
