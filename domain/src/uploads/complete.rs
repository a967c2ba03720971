//! The phone says the file is there: look at it, make it safe, keep only that.
//!
//! One check at a time per upload (a guarded save decides), no transaction is open while the object
//! store is asked, and objects are written before the row says `ready` and the original is deleted
//! after. A cut-off check leaves nothing that a second one would not simply overwrite.

use super::{
    error::UploadError,
    objects::{CleanPhoto, ObjectError},
    read::UploadView,
    refusal::Refusal,
    service::UploadService,
    upload::{EXPIRED, MAX_BYTES, Upload, UploadState},
};
use crate::{
    audit::{Area, Deed},
    kernel::{Actor, id::UploadId},
};

/// What a look at the original came to.
enum Finding {
    Safe { width: u32, height: u32 },
    Refused(Refusal),
}

impl UploadService {
    /// Checks the object and settles the upload. Repeating it gives the settled answer; while
    /// another check is under way the answer is `checking`.
    pub async fn complete(&self, actor: &Actor, id: UploadId) -> Result<UploadView, UploadError> {
        let upload = self.own(actor, id).await?;
        let checking = match upload.clone().begin_check(self.foundation.now()) {
            Ok(checking) => checking,
            Err(_) => return self.standing(&upload),
        };
        let size = match self.objects.size(&upload.token.original()).await {
            Ok(size) => size,
            Err(ObjectError::NotFound) => return self.without_object(actor, id).await,
            Err(error) => return Err(error.into()),
        };
        if !self.save(&checking, &upload.state).await? {
            return self.standing(&self.own(actor, id).await?);
        }
        match self.examine(&checking, size).await {
            Ok(finding) => self.settle(actor, checking, finding).await,
            Err(error) => {
                let was = checking.state.clone();
                if let Ok(released) = checking.release() {
                    self.save(&released, &was).await?;
                }
                Err(error.into())
            }
        }
    }

    /// Nothing is there: a faster twin may have settled it and deleted the original, else the file
    /// never came.
    async fn without_object(&self, actor: &Actor, id: UploadId) -> Result<UploadView, UploadError> {
        let upload = self.own(actor, id).await?;
        if upload.clone().begin_check(self.foundation.now()).is_ok() {
            return Err(UploadError::ObjectMissing);
        }
        self.standing(&upload)
    }

    /// The answer for an upload that this call does not check.
    fn standing(&self, upload: &Upload) -> Result<UploadView, UploadError> {
        let view = self.view(upload)?;
        if view.status == EXPIRED {
            Err(UploadError::Expired)
        } else {
            Ok(view)
        }
    }

    async fn examine(&self, upload: &Upload, size: u64) -> Result<Finding, ObjectError> {
        if !(1..=MAX_BYTES).contains(&size) {
            return Ok(Finding::Refused(Refusal::TooLarge));
        }
        let original = match self.objects.get(&upload.token.original(), MAX_BYTES).await {
            Err(ObjectError::TooLarge) => return Ok(Finding::Refused(Refusal::TooLarge)),
            other => other?,
        };
        match self.studio.clean(original).await {
            Err(error) => Ok(Finding::Refused(error.into())),
            Ok(photo) => self.keep(upload, photo).await,
        }
    }

    async fn keep(&self, upload: &Upload, photo: CleanPhoto) -> Result<Finding, ObjectError> {
        self.objects
            .put(&upload.token.photo(), "image/jpeg", photo.jpeg)
            .await?;
        self.objects
            .put(&upload.token.thumbnail(), "image/jpeg", photo.thumbnail)
            .await?;
        Ok(Finding::Safe {
            width: photo.width,
            height: photo.height,
        })
    }

    async fn settle(
        &self,
        actor: &Actor,
        checking: Upload,
        finding: Finding,
    ) -> Result<UploadView, UploadError> {
        let now = self.foundation.now();
        let was = checking.state.clone();
        let (id, area) = (checking.id, Area::own_of(actor));
        let (settled, deed) = match finding {
            Finding::Safe { width, height } => (
                checking.pass(width, height, now),
                Deed::new("upload.passed", id).within(area),
            ),
            Finding::Refused(refusal) => (
                checking.refuse(refusal, now),
                Deed::new("upload.refused", id)
                    .within(area)
                    .with(serde_json::json!({ "reason": refusal })),
            ),
        };
        let Ok(settled) = settled else {
            return self.standing(&self.own(actor, id).await?);
        };
        let mut tx = self.foundation.begin().await?;
        if !tx.uploads().save(&settled, &was).await? {
            drop(tx);
            return self.standing(&self.own(actor, id).await?);
        }
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        // The photo is settled whether or not this succeeds; the sweep deletes what is left.
        let _ = self.remove_original(&settled).await;
        self.view(&settled)
    }

    async fn save(&self, upload: &Upload, was: &UploadState) -> Result<bool, UploadError> {
        let mut tx = self.foundation.begin().await?;
        let saved = tx.uploads().save(upload, was).await?;
        tx.commit().await?;
        Ok(saved)
    }
}
