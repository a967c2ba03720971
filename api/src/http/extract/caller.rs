//! Who calls: the bearer token, checked against the database for this very request, so that
//! sign-out and changed rights take effect at once.

use std::sync::Arc;

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use async_trait::async_trait;
use futures_util::future::LocalBoxFuture;
use niangjia_domain::kernel::{Actor, Bearer, id::AccountId};

use crate::http::{observe, problem::Problem, throttle::Throttle};

/// Turns a token into an actor.
#[async_trait]
pub trait Authenticate: Send + Sync {
    async fn authenticate(&self, token: &str, request_id: &str) -> Result<Actor, Problem>;
    /// Only whether the token itself is good; session and rights are asked about later.
    fn recognise(&self, token: &str, request_id: &str) -> Result<Bearer, Problem>;
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
        Box::pin(async move {
            actor_of(&request)
                .await?
                .map(Self)
                .ok_or_else(Problem::sign_in_first)
        })
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
    let Some(token) = token_of(request)? else {
        return Ok(None);
    };
    let actor = authority(request)?
        .authenticate(token, &observe::current_trace_id())
        .await?;
    count(request, actor.account_id)?;
    Ok(Some(actor))
}

/// Whom a genuine token speaks for. For writes that are carried in groups, which ask the database
/// about the session.
pub(crate) fn bearer_of(request: &HttpRequest) -> Result<Bearer, Problem> {
    let token = token_of(request)?.ok_or_else(Problem::sign_in_first)?;
    let bearer = authority(request)?.recognise(token, &observe::current_trace_id())?;
    count(request, bearer.account_id)?;
    Ok(bearer)
}

fn token_of(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| Problem::sign_in_first())?;
    let (scheme, token) = text.split_once(' ').ok_or_else(Problem::sign_in_first)?;
    if scheme.eq_ignore_ascii_case("bearer") {
        Ok(Some(token.trim()))
    } else {
        Err(Problem::sign_in_first())
    }
}

fn authority(request: &HttpRequest) -> Result<&web::Data<Arc<dyn Authenticate>>, Problem> {
    request.app_data().ok_or_else(Problem::internal)
}

fn count(request: &HttpRequest, account: AccountId) -> Result<(), Problem> {
    request
        .app_data::<web::Data<Throttle>>()
        .map_or(Ok(()), |throttle| throttle.account(account))
}
