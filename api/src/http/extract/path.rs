//! `{id}` in a path. What is not an id of the right kind is simply not found.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use niangjia_domain::kernel::{AccessError, Id, id::Kind};

use crate::http::problem::Problem;

pub struct IdPath<K>(pub Id<K>);

impl<K: Kind> FromRequest for IdPath<K> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let id = request
            .match_info()
            .get("id")
            .and_then(|text| text.parse().ok());
        ready(id.map(Self).ok_or_else(|| AccessError::NotFound.into()))
    }
}
