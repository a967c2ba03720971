//! A phone (or a desk) talking to the API: one signed-in caller, every answer with its status and
//! JSON body.

mod reply;

use std::sync::atomic::{AtomicU64, Ordering};

use reqwest::{Method, header};
use serde_json::Value;

pub use self::reply::{Reply, Surprise};

/// One caller. Cloning keeps the sign-in.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
    token: Option<String>,
}

impl Client {
    /// A stranger at `base`, such as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Self {
        let http = reqwest::Client::builder()
            // Only against hanging for ever: how long an answer takes is measured elsewhere.
            .timeout(std::time::Duration::from_secs(120))
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self {
            base: base.trim_end_matches('/').to_owned(),
            http,
            token: None,
        }
    }

    /// The same line, signed in with `token`.
    pub fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same caller at another process.
    pub fn at(&self, base: &str) -> Self {
        Self {
            base: base.trim_end_matches('/').to_owned(),
            ..self.clone()
        }
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Signs in with a WeChat code, such as `dev:worker-1`.
    pub async fn wechat(&self, code: &str) -> Result<Self, Surprise> {
        let body = serde_json::json!({ "code": code });
        let session = self
            .post("/auth/wechat-sessions", body)
            .await
            .expect_status(201)?;
        Ok(self.with_token(session.text("accessToken")?))
    }

    /// Signs in to the back office.
    pub async fn password(&self, username: &str, password: &str) -> Result<Self, Surprise> {
        let body = serde_json::json!({ "username": username, "password": password });
        let session = self
            .post("/auth/password-sessions", body)
            .await
            .expect_status(201)?;
        Ok(self.with_token(session.text("accessToken")?))
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.call(Method::GET, path, None, None).await
    }

    /// A GET that sends the tag of what it has already.
    pub async fn get_if_none_match(&self, path: &str, tag: &str) -> Reply {
        let mut request = self
            .http
            .get(self.url(path))
            .header(header::IF_NONE_MATCH, tag);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Reply::read(format!("GET {path}"), request.send().await).await
    }

    /// What a decision about one of a list has to name, as the list shows it; 0 when it is not
    /// there.
    pub async fn revision(&self, list: &str, id: &str) -> i64 {
        let mark = if list.contains('?') { '&' } else { '?' };
        let page = self.get(&format!("{list}{mark}limit=100")).await;
        let items = page.body["items"].as_array().into_iter().flatten();
        let mut revisions = items
            .filter(|item| item["id"] == id)
            .filter_map(|item| item["revision"].as_i64());
        revisions.next().unwrap_or_default()
    }

    /// Decides about an application as it is now.
    pub async fn decide_on_membership(&self, id: &str, mut decision: Value) -> Reply {
        let list = "/admin/membership-applications";
        decision["revision"] = self.revision(list, id).await.into();
        let path = format!("/admin/memberships/{id}/decisions");
        self.post(&path, decision).await
    }

    /// Decides about a wish as it is now.
    pub async fn decide_on_wish(&self, id: &str, mut decision: Value) -> Reply {
        decision["revision"] = self.revision("/admin/wishes", id).await.into();
        let path = format!("/admin/wishes/{id}/decisions");
        self.post(&path, decision).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.call(Method::POST, path, Some(body), None).await
    }

    /// A POST with an idempotency key of its own.
    pub async fn post_once(&self, path: &str, body: Value) -> Reply {
        self.post_with_key(path, body, &fresh_key()).await
    }

    pub async fn post_with_key(&self, path: &str, body: Value, key: &str) -> Reply {
        self.call(Method::POST, path, Some(body), Some(key)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.call(Method::PUT, path, Some(body), None).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.call(Method::DELETE, path, None, None).await
    }

    /// Any call; paths are below `/api/v1` unless they are not part of the contract's base path.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        key: Option<&str>,
    ) -> Reply {
        let call = format!("{method} {path}");
        Reply::read(call, self.request(method, path, body, key).send().await).await
    }

    /// A POST whose answer may be lost on the way: then `None`.
    pub async fn try_post_with_key(&self, path: &str, body: Value, key: &str) -> Option<Reply> {
        let answer = self
            .request(Method::POST, path, Some(body), Some(key))
            .send()
            .await
            .ok()?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.json().await.ok()?;
        Some(Reply {
            status,
            headers,
            body,
            call: format!("POST {path}"),
        })
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        key: Option<&str>,
    ) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, self.url(path));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request
    }

    /// Posts a `wx.uploadFile` form: fields first, the file last.
    pub async fn upload(&self, form: &Value, file: Vec<u8>, content_type: &str) -> Reply {
        let url = form["url"].as_str().unwrap_or_default();
        let mut parts = reqwest::multipart::Form::new();
        for (name, value) in form["fields"].as_object().into_iter().flatten() {
            parts = parts.text(name.clone(), value.as_str().unwrap_or_default().to_owned());
        }
        let part = reqwest::multipart::Part::bytes(file)
            .file_name("photo.jpg")
            .mime_str(content_type)
            .expect("a type");
        let field = form["fileField"].as_str().unwrap_or("file").to_owned();
        let request = self
            .http
            .post(self.absolute(url))
            .multipart(parts.part(field, part));
        Reply::read(format!("POST form to {url}"), request.send().await).await
    }

    /// Hands a file in to be imported.
    pub async fn hand_in(&self, kind: &str, name: &str, file: Vec<u8>, dry_run: bool) -> Reply {
        let part = reqwest::multipart::Part::bytes(file).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new()
            .text("kind", kind.to_owned())
            .part("file", part);
        let path = format!("/admin/imports?dryRun={dry_run}");
        let request = self
            .request(Method::POST, &path, None, None)
            .multipart(form);
        Reply::read(format!("POST {path}"), request.send().await).await
    }

    /// A file that the API sends to this caller.
    pub async fn fetch(&self, path: &str) -> Result<Vec<u8>, Surprise> {
        let answer = self.request(Method::GET, path, None, None).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        let bytes = match answer {
            Ok(answer) => answer.bytes().await,
            Err(error) => Err(error),
        };
        Ok(bytes.map_err(|error| Surprise(error.to_string()))?.to_vec())
    }

    /// The bytes behind a URL that the API gave.
    pub async fn download(&self, url: &str) -> Result<Vec<u8>, Surprise> {
        let answer = self
            .http
            .get(self.absolute(url))
            .send()
            .await
            .map_err(|error| Surprise(error.to_string()))?;
        if !answer.status().is_success() {
            return Err(Surprise(format!("download answered {}", answer.status())));
        }
        Ok(answer
            .bytes()
            .await
            .map_err(|error| Surprise(error.to_string()))?
            .to_vec())
    }

    fn url(&self, path: &str) -> String {
        let outside = [
            "/health",
            "/metrics",
            "/openapi.json",
            "/docs",
            "/local-objects",
            "/api",
        ];
        let prefix = if outside.iter().any(|start| path.starts_with(start)) {
            ""
        } else {
            "/api/v1"
        };
        format!("{}{prefix}{path}", self.base)
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with('/') {
            format!("{}{url}", self.base)
        } else {
            url.to_owned()
        }
    }
}

/// A key that no other call of this process uses.
pub fn fresh_key() -> String {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    format!(
        "key-{}-{}-{}",
        std::process::id(),
        crate::people::token(),
        COUNTER.fetch_add(1, Ordering::Relaxed)
    )
}

/// Whether a server answers there and is ready.
pub async fn is_up(base: &str) -> bool {
    let ready = reqwest::get(format!("{}/health/ready", base.trim_end_matches('/'))).await;
    ready.is_ok_and(|answer| answer.status().is_success())
}
