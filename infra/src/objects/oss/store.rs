//! The `ObjectStore` port over OSS.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{Method, header};
use niangjia_domain::{
    kernel::Clock,
    uploads::{
        ObjectKey,
        objects::{ObjectError, ObjectStore, UploadForm, UploadPolicy},
    },
};

use super::{
    OssSettings, OssSignature,
    address::BucketAddress,
    signer::OssSigner,
    transport::{Transport, read},
    v1::V1Signer,
    v4::V4Signer,
};
use crate::objects::probe::write_read_delete;

pub struct OssStore {
    signer: Box<dyn OssSigner>,
    transport: Transport,
    clock: Arc<dyn Clock>,
}

impl OssStore {
    /// `http` is the process's shared client; it must not follow redirects.
    pub fn new(
        settings: &OssSettings,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ObjectError> {
        let address = BucketAddress::of(settings)?;
        let signer: Box<dyn OssSigner> = match settings.signature {
            OssSignature::V4 => Box::new(V4Signer::new(settings, address)),
            OssSignature::V1 => Box::new(V1Signer::new(settings, address)),
        };
        Ok(Self {
            signer,
            transport: Transport::new(http, settings.attempt_timeout),
            clock,
        })
    }
}

#[async_trait]
impl ObjectStore for OssStore {
    fn upload_form(&self, policy: &UploadPolicy) -> Result<UploadForm, ObjectError> {
        Ok(self.signer.form(policy))
    }

    fn read_url(&self, key: &ObjectKey, expires_at: DateTime<Utc>) -> Result<String, ObjectError> {
        let life = (expires_at - self.clock.now()).to_std().unwrap_or_default();
        // OSS refuses a life of zero; what should have ended a moment ago ends within a second.
        self.signer.presign(key, life.max(Duration::from_secs(1)))
    }

    async fn size(&self, key: &ObjectKey) -> Result<u64, ObjectError> {
        let head = || async {
            let response = self
                .transport
                .send(&self.signer.sign(Method::HEAD, key, None)?, Bytes::new())
                .await?;
            let length = response.headers().get(header::CONTENT_LENGTH);
            let length = length
                .and_then(|text| text.to_str().ok())
                .and_then(|text| text.parse().ok());
            length.ok_or_else(|| ObjectError::Unavailable("no length in the answer".to_owned()))
        };
        self.transport.exchange(head).await
    }

    async fn get(&self, key: &ObjectKey, max_bytes: u64) -> Result<Vec<u8>, ObjectError> {
        let get = || async {
            let response = self
                .transport
                .send(&self.signer.sign(Method::GET, key, None)?, Bytes::new())
                .await?;
            read(response, max_bytes).await
        };
        self.transport.exchange(get).await
    }

    async fn put(
        &self,
        key: &ObjectKey,
        content_type: &str,
        bytes: Vec<u8>,
    ) -> Result<(), ObjectError> {
        let bytes = Bytes::from(bytes);
        let put = || async {
            let signed = self.signer.sign(Method::PUT, key, Some(content_type))?;
            self.transport.send(&signed, bytes.clone()).await.map(drop)
        };
        self.transport.exchange(put).await
    }

    async fn delete(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        let delete = || async {
            self.transport
                .send(&self.signer.sign(Method::DELETE, key, None)?, Bytes::new())
                .await
                .map(drop)
        };
        match self.transport.exchange(delete).await {
            Err(ObjectError::NotFound) => Ok(()),
            other => other,
        }
    }

    async fn probe(&self) -> Result<(), ObjectError> {
        write_read_delete(self).await
    }
}
