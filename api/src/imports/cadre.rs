//! Handing a file in, and how it stands.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use niangjia_domain::{
    imports::{ImportService, NewImport},
    kernel::id::kind,
};
use serde::Deserialize;

use super::{
    form::{self, ImportForm},
    view::{ImportReportView, ImportView},
};
use crate::http::{
    extract::{Caller, IdPath, Paging},
    problem::Problem,
    reply::{self, PageView},
    routes::BASE_PATH,
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Manner {
    #[serde(default)]
    dry_run: bool,
}

/// Hand in a file of rows. It is looked at right away (is it a table, are its columns there), and
/// its rows are taken in the background: see `Location`. Rows land inside the caller's area; a
/// broken one is reported and never stops the others. Handing the same file in again changes
/// nothing.
#[utoipa::path(tag = "imports",
    params(("dryRun" = Option<bool>, Query, description = "Check everything, take nothing")),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 202, body = ImportView, headers(("Location" = String))),
        (status = 422, description = "No such table", content_type = "application/problem+json"),
    ), security(("bearer" = [])))]
#[post("/admin/imports")]
pub async fn create_import(
    imports: web::Data<ImportService>,
    caller: Caller,
    manner: web::Query<Manner>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    imports.admit(&caller.0)?;
    let mut form = form::read(&request, payload).await?;
    let new = NewImport {
        kind: std::mem::take(&mut form.kind),
        dry_run: manner.dry_run,
        file_name: std::mem::take(&mut form.file_name),
        file: std::mem::take(&mut form.file),
    };
    let import = imports.receive(&caller.0, new).await?;
    let location = format!("{BASE_PATH}/admin/imports/{}", import.id);
    Ok(HttpResponse::Accepted()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(ImportView::from(import)))
}

/// Imports of the caller's area, newest first.
#[utoipa::path(tag = "imports", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<ImportView>)), security(("bearer" = [])))]
#[get("/admin/imports")]
pub async fn list_imports(
    imports: web::Data<ImportService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = imports.imports(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, ImportView::from)))
}

/// How far an import is, and which cells were refused.
#[utoipa::path(tag = "imports", params(("id" = String, Path)),
    responses((status = 200, body = ImportReportView)), security(("bearer" = [])))]
#[get("/admin/imports/{id}")]
pub async fn get_import(
    imports: web::Data<ImportService>,
    caller: Caller,
    id: IdPath<kind::Import>,
) -> Result<HttpResponse, Problem> {
    let report = imports.report(&caller.0, id.0).await?;
    Ok(reply::ok(ImportReportView::from(report)))
}
