//! Where a request came from. Forwarded-for headers count only from proxies that the configuration
//! names.

use std::{
    future::{Ready, ready},
    net::{IpAddr, Ipv4Addr},
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};

use crate::{config::Network, http::problem::Problem};

/// Proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<Network>);

#[derive(Debug, Clone, Copy)]
pub struct ClientIp(pub IpAddr);

impl FromRequest for ClientIp {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
        let trusted = request.app_data::<web::Data<TrustedProxies>>();
        let behind_proxy =
            trusted.is_some_and(|proxies| proxies.0.iter().any(|proxy| proxy.covers(peer)));
        ready(Ok(Self(if behind_proxy {
            forwarded_for(request).unwrap_or(peer)
        } else {
            peer
        })))
    }
}

/// The last address: the one that our own proxy saw and appended.
fn forwarded_for(request: &HttpRequest) -> Option<IpAddr> {
    request
        .headers()
        .get_all("x-forwarded-for")
        .last()?
        .to_str()
        .ok()?
        .rsplit(',')
        .next()?
        .trim()
        .parse()
        .ok()
}
