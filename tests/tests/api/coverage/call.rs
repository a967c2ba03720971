//! Operations of the document as calls that a client can make.

use niangjia_tests::client::{Client, Reply, fresh_key};
use reqwest::Method;
use serde_json::{Value, json};

use super::fill;

/// One operation, with ids and a body that say something well-formed about things that do not
/// exist.
#[derive(Debug, Clone)]
pub struct Call {
    /// `POST /wishes/{id}/claims`, as the document has it below the base path.
    pub name: String,
    pub secured: bool,
    method: Method,
    path: String,
    body: Option<Value>,
}

/// All operations of the document.
pub fn all() -> Vec<Call> {
    let document = niangjia_api::http::openapi::document();
    let paths = document["paths"].as_object().expect("paths");
    let operations = |(path, item): (&String, &Value)| {
        let item = item.as_object().expect("operations").clone();
        let path = path
            .strip_prefix("/api/v1")
            .expect("the base path")
            .to_owned();
        item.into_iter()
            .map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    };
    let call = |(method, path, operation): (String, String, Value)| {
        Call::of(&document, &method, &path, &operation)
    };
    paths.iter().flat_map(operations).map(call).collect()
}

impl Call {
    fn of(document: &Value, method: &str, path: &str, operation: &Value) -> Self {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let name = format!("{method} {path}");
        let body = operation
            .get("requestBody")
            .map(|_| fill::body(&name, document, schema));
        Self {
            secured: operation["security"]
                .as_array()
                .is_some_and(|schemes| !schemes.is_empty()),
            method: method.parse().expect("a method"),
            path: fill::path(path),
            body,
            name,
        }
    }

    pub fn is_read(&self) -> bool {
        self.method == Method::GET
    }

    /// Makes the call; a key is sent whether it is needed or not.
    pub async fn send(&self, client: &Client) -> Reply {
        let body = self
            .body
            .clone()
            .or_else(|| (self.method == Method::POST).then(|| json!({})));
        let mut reply = client
            .call(self.method.clone(), &self.path, body, Some(&fresh_key()))
            .await;
        reply.call.clone_from(&self.name);
        reply
    }
}
