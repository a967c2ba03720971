//! The one service of this context; its use cases are spread over the files beside it.

use std::sync::Arc;

use super::{
    error::UploadError,
    objects::{ObjectStore, PhotoStudio},
    upload::Upload,
};
use crate::kernel::{AccessError, Actor, Foundation, id::UploadId};

pub struct UploadService {
    pub(super) foundation: Foundation,
    pub(super) objects: Arc<dyn ObjectStore>,
    pub(super) studio: Arc<dyn PhotoStudio>,
}

impl UploadService {
    pub fn new(
        foundation: Foundation,
        objects: Arc<dyn ObjectStore>,
        studio: Arc<dyn PhotoStudio>,
    ) -> Self {
        Self {
            foundation,
            objects,
            studio,
        }
    }

    pub(super) async fn own(&self, actor: &Actor, id: UploadId) -> Result<Upload, UploadError> {
        let found = self
            .foundation
            .read()
            .await?
            .uploads()
            .find_own(actor.account_id, id)
            .await?;
        Ok(found.ok_or(AccessError::NotFound)?)
    }
}
