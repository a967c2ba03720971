//! The file that an office fills in.

use actix_web::{HttpResponse, get, http::header, web};
use niangjia_domain::{
    imports::{ImportError, ImportService, TableFormat},
    kernel::AccessError,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::{extract::Caller, problem::Problem};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const CSV: &str = "text/csv; charset=utf-8";

#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TemplateFormat {
    #[default]
    Xlsx,
    Csv,
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    format: TemplateFormat,
}

/// Headings, an example row (skipped when it is handed in) and notes.
#[utoipa::path(tag = "imports",
    params(("kind" = String, Path, example = "roster"), ("format" = Option<TemplateFormat>, Query)),
    responses(
        (status = 200, body = String,
            content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ), security(("bearer" = [])))]
#[get("/admin/imports/templates/{kind}")]
pub async fn get_import_template(
    imports: web::Data<ImportService>,
    caller: Caller,
    kind: web::Path<String>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let (format, content_type, extension) = match wanted.format {
        TemplateFormat::Xlsx => (TableFormat::Xlsx, XLSX, "xlsx"),
        TemplateFormat::Csv => (TableFormat::Csv, CSV, "csv"),
    };
    imports.admit(&caller.0)?;
    let template = match imports.template(&caller.0, &kind, format) {
        Err(ImportError::UnknownKind) => return Err(AccessError::NotFound.into()),
        made => made?,
    };
    let name = format!("attachment; filename=\"{kind}.{extension}\"");
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(template))
}
