//! Signing in and out, one's own account, and who may do what.

mod accounts;
mod me;
mod sessions;
mod staff_grants;
mod staff_invitations;

use async_trait::async_trait;
use niangjia_domain::{
    identity::{IdentityService, Visitor},
    kernel::{Actor, Bearer, Invalid, values::text},
};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::http::{
    extract::{Authenticate, ClientIp},
    observe,
    problem::Problem,
};

pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(sessions::create_wechat_session)
        .service(sessions::create_password_session)
        .service(sessions::refresh_session)
        .service(sessions::delete_session)
        .service(me::get_me)
        .service(me::put_my_phone)
        .service(me::enrol_totp)
        .service(me::confirm_totp)
        .service(staff_invitations::bind_staff)
        .service(staff_invitations::invite_staff)
        .service(staff_grants::list_staff_grants)
        .service(staff_grants::withdraw_staff_grant);
}

#[async_trait]
impl Authenticate for IdentityService {
    async fn authenticate(&self, token: &str, request_id: &str) -> Result<Actor, Problem> {
        Ok(IdentityService::authenticate(self, token, request_id).await?)
    }

    fn recognise(&self, token: &str, request_id: &str) -> Result<Bearer, Problem> {
        Ok(IdentityService::recognise(self, token, request_id)?)
    }
}

fn visitor(ip: ClientIp) -> Visitor {
    Visitor {
        address: ip.0,
        request_id: observe::current_trace_id(),
    }
}

/// Codes come from elsewhere (WeChat, an invitation, an authenticator app): only their size is
/// known here.
fn code(field: &str, value: &str) -> Result<String, Invalid> {
    text::line(field, value, 1, 256)
}
