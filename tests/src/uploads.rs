//! Uploads on a database and an object store of their own, with a clock that moves: as a service,
//! and over HTTP through the real routes. A caller's token is their account's id.

use std::{net::TcpListener, path::PathBuf, sync::Arc};

use actix_web::{App, HttpServer, middleware::from_fn, web};
use async_trait::async_trait;
use niangjia_api::http::{
    extract::Authenticate,
    observe::observe,
    problem::Problem,
    readiness::{Phase, Readiness},
    routes,
};
use niangjia_domain::{
    identity::accounts::account::{Account, AccountKind},
    kernel::{
        AccessError, Actor, Bearer, Clock, Foundation, Grant, Random,
        id::{AccountId, SessionId},
    },
    store::Store,
    uploads::{
        UploadService,
        objects::{ObjectStore, PhotoStudio},
    },
};
use niangjia_infra::{
    objects::{Darkroom, LocalObjects, LocalSettings},
    sql::SqlStore,
    system::SystemRandom,
};
use reqwest::multipart::{Form, Part};
use utoipa_actix_web::AppExt;
use zeroize::Zeroizing;

use crate::{
    client::Client,
    clock::WoundClock,
    database::{Kind, TestDatabase},
    throwaway::fresh_folder,
};

/// The embedded object store behind its own URLs.
pub struct LocalBench {
    pub clock: Arc<WoundClock>,
    pub objects: Arc<LocalObjects>,
    pub base: String,
    pub folder: PathBuf,
}

impl LocalBench {
    pub fn start() -> Self {
        let (listener, base) = free_listener();
        let (clock, folder) = (WoundClock::new(), fresh_folder("objects"));
        let objects = Arc::new(open(folder.clone(), base.clone(), clock.clone()));
        let data = web::Data::from(objects.clone());
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(randomness())
                .configure(routes::local_objects)
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
            clock,
            objects,
            base,
            folder,
        }
    }
}

impl Drop for LocalBench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// One installation that takes photos.
pub struct UploadBench {
    pub database: TestDatabase,
    pub store: SqlStore,
    pub local: LocalBench,
}

impl UploadBench {
    pub async fn new(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        Self {
            store: database.store().await,
            database,
            local: LocalBench::start(),
        }
    }

    /// Somebody who signed in with WeChat.
    pub async fn worker(&self) -> Actor {
        let actor = actor(AccountId::generate(self.local.clock.now(), &SystemRandom));
        let account = Account {
            id: actor.account_id,
            kind: AccountKind::Wechat,
            username: None,
            nickname: None,
            phone: None,
            person_id: None,
            created_at: self.local.clock.now(),
        };
        let mut tx = self.store.begin().await.expect("a transaction");
        tx.accounts()
            .insert(&account, Some(&account.id.to_string()))
            .await
            .expect("an account");
        tx.commit().await.expect("committed");
        actor
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
        let (listener, base) = free_listener();
        let readiness = web::Data::new(Readiness::default());
        readiness.enter(Phase::Ready);
        let service = web::Data::from(service);
        let server = HttpServer::new(move || {
            let (app, _) = App::new()
                .into_utoipa_app()
                .configure(routes::configure)
                .split_for_parts();
            app.app_data(readiness.clone())
                .app_data(randomness())
                .app_data(service.clone())
                .app_data(web::Data::new(Arc::new(Tokens) as Arc<dyn Authenticate>))
                .configure(routes::local_objects)
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
        Client::new(&base)
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

fn open(folder: PathBuf, public_url: String, clock: Arc<WoundClock>) -> LocalObjects {
    let settings = LocalSettings {
        folder,
        public_url,
        key: Zeroizing::new([5; 32]),
    };
    LocalObjects::open(settings, clock, Arc::new(SystemRandom)).expect("a folder")
}

fn randomness() -> web::Data<dyn Random> {
    web::Data::from(Arc::new(SystemRandom) as Arc<dyn Random>)
}

fn free_listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, base)
}

fn actor(account_id: AccountId) -> Actor {
    Actor {
        account_id,
        person_id: None,
        session_id: SessionId::from_uuid(account_id.uuid()),
        grants: vec![Grant::Worker, Grant::Donor],
        request_id: "test".to_owned(),
    }
}

struct Tokens;

#[async_trait]
impl Authenticate for Tokens {
    async fn authenticate(&self, token: &str, _: &str) -> Result<Actor, Problem> {
        token
            .parse()
            .map(actor)
            .map_err(|_| AccessError::Forbidden.into())
    }

    fn recognise(&self, _: &str, _: &str) -> Result<Bearer, Problem> {
        Err(AccessError::SignedOut.into())
    }
}
