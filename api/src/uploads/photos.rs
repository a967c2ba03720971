//! A photo never passes through these handlers: they hand out a form for the object store, and
//! look at what came there. Only who uploaded it sees it here.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, post, web};
use niangjia_domain::{
    kernel::{id::kind, values::local_time},
    uploads::{CreateUpload, Refusal, UploadService, UploadTicket, UploadView},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, Empty, IdPath, Idempotent, Strict},
    problem::Problem,
    reply,
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewUpload)]
pub struct NewUploadDto {
    /// `wish_photo` or `thanks_photo`
    #[schema(example = "wish_photo")]
    purpose: String,
    /// `image/jpeg`, `image/png` or `image/webp`
    #[schema(example = "image/jpeg")]
    content_type: String,
    /// Bytes of the file, at most 10 MiB.
    #[schema(minimum = 1, maximum = 10485760)]
    size: u64,
}

impl From<NewUploadDto> for CreateUpload {
    fn from(dto: NewUploadDto) -> Self {
        Self {
            purpose: dto.purpose,
            content_type: dto.content_type,
            size: dto.size,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UploadTicket)]
pub struct UploadTicketDto {
    #[schema(example = "upl_01jd3v7c9vf8ys2v4t0y3z5q7r")]
    id: String,
    form: UploadFormDto,
    /// The form is of no use afterwards.
    expires_at: String,
}

impl From<UploadTicket> for UploadTicketDto {
    fn from(ticket: UploadTicket) -> Self {
        let form = UploadFormDto {
            url: ticket.form.url,
            fields: ticket.form.fields.into_iter().collect(),
            file_field: ticket.form.file_field,
        };
        Self {
            id: ticket.id.to_string(),
            form,
            expires_at: local_time::rfc3339(ticket.expires_at),
        }
    }
}

/// For `wx.uploadFile`: `url`, `fields` as `formData`, `fileField` as `name`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = UploadForm)]
pub struct UploadFormDto {
    url: String,
    fields: BTreeMap<String, String>,
    file_field: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Upload)]
pub struct UploadDto {
    id: String,
    /// `awaiting_object`, `checking`, `ready`, `refused` or `expired`
    status: &'static str,
    /// Short-lived; only when ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thumbnail_url: Option<String>,
    /// Why it was refused: `not_a_picture`, `too_large` or `damaged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<&'static str>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<&'static str>,
}

impl From<UploadView> for UploadDto {
    fn from(view: UploadView) -> Self {
        let (url, thumbnail_url) = view
            .photo
            .map(|photo| (photo.url, photo.thumbnail_url))
            .unzip();
        Self {
            id: view.id.to_string(),
            status: view.status,
            url,
            thumbnail_url,
            refusal: view.refusal.map(Refusal::code),
            advice: view.refusal.map(Refusal::advice),
        }
    }
}

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
