//! The embedded object store: files in the data folder, behind the API's own URLs. It takes the
//! very form that OSS takes and enforces the same policy; reading needs a signature that names one
//! key and ends.

use std::{io, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{Clock, Random},
    uploads::{
        ObjectKey,
        objects::{ObjectError, ObjectStore, UploadForm, UploadPolicy},
    },
};
use zeroize::Zeroizing;

use super::{
    incoming::Incoming,
    local_files::LocalFiles,
    mac::{equals_hex, hmac_sha256},
    post_form::PostForm,
    post_policy::{Admission, FormFault, PostedFields},
};

const SIGNATURE_FIELD: &str = "x-oss-signature";
/// Largest object that is served; photos that are shown are far smaller.
const MAX_SERVED_BYTES: u64 = 32 * 1024 * 1024;

pub struct LocalSettings {
    /// Everything lives below this folder.
    pub folder: PathBuf,
    /// Where phones reach this server, without a slash at the end: `https://union.example.cn`.
    pub public_url: String,
    /// Signs forms and URLs; another process with the same key accepts them too.
    pub key: Zeroizing<[u8; 32]>,
}

pub struct LocalObjects {
    files: LocalFiles,
    url: String,
    key: Zeroizing<[u8; 32]>,
    clock: Arc<dyn Clock>,
}

impl LocalObjects {
    pub fn open(
        settings: LocalSettings,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> io::Result<Self> {
        let files = LocalFiles::open(settings.folder, clock.now(), random)?;
        let url = format!(
            "{}/local-objects/",
            settings.public_url.trim_end_matches('/')
        );
        Ok(Self {
            files,
            url,
            key: settings.key,
            clock,
        })
    }

    /// Judges the fields that came before the file.
    pub fn admit(&self, fields: &[(String, String)]) -> Result<Admission, FormFault> {
        let fields = PostedFields::new(fields)?;
        let policy = fields
            .get("policy")
            .ok_or(FormFault::Malformed("no policy"))?;
        let signature = fields
            .get(SIGNATURE_FIELD)
            .ok_or(FormFault::Malformed("no signature"))?;
        if !equals_hex(signature, &self.signature("form", policy)) {
            return Err(FormFault::SignatureDoesNotMatch);
        }
        fields.judge(policy, self.clock.now())
    }

    /// Opens the way for the file of an admitted form.
    pub async fn receive(&self, admission: &Admission) -> Result<Incoming, FormFault> {
        Ok(self
            .files
            .incoming(&admission.key, (admission.min_bytes, admission.max_bytes))
            .await?)
    }

    /// The object behind a read URL. Forged, expired and absent are all `NotFound`.
    pub async fn open_url(
        &self,
        key: &str,
        expires: i64,
        signature: &str,
    ) -> Result<Vec<u8>, ObjectError> {
        let key = ObjectKey::parse(key).map_err(|_| ObjectError::NotFound)?;
        let genuine = equals_hex(signature, &self.read_signature(&key, expires));
        if !genuine || self.clock.now().timestamp() >= expires {
            return Err(ObjectError::NotFound);
        }
        self.files.read(&key, MAX_SERVED_BYTES).await
    }

    fn read_signature(&self, key: &ObjectKey, expires: i64) -> Vec<u8> {
        self.signature("read", &format!("{expires}\n{key}"))
    }

    fn signature(&self, purpose: &str, text: &str) -> Vec<u8> {
        hmac_sha256(&*self.key, format!("{purpose}\n{text}").as_bytes())
    }
}

#[async_trait]
impl ObjectStore for LocalObjects {
    fn upload_form(&self, policy: &UploadPolicy) -> Result<UploadForm, ObjectError> {
        let sign = |text: &str| {
            vec![(
                SIGNATURE_FIELD.to_owned(),
                hex::encode(self.signature("form", text)),
            )]
        };
        Ok(PostForm::new(policy).signed(self.url.clone(), sign))
    }

    fn read_url(&self, key: &ObjectKey, expires_at: DateTime<Utc>) -> Result<String, ObjectError> {
        let expires = expires_at.timestamp();
        let signature = hex::encode(self.read_signature(key, expires));
        Ok(format!(
            "{}{key}?expires={expires}&signature={signature}",
            self.url
        ))
    }

    async fn size(&self, key: &ObjectKey) -> Result<u64, ObjectError> {
        self.files.size(key).await
    }

    async fn get(&self, key: &ObjectKey, max_bytes: u64) -> Result<Vec<u8>, ObjectError> {
        self.files.read(key, max_bytes).await
    }

    async fn put(
        &self,
        key: &ObjectKey,
        _content_type: &str,
        bytes: Vec<u8>,
    ) -> Result<(), ObjectError> {
        let mut incoming = self.files.incoming(key, (0, u64::MAX)).await?;
        match incoming.write(&bytes).await {
            Ok(()) => incoming.replace().await,
            Err(FormFault::Objects(error)) => Err(error),
            Err(other) => Err(ObjectError::Unavailable(other.to_string())),
        }
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        self.files.remove(key).await
    }

    async fn probe(&self) -> Result<(), ObjectError> {
        super::probe::write_read_delete(self).await
    }
}
