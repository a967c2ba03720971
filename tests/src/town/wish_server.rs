//! The wishes API over HTTP through the real routes. A caller's token is their account's id, once
//! they are introduced.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use actix_web::web;
use async_trait::async_trait;
use niangjia_api::http::{extract::Authenticate, problem::Problem};
use niangjia_domain::kernel::{Actor, Bearer};

use super::Town;
use crate::{client::Client, servers::routes::serve};

/// A server, and who may call it.
pub struct WishServer {
    stranger: Client,
    callers: Arc<Callers>,
}

#[derive(Default)]
struct Callers(Mutex<HashMap<String, Actor>>);

#[async_trait]
impl Authenticate for Callers {
    async fn authenticate(&self, token: &str, _: &str) -> Result<Actor, Problem> {
        let known = self.0.lock().unwrap().get(token).cloned();
        known.ok_or_else(Problem::sign_in_first)
    }

    fn recognise(&self, _: &str, _: &str) -> Result<Bearer, Problem> {
        Err(Problem::sign_in_first())
    }
}

impl WishServer {
    pub fn start(town: &Town) -> Self {
        let callers = Arc::new(Callers::default());
        let wishes = web::Data::new(town.services.wishes.clone());
        let behind = move |config: &mut web::ServiceConfig| {
            config.app_data(wishes.clone());
        };
        Self {
            stranger: Client::new(&serve(callers.clone(), behind)),
            callers,
        }
    }

    pub fn stranger(&self) -> Client {
        self.stranger.clone()
    }

    /// From now on `actor` is known.
    pub fn signed_in(&self, actor: &Actor) -> Client {
        let token = actor.account_id.to_string();
        self.callers
            .0
            .lock()
            .unwrap()
            .insert(token.clone(), actor.clone());
        self.stranger.with_token(&token)
    }
}
