//! The form that carries a file: `kind` and `file`, in any order. Read in pieces, so that what is
//! too large is refused as soon as it is.

use std::time::Duration;

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::{HttpRequest, http::StatusCode, web};
use futures_util::StreamExt;
use niangjia_domain::imports::{ImportError, MAX_FILE_BYTES};
use serde::Deserialize;
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa::ToSchema;

use crate::http::problem::Problem;

/// 20 MB over a bad line.
const PATIENCE: Duration = Duration::from_secs(300);
/// Files that are in memory at the same time.
static ROOM: Semaphore = Semaphore::const_new(8);
const BUSY_S: u64 = 5;
const MAX_FIELDS: usize = 10;
const MAX_FIELD_BYTES: usize = 256;

/// What the document says of the form.
#[derive(Debug, Deserialize, ToSchema)]
#[allow(dead_code)]
pub struct ImportForm {
    /// What the rows are.
    #[schema(example = "roster", max_length = 64)]
    kind: String,
    /// `.xlsx`, or CSV in UTF-8 or GB18030; at most 20 MB and 100,000 rows.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A form that was read to its end.
#[derive(Default)]
pub struct HandedIn {
    /// Held until the file is stored.
    _room: Option<SemaphorePermit<'static>>,
    pub kind: String,
    pub file_name: String,
    pub file: Vec<u8>,
}

pub async fn read(request: &HttpRequest, payload: web::Payload) -> Result<HandedIn, Problem> {
    let room = ROOM.try_acquire().map_err(|_| {
        let busy = "正在导入的文件较多，请稍候再上传";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", busy).retry_after(BUSY_S)
    })?;
    let parts = Multipart::new(request.headers(), payload);
    let form = tokio::time::timeout(PATIENCE, gather(parts))
        .await
        .map_err(|_| malformed("文件上传太慢，请换一个网络后重新上传"))??;
    Ok(HandedIn {
        _room: Some(room),
        ..form
    })
}

async fn gather(mut parts: Multipart) -> Result<HandedIn, Problem> {
    let (mut form, mut has_file) = (HandedIn::default(), false);
    for _ in 0..MAX_FIELDS {
        let Some(part) = parts.next().await else {
            return whole(form, has_file);
        };
        let part = part.map_err(|error| broken(&error))?;
        match part.name() {
            Some("file") if !has_file => {
                has_file = true;
                let named = part.content_disposition().and_then(|it| it.get_filename());
                form.file_name = named.unwrap_or_default().to_owned();
                let too_large = || ImportError::FileTooLarge.into();
                form.file = bytes(part, MAX_FILE_BYTES, too_large).await?;
            }
            Some("kind") => form.kind = text(part).await?,
            _ => drop(text(part).await?),
        }
    }
    Err(malformed("表单内容过多，请只提交类型和文件"))
}

fn whole(form: HandedIn, has_file: bool) -> Result<HandedIn, Problem> {
    if has_file {
        Ok(form)
    } else {
        Err(malformed("没有收到文件，请选择文件后重新上传"))
    }
}

async fn text(part: Field) -> Result<String, Problem> {
    let too_long = || malformed("表单内容过长，请只提交类型和文件");
    let bytes = bytes(part, MAX_FIELD_BYTES, too_long).await?;
    String::from_utf8(bytes).map_err(|_| malformed("表单内容无法识别，请重新提交"))
}

async fn bytes(
    mut part: Field,
    most: usize,
    too_large: impl Fn() -> Problem,
) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn broken(error: &MultipartError) -> Problem {
    match error {
        MultipartError::ContentTypeMissing
        | MultipartError::ContentTypeParse
        | MultipartError::ContentTypeIncompatible => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "请以 multipart/form-data 格式提交文件",
        ),
        _ => malformed("文件没有完整收到，请重新上传"),
    }
}

fn malformed(detail: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "malformed_form", detail)
}
