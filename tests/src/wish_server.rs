//! The wishes API over HTTP through the real routes. A caller's token is their account's id, once
//! they are introduced.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::{App, HttpServer, middleware::from_fn, web};
use async_trait::async_trait;
use niangjia_api::http::{
    extract::Authenticate,
    observe::observe,
    problem::Problem,
    readiness::{Phase, Readiness},
    routes,
};
use niangjia_domain::kernel::{Actor, Bearer, Random};
use niangjia_infra::system::SystemRandom;
use utoipa_actix_web::AppExt;

use crate::{client::Client, wish_scene::Scene};

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
    pub fn start(scene: &Scene) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let readiness = web::Data::new(Readiness::default());
        readiness.enter(Phase::Ready);
        let wishes = web::Data::new(scene.wishes.clone());
        let callers = Arc::new(Callers::default());
        let authority = callers.clone();
        let server = HttpServer::new(move || {
            let (app, _) = App::new()
                .into_utoipa_app()
                .configure(routes::configure)
                .split_for_parts();
            app.app_data(readiness.clone())
                .app_data(web::Data::from(Arc::new(SystemRandom) as Arc<dyn Random>))
                .app_data(wishes.clone())
                .app_data(web::Data::new(authority.clone() as Arc<dyn Authenticate>))
                .wrap(from_fn(observe))
        });
        tokio::spawn(
            server
                .workers(1)
                .disable_signals()
                .listen(listener)
                .expect("it listens")
                .run(),
        );
        Self {
            stranger: Client::new(&base),
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
