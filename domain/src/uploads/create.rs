//! Asking for a form.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    declaration::{PhotoType, Purpose},
    error::UploadError,
    object_key::ObjectToken,
    objects::UploadForm,
    service::UploadService,
    upload::{FORM_LIFE, MAX_BYTES, Upload, UploadState},
};
use crate::{
    audit::{Area, Deed},
    kernel::{
        Actor, Answer, IdempotentRequest, Invalid, Role,
        id::UploadId,
        idempotency::{first_answer, remember},
        invalid::FieldCheck,
    },
    store::StoreError,
};

/// As it comes from the phone.
#[derive(Debug, Clone)]
pub struct CreateUpload {
    pub purpose: String,
    pub content_type: String,
    /// Bytes of the file, so that one that is too large is refused before it travels.
    pub size: u64,
}

/// A form to post, and until when.
#[derive(Debug, Clone)]
pub struct UploadTicket {
    pub id: UploadId,
    pub form: UploadForm,
    pub expires_at: DateTime<Utc>,
}

/// What is kept as the first answer: enough to make the very same form again, and no signature.
#[derive(Debug, Serialize, Deserialize)]
struct CreatedUpload {
    id: UploadId,
    purpose: Purpose,
    content_type: String,
    token: String,
    created_at: DateTime<Utc>,
}

impl UploadService {
    /// Every WeChat account may upload photos of its own. No network call: forms are signed here.
    pub async fn create(
        &self,
        actor: &Actor,
        command: CreateUpload,
        request: &IdempotentRequest,
    ) -> Result<Answer<UploadTicket>, UploadError> {
        actor.require(Role::Worker)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        if let Some(first) =
            first_answer::<CreatedUpload, UploadError>(&mut *tx, request, now).await?
        {
            let replayed = first.replayed;
            return Ok(Answer {
                value: self.ticket(&self.again(actor, first.value)?)?,
                replayed,
            });
        }
        let upload = self.draft(actor, &command, now)?;
        tx.uploads().insert(&upload).await?;
        let deed = Deed::new("upload.created", upload.id)
            .within(Area::own_of(actor))
            .with(serde_json::json!({ "purpose": upload.purpose }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        let answer = remember(&mut *tx, request, CreatedUpload::of(&upload)).await?;
        tx.commit().await?;
        Ok(Answer {
            value: self.ticket(&upload)?,
            replayed: answer.replayed,
        })
    }

    fn draft(
        &self,
        actor: &Actor,
        command: &CreateUpload,
        now: DateTime<Utc>,
    ) -> Result<Upload, Invalid> {
        let mut check = FieldCheck::default();
        let purpose = check.take(Purpose::declared(&command.purpose));
        let content_type = check.take(PhotoType::declared(&command.content_type));
        check.require(
            (1..=MAX_BYTES).contains(&command.size),
            "size",
            "size_out_of_range",
            "照片不能为空，且不超过 10 MB，请压缩后重新选择",
        );
        check.finish()?;
        // Both were taken, or `finish` would have refused.
        let (Some(purpose), Some(content_type)) = (purpose, content_type) else {
            return Err(Invalid::field(
                "purpose",
                "purpose_unknown",
                "请选择照片用途",
            ));
        };
        Ok(Upload {
            id: UploadId::generate(now, self.foundation.random()),
            owner: actor.account_id,
            purpose,
            content_type,
            token: ObjectToken::generate(self.foundation.random()),
            created_at: now,
            state: UploadState::AwaitingObject,
        })
    }

    fn again(&self, actor: &Actor, first: CreatedUpload) -> Result<Upload, UploadError> {
        let corrupt = |_| StoreError::Corrupt {
            table: "idempotency_keys",
            id: first.id.to_string(),
        };
        Ok(Upload {
            id: first.id,
            owner: actor.account_id,
            purpose: first.purpose,
            content_type: PhotoType::declared(&first.content_type)?,
            token: ObjectToken::parse(&first.token).map_err(corrupt)?,
            created_at: first.created_at,
            state: UploadState::AwaitingObject,
        })
    }

    fn ticket(&self, upload: &Upload) -> Result<UploadTicket, UploadError> {
        let form = self.objects.upload_form(&upload.policy())?;
        Ok(UploadTicket {
            id: upload.id,
            form,
            expires_at: upload.created_at + FORM_LIFE,
        })
    }
}

impl CreatedUpload {
    fn of(upload: &Upload) -> Self {
        Self {
            id: upload.id,
            purpose: upload.purpose,
            content_type: upload.content_type.code().to_owned(),
            token: upload.token.as_str().to_owned(),
            created_at: upload.created_at,
        }
    }
}
