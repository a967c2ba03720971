//! Shapes on the wire.

use std::collections::BTreeMap;

use niangjia_domain::{
    kernel::values::local_time,
    uploads::{CreateUpload, Refusal, UploadTicket, UploadView},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
    pub id: String,
    form: UploadFormDto,
    /// The form is of no use afterwards.
    expires_at: String,
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
