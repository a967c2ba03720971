//! Looking at photos: short-lived URLs of the private store.

use chrono::TimeDelta;

use super::{
    error::UploadError,
    refusal::Refusal,
    service::UploadService,
    upload::{Upload, UploadState},
};
use crate::kernel::{Actor, id::UploadId};

/// How long a URL works; longer than any cache keeps an answer that contains one.
pub const URL_LIFE: TimeDelta = TimeDelta::minutes(30);

/// Where one photo can be read for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhotoUrls {
    pub id: UploadId,
    pub url: String,
    pub thumbnail_url: String,
}

/// Where an upload stands, for its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadView {
    pub id: UploadId,
    pub status: &'static str,
    pub refusal: Option<Refusal>,
    /// Present when ready.
    pub photo: Option<PhotoUrls>,
}

impl UploadService {
    /// Where an upload stands; its owner's alone.
    pub async fn get(&self, actor: &Actor, id: UploadId) -> Result<UploadView, UploadError> {
        self.view(&self.own(actor, id).await?)
    }

    /// URLs of attached photos, in the order asked for, for a reader whom the attaching context has
    /// already authorised. What is not ready is left out.
    pub async fn photo_urls(&self, ids: &[UploadId]) -> Result<Vec<PhotoUrls>, UploadError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ready = self.foundation.read().await?.uploads().ready(ids).await?;
        let in_order = ids
            .iter()
            .filter_map(|id| ready.iter().find(|upload| upload.id == *id));
        in_order.map(|upload| self.urls_of(upload)).collect()
    }

    pub(super) fn view(&self, upload: &Upload) -> Result<UploadView, UploadError> {
        let refusal = if let UploadState::Refused { refusal, .. } = upload.state {
            Some(refusal)
        } else {
            None
        };
        let ready = matches!(upload.state, UploadState::Ready { .. });
        let photo = if ready {
            Some(self.urls_of(upload)?)
        } else {
            None
        };
        Ok(UploadView {
            id: upload.id,
            status: upload.status(self.foundation.now()),
            refusal,
            photo,
        })
    }

    fn urls_of(&self, upload: &Upload) -> Result<PhotoUrls, UploadError> {
        let until = self.foundation.now() + URL_LIFE;
        Ok(PhotoUrls {
            id: upload.id,
            url: self.objects.read_url(&upload.token.photo(), until)?,
            thumbnail_url: self.objects.read_url(&upload.token.thumbnail(), until)?,
        })
    }
}
