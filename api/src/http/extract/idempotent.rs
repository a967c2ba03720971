//! Requests that phones may send twice: the caller, the key, and a fingerprint of method, path and
//! body.

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode};
use futures_util::future::LocalBoxFuture;
use niangjia_domain::kernel::{Actor, Bearer, IdempotencyKey, IdempotentRequest, id::AccountId};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{
    body::{parse, read},
    caller::{Caller, bearer_of},
};
use crate::http::problem::Problem;

/// A signed-in caller's write with an `Idempotency-Key`.
#[derive(Debug)]
pub struct Idempotent<T> {
    pub actor: Actor,
    pub request: IdempotentRequest,
    pub body: T,
}

/// The same for a write that is carried together with others: only the token is checked here, the
/// session is asked about by the group.
#[derive(Debug)]
pub struct GroupWrite<T> {
    pub bearer: Bearer,
    pub request: IdempotentRequest,
    pub body: T,
}

impl<T: DeserializeOwned + 'static> FromRequest for GroupWrite<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bearer = bearer_of(&request)?;
            let (request, body) = keyed(&request, payload, bearer.account_id).await?;
            Ok(Self {
                bearer,
                request,
                body,
            })
        })
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Idempotent<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let Caller(actor) = Caller::extract(&request).await?;
            let (request, body) = keyed(&request, payload, actor.account_id).await?;
            Ok(Self {
                actor,
                request,
                body,
            })
        })
    }
}

async fn keyed<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: Payload,
    account_id: AccountId,
) -> Result<(IdempotentRequest, T), Problem> {
    let key = key_of(request)?;
    let bytes = read(request, payload).await?;
    let fingerprint = fingerprint(request, &bytes);
    Ok((
        IdempotentRequest {
            account_id,
            key,
            fingerprint,
        },
        parse(&bytes)?,
    ))
}

fn key_of(request: &HttpRequest) -> Result<IdempotencyKey, Problem> {
    let Some(value) = request.headers().get("idempotency-key") else {
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "idempotency_key_missing",
            "缺少请求标识 Idempotency-Key，请升级小程序后重试",
        ));
    };
    value
        .to_str()
        .ok()
        .and_then(IdempotencyKey::parse)
        .ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "idempotency_key_invalid",
                "请求标识 Idempotency-Key 应为 1 到 255 个可见字符，请升级小程序后重试",
            )
        })
}

fn fingerprint(request: &HttpRequest, body: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [
        request.method().as_str().as_bytes(),
        request.path().as_bytes(),
        body,
    ] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}
