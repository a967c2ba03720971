//! Uploads on a database and an object store of their own, with a clock that moves: as a service,
//! and over HTTP through the real routes. A caller's token is their account's id.

use std::sync::Arc;

use actix_web::web;
use async_trait::async_trait;
use niangjia_api::http::{extract::Authenticate, problem::Problem, routes};
use niangjia_domain::{
    kernel::{AccessError, Actor, Bearer, Clock, Foundation, Grant, id::AccountId},
    uploads::{
        UploadService,
        objects::{ObjectStore, PhotoStudio},
    },
};
use niangjia_infra::{objects::Darkroom, sql::SqlStore, system::SystemRandom};
use reqwest::multipart::{Form, Part};

use crate::{
    actors::actor,
    client::Client,
    rows::add_account,
    servers::{
        database::{Kind, TestDatabase},
        routes::serve,
    },
    stand_ins::local_objects::LocalObjectServer,
};

/// One installation that takes photos.
pub struct UploadTown {
    pub database: TestDatabase,
    pub store: SqlStore,
    pub local: LocalObjectServer,
}

impl UploadTown {
    pub async fn new(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        Self {
            store: database.store().await,
            database,
            local: LocalObjectServer::start(),
        }
    }

    /// Somebody who signed in with WeChat.
    pub async fn worker(&self) -> Actor {
        caller(add_account(&self.store, self.local.clock.now()).await)
    }

    pub fn service(&self) -> Arc<UploadService> {
        self.service_on(self.local.objects.clone(), Arc::new(Darkroom::new()))
    }

    pub fn service_on(
        &self,
        objects: Arc<dyn ObjectStore>,
        studio: Arc<dyn PhotoStudio>,
    ) -> Arc<UploadService> {
        let foundation = Foundation {
            store: Arc::new(self.store.clone()),
            clock: self.local.clock.clone(),
            random: Arc::new(SystemRandom),
        };
        Arc::new(UploadService::new(foundation, objects, studio))
    }

    /// The service behind the real routes, and a stranger talking to it. As far as this server
    /// knows there is no embedded store: photos are posted to the local bench.
    pub fn serve(&self, service: Arc<UploadService>) -> Client {
        let behind = web::Data::from(service);
        Client::new(&serve(
            Arc::new(Tokens),
            move |config: &mut web::ServiceConfig| {
                config.app_data(behind.clone());
                routes::local_objects(config);
            },
        ))
    }
}

/// Posts a form by hand: fields in order, the file, and what may come after it.
pub async fn post_form(
    url: &str,
    fields: &[(String, String)],
    file: Vec<u8>,
    after: &[(&str, &str)],
) -> reqwest::Response {
    let mut form = Form::new();
    for (name, value) in fields {
        form = form.text(name.clone(), value.clone());
    }
    form = form.part(
        "file",
        Part::bytes(file)
            .file_name("photo.jpg")
            .mime_str("image/jpeg")
            .expect("a type"),
    );
    for (name, value) in after {
        form = form.text((*name).to_owned(), (*value).to_owned());
    }
    reqwest::Client::new()
        .post(url)
        .multipart(form)
        .send()
        .await
        .expect("an answer")
}

fn caller(account: AccountId) -> Actor {
    actor(account, vec![Grant::Worker, Grant::Donor])
}

struct Tokens;

#[async_trait]
impl Authenticate for Tokens {
    async fn authenticate(&self, token: &str, _: &str) -> Result<Actor, Problem> {
        token
            .parse()
            .map(caller)
            .map_err(|_| AccessError::Forbidden.into())
    }

    fn recognise(&self, _: &str, _: &str) -> Result<Bearer, Problem> {
        Err(AccessError::SignedOut.into())
    }
}
