//! The one service of this context; its use cases are spread over the files beside it.

use std::sync::Arc;

use super::{
    error::UploadError,
    objects::{ObjectStore, PhotoStudio},
    upload::Upload,
};
use crate::{
    kernel::{AccessError, Actor, Clock, Random, id::UploadId},
    store::Store,
};

pub struct UploadService {
    pub(super) store: Arc<dyn Store>,
    pub(super) objects: Arc<dyn ObjectStore>,
    pub(super) studio: Arc<dyn PhotoStudio>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
}

impl UploadService {
    pub fn new(
        store: Arc<dyn Store>,
        objects: Arc<dyn ObjectStore>,
        studio: Arc<dyn PhotoStudio>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            store,
            objects,
            studio,
            clock,
            random,
        }
    }

    pub(super) async fn own(&self, actor: &Actor, id: UploadId) -> Result<Upload, UploadError> {
        let found = self
            .store
            .read()
            .await?
            .uploads()
            .find_own(actor.account_id, id)
            .await?;
        Ok(found.ok_or(AccessError::NotFound)?)
    }
}
