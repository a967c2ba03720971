//! Nothing that a phone sent stays: originals of settled uploads whose deletion failed, and uploads
//! never completed.

use super::{
    error::UploadError,
    service::UploadService,
    upload::{UPLOAD_LIFE, Upload, UploadState},
};
use crate::audit::{Area, Deed};

/// Uploads looked at in one go.
const BATCH: u64 = 100;

impl UploadService {
    /// Expires what was given up and deletes originals that are left; returns how many. Safe to run
    /// anywhere, any number of times. Stops at the first fault of the object store.
    pub async fn sweep(&self) -> Result<u64, UploadError> {
        let mut removed = 0;
        loop {
            let given_up_before = self.foundation.now() - UPLOAD_LIFE;
            let stale = self
                .foundation
                .read()
                .await?
                .uploads()
                .with_stale_original(given_up_before, BATCH)
                .await?;
            let before = removed;
            for upload in stale {
                if self.give_up(&upload).await? {
                    self.remove_original(&upload).await?;
                    removed += 1;
                }
            }
            if removed == before {
                return Ok(removed);
            }
        }
    }

    /// Makes sure that nobody will check this upload any more; `false` while somebody still does.
    async fn give_up(&self, upload: &Upload) -> Result<bool, UploadError> {
        let now = self.foundation.now();
        if upload.is_settled() {
            return Ok(true);
        }
        let Ok(expired) = upload.clone().expire(now) else {
            return Ok(false);
        };
        let mut tx = self.foundation.begin().await?;
        if !tx.uploads().save(&expired, &upload.state).await? {
            return Ok(false);
        }
        let deed = Deed::new("upload.expired", upload.id).within(Area::OwnAccount);
        tx.audit()
            .append(deed.by_system("uploads.sweep", now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        if matches!(upload.state, UploadState::Checking { .. }) {
            // The check may have been cut off after it wrote.
            self.objects.delete(&upload.token.photo()).await?;
            self.objects.delete(&upload.token.thumbnail()).await?;
        }
        Ok(true)
    }

    pub(super) async fn remove_original(&self, upload: &Upload) -> Result<(), UploadError> {
        self.objects.delete(&upload.token.original()).await?;
        let mut tx = self.foundation.begin().await?;
        tx.uploads().original_removed(upload.id).await?;
        tx.commit().await?;
        Ok(())
    }
}
