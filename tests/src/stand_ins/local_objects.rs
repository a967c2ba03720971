//! The embedded object store behind its own URLs, with a clock that moves.

use std::{path::PathBuf, sync::Arc};

use actix_web::{App, HttpServer, middleware::from_fn, web};
use niangjia_api::http::{observe::observe, routes};
use niangjia_domain::kernel::Clock;
use niangjia_infra::{
    objects::{LocalObjects, LocalSettings},
    system::SystemRandom,
};
use zeroize::Zeroizing;

use crate::{
    clock::WoundClock,
    servers::{
        routes::{free_listener, randomness},
        throwaway::fresh_folder,
    },
};

/// A store, and the server that takes and shows its objects.
pub struct LocalObjectServer {
    pub clock: Arc<WoundClock>,
    pub objects: Arc<LocalObjects>,
    pub base: String,
    pub folder: PathBuf,
}

impl LocalObjectServer {
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
        let server = server.workers(1).disable_signals();
        tokio::spawn(server.listen(listener).expect("it listens").run());
        Self {
            clock,
            objects,
            base,
            folder,
        }
    }
}

impl Drop for LocalObjectServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A store of photos in a folder, with a key that only tests use.
pub fn open(folder: PathBuf, public_url: String, clock: Arc<dyn Clock>) -> LocalObjects {
    let settings = LocalSettings {
        folder,
        public_url,
        key: Zeroizing::new([5; 32]),
    };
    LocalObjects::open(settings, clock, Arc::new(SystemRandom)).expect("a folder")
}
