//! The PostObject form that phones get, common to all stores: which fields, and a policy that pins
//! each of them. Source: <https://help.aliyun.com/zh/oss/developer-reference/postobject>.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, SecondsFormat, Utc};
use niangjia_domain::uploads::objects::{UploadForm, UploadPolicy};
use serde_json::{Value, json};

/// The part that carries the file; it comes last.
pub(super) const FILE_FIELD: &str = "file";

/// A form in the making: fields already decided, each of which the policy will pin.
pub(super) struct PostForm {
    fields: Vec<(String, String)>,
    conditions: Vec<Value>,
    expires_at: DateTime<Utc>,
}

impl PostForm {
    /// Key, type, size range, one new object, and an answer that `wx.uploadFile` takes for success.
    pub(super) fn new(policy: &UploadPolicy) -> Self {
        let size = json!(["content-length-range", policy.min_bytes, policy.max_bytes]);
        Self {
            fields: Vec::new(),
            conditions: vec![size],
            expires_at: policy.expires_at,
        }
        .pin("key", policy.key.as_str())
        .pin("Content-Type", &policy.content_type)
        .pin("x-oss-forbid-overwrite", "true")
        .pin("success_action_status", "200")
    }

    /// Adds a field whose value the policy fixes.
    pub(super) fn pin(mut self, name: &str, value: &str) -> Self {
        self.conditions.push(json!([
            "eq",
            format!("${}", name.to_ascii_lowercase()),
            value
        ]));
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a condition on something that is not a form field.
    pub(super) fn require(mut self, name: &str, value: &str) -> Self {
        self.conditions.push(json!({ name: value }));
        self
    }

    /// Closes the policy and signs its base64 text; `sign` returns the fields that carry the
    /// signature.
    pub(super) fn signed(
        mut self,
        url: String,
        sign: impl FnOnce(&str) -> Vec<(String, String)>,
    ) -> UploadForm {
        let expiration = self.expires_at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let document = json!({ "expiration": expiration, "conditions": self.conditions });
        let policy = STANDARD.encode(document.to_string());
        self.fields.extend(sign(&policy));
        self.fields.push(("policy".to_owned(), policy));
        UploadForm {
            url,
            fields: self.fields,
            file_field: FILE_FIELD,
        }
    }
}
