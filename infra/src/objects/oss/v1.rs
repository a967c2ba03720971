//! Signature V1 through `aliyun-oss-rust-sdk`, for accounts that Alibaba has not moved to V4.
//!
//! The SDK only signs here; our own client sends. That way its other habits never matter: a client
//! without deadline per call, answers with the string to sign in its errors, a `Debug` that prints
//! the secret, `from_env` that panics. The address is always passed with its scheme (without one
//! the SDK goes over plain HTTP). Its upload policy is not used (it expires eight hours late in
//! China's time zone and lets JSON through), nor are `x-oss-*` headers (it signs two of them
//! wrongly and sends none) or subresources without a value.

use std::time::Duration;

use aliyun_oss_rust_sdk::{
    oss::OSS,
    request::{RequestBuilder, RequestType},
    url::UrlApi,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use niangjia_domain::uploads::{
    ObjectKey,
    objects::{ObjectError, UploadForm, UploadPolicy},
};
use secrecy::{ExposeSecret, SecretString};

use super::{
    OssSettings,
    address::BucketAddress,
    signer::{OssSigner, SignedRequest, unsignable},
};
use crate::objects::{mac::hmac_sha1, post_form::PostForm};

pub(super) struct V1Signer {
    address: BucketAddress,
    bucket: String,
    access_key_id: String,
    secret: SecretString,
    sdk: OSS,
}

impl V1Signer {
    pub(super) fn new(settings: &OssSettings, address: BucketAddress) -> Self {
        let sdk = OSS::new(
            settings.access_key_id.as_str(),
            settings.access_key_secret.expose_secret(),
            address.base(),
            &settings.bucket,
        );
        Self {
            address,
            bucket: settings.bucket.clone(),
            access_key_id: settings.access_key_id.clone(),
            secret: settings.access_key_secret.clone(),
            sdk,
        }
    }

    pub(super) fn form_signature(&self, policy: &str) -> String {
        STANDARD.encode(hmac_sha1(
            self.secret.expose_secret().as_bytes(),
            policy.as_bytes(),
        ))
    }
}

impl OssSigner for V1Signer {
    fn sign(
        &self,
        method: Method,
        key: &ObjectKey,
        content_type: Option<&str>,
    ) -> Result<SignedRequest, ObjectError> {
        let mut build = RequestBuilder::new().with_cdn(self.address.base());
        build.method = request_type(&method)?;
        build.content_type = content_type.map(str::to_owned);
        let (url, headers) = self
            .sdk
            .build_request(format!("/{key}"), build)
            .map_err(unsignable)?;
        Ok(SignedRequest {
            method,
            url,
            headers,
        })
    }

    fn presign(&self, key: &ObjectKey, life: Duration) -> Result<String, ObjectError> {
        let seconds = i64::try_from(life.as_secs()).map_err(unsignable)?;
        let build = RequestBuilder::new()
            .with_cdn(self.address.base())
            .with_expire(seconds);
        Ok(self.sdk.sign_download_url(format!("/{key}"), &build))
    }

    fn form(&self, policy: &UploadPolicy) -> UploadForm {
        PostForm::new(policy)
            .require("bucket", &self.bucket)
            .signed(self.address.form(), |text| {
                vec![
                    ("OSSAccessKeyId".to_owned(), self.access_key_id.clone()),
                    ("Signature".to_owned(), self.form_signature(text)),
                ]
            })
    }
}

fn request_type(method: &Method) -> Result<RequestType, ObjectError> {
    match *method {
        Method::GET => Ok(RequestType::Get),
        Method::PUT => Ok(RequestType::Put),
        Method::DELETE => Ok(RequestType::Delete),
        Method::HEAD => Ok(RequestType::Head),
        _ => Err(unsignable(())),
    }
}
