//! Signature V4. Headers and URLs are signed by `reqsign-aliyun-oss`; PostObject forms here, as it
//! has no call for them. Sources:
//! <https://help.aliyun.com/zh/oss/developer-reference/recommend-to-use-signature-version-4> and,
//! for forms, <https://help.aliyun.com/zh/oss/developer-reference/signature-version-4-recommend>.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use http::{HeaderValue, Method, Request, header, request::Parts};
use niangjia_domain::uploads::{
    ObjectKey,
    objects::{ObjectError, UploadForm, UploadPolicy},
};
use reqsign_aliyun_oss::{Credential, RequestSigner, SigningVersion};
use reqsign_core::{Context, SignRequest};
use secrecy::ExposeSecret;

use super::{
    OssSettings,
    address::BucketAddress,
    signer::{OssSigner, SignedRequest, unsignable},
};
use crate::objects::{mac::hmac_sha256, post_form::PostForm};

const ALGORITHM: &str = "OSS4-HMAC-SHA256";

pub(super) struct V4Signer {
    address: BucketAddress,
    bucket: String,
    region: String,
    credential: Credential,
    signer: RequestSigner,
}

impl V4Signer {
    pub(super) fn new(settings: &OssSettings, address: BucketAddress) -> Self {
        let credential = Credential {
            access_key_id: settings.access_key_id.clone(),
            access_key_secret: settings.access_key_secret.expose_secret().to_owned(),
            ..Credential::default()
        };
        let signer = RequestSigner::new(&settings.bucket)
            .with_region(&settings.region)
            .with_signing_version(SigningVersion::V4);
        Self {
            address,
            bucket: settings.bucket.clone(),
            region: settings.region.clone(),
            credential,
            signer,
        }
    }

    fn signed(&self, mut parts: Parts, life: Option<Duration>) -> Result<Parts, ObjectError> {
        let context = Context::new();
        let signing = self
            .signer
            .sign_request(&context, &mut parts, Some(&self.credential), life);
        // Signing with a credential at hand computes and never waits.
        signing
            .now_or_never()
            .ok_or(())
            .map_err(unsignable)?
            .map_err(unsignable)?;
        Ok(parts)
    }

    /// `host` is signed too: without any additional header the library would write an empty list,
    /// which OSS refuses.
    fn parts(&self, method: Method, key: &ObjectKey) -> Result<Parts, ObjectError> {
        let request = Request::builder()
            .method(method)
            .uri(self.address.object(key));
        let (parts, ()) = request
            .header(header::HOST, &self.address.authority)
            .body(())
            .map_err(unsignable)?
            .into_parts();
        Ok(parts)
    }

    /// HMAC chain over date, region and service.
    pub(super) fn signing_key(&self, date: &str) -> Vec<u8> {
        let secret = format!("aliyun_v4{}", self.credential.access_key_secret);
        [date, &self.region, "oss", "aliyun_v4_request"]
            .iter()
            .fold(secret.into_bytes(), |key, part| {
                hmac_sha256(&key, part.as_bytes())
            })
    }

    /// Over the base64 policy itself, without the preamble that requests have.
    pub(super) fn form_signature(&self, date: &str, policy: &str) -> String {
        hex::encode(hmac_sha256(&self.signing_key(date), policy.as_bytes()))
    }
}

impl OssSigner for V4Signer {
    fn sign(
        &self,
        method: Method,
        key: &ObjectKey,
        content_type: Option<&str>,
    ) -> Result<SignedRequest, ObjectError> {
        let mut parts = self.parts(method, key)?;
        if let Some(content_type) = content_type {
            parts.headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_str(content_type).map_err(unsignable)?,
            );
        }
        let parts = self.signed(parts, None)?;
        Ok(SignedRequest {
            method: parts.method,
            url: parts.uri.to_string(),
            headers: parts.headers,
        })
    }

    fn presign(&self, key: &ObjectKey, life: Duration) -> Result<String, ObjectError> {
        let parts = self.signed(self.parts(Method::GET, key)?, Some(life))?;
        Ok(parts.uri.to_string())
    }

    fn form(&self, policy: &UploadPolicy) -> UploadForm {
        let (date, instant) = dates(policy.issued_at);
        let credential = format!(
            "{}/{date}/{}/oss/aliyun_v4_request",
            self.credential.access_key_id, self.region
        );
        PostForm::new(policy)
            .require("bucket", &self.bucket)
            .pin("x-oss-signature-version", ALGORITHM)
            .pin("x-oss-credential", &credential)
            .pin("x-oss-date", &instant)
            .signed(self.address.form(), |text| {
                vec![(
                    "x-oss-signature".to_owned(),
                    self.form_signature(&date, text),
                )]
            })
    }
}

/// `20260101` and `20260101T000000Z`.
fn dates(at: DateTime<Utc>) -> (String, String) {
    (
        at.format("%Y%m%d").to_string(),
        at.format("%Y%m%dT%H%M%SZ").to_string(),
    )
}
