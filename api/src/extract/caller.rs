//! Who calls: the bearer token, checked against the database for this very request, so that sign-out and changed
//! rights take effect at once.

use std::sync::Arc;

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::{StatusCode, header},
    web,
};
use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use niangjia_domain::kernel::Actor;

use crate::{observe, problem::Problem, throttle::Throttle};

/// Turns a token into an actor.
#[async_trait]
pub trait Authenticate: Send + Sync {
    async fn authenticate(&self, token: &str, request_id: &str) -> Result<Actor, Problem>;
}

/// A signed-in caller; 401 otherwise.
#[derive(Debug)]
pub struct Caller(pub Actor);

/// A caller who may be a stranger. A token that is sent must still be good.
#[derive(Debug)]
pub struct MaybeCaller(pub Option<Actor>);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { actor_of(&request).await?.map(Self).ok_or_else(sign_in_first) })
    }
}

impl FromRequest for MaybeCaller {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { actor_of(&request).await.map(Self) })
    }
}

async fn actor_of(request: &HttpRequest) -> Result<Option<Actor>, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let text = value.to_str().map_err(|_| sign_in_first())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(sign_in_first)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(sign_in_first());
    }
    let authority = request.app_data::<web::Data<Arc<dyn Authenticate>>>().ok_or_else(Problem::internal)?;
    let actor = authority.authenticate(token.trim(), &observe::current_trace_id()).await?;
    if let Some(throttle) = request.app_data::<web::Data<Throttle>>() {
        throttle.account(actor.account_id)?;
    }
    Ok(Some(actor))
}

fn sign_in_first() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", "登录已失效，请重新登录")
}
