//! One handler an operation; its name is the operation id.

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{kernel::id::kind, uploads::UploadService};

use super::dto::{NewUploadDto, UploadDto, UploadTicketDto};
use crate::http::{
    extract::{Caller, Empty, IdPath, Idempotent, Strict},
    problem::Problem,
    reply,
};

/// A form with which the phone posts one photo straight to the object store.
#[utoipa::path(tag = "uploads", request_body = NewUploadDto, responses((status = 201, body = UploadTicketDto)),
    security(("bearer" = [])), extensions(("x-idempotent" = json!(true))))]
#[post("/uploads")]
pub async fn create_upload(
    uploads: web::Data<UploadService>,
    write: Idempotent<NewUploadDto>,
) -> Result<HttpResponse, Problem> {
    let answer = uploads
        .create(&write.actor, write.body.into(), &write.request)
        .await?
        .map(UploadTicketDto::from);
    Ok(reply::created(
        format!("/api/v1/uploads/{}", answer.value.id),
        answer,
    ))
}

/// The photo has been posted: it is checked and made safe to show. May be repeated.
#[utoipa::path(tag = "uploads", params(("id" = String, Path)), request_body = Empty,
    responses((status = 200, body = UploadDto)), security(("bearer" = [])))]
#[post("/uploads/{id}/completion")]
pub async fn complete_upload(
    uploads: web::Data<UploadService>,
    caller: Caller,
    id: IdPath<kind::Upload>,
    _: Strict<Empty>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(UploadDto::from(
        uploads.complete(&caller.0, id.0).await?,
    )))
}

/// How far a photo of the caller's is, with short-lived URLs once it is ready.
#[utoipa::path(tag = "uploads", params(("id" = String, Path)), responses((status = 200, body = UploadDto)),
    security(("bearer" = [])))]
#[get("/uploads/{id}")]
pub async fn get_upload(
    uploads: web::Data<UploadService>,
    caller: Caller,
    id: IdPath<kind::Upload>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(UploadDto::from(
        uploads.get(&caller.0, id.0).await?,
    )))
}
