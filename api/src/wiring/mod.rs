//! Composition: which adapter stands behind which port, and which service gets what.

use std::sync::Arc;

use actix_web::web;
use niangjia_domain::{
    identity::IdentityService,
    kernel::{Clock, Random, cache::Cache},
    membership::MembershipService,
    stations::StationService,
    store::Store,
    uploads::{
        UploadService,
        objects::{ObjectStore, PhotoStudio},
    },
};
use niangjia_infra::objects::LocalObjects;

use crate::{
    extract::{Authenticate, TrustedProxies},
    readiness::Readiness,
};

/// Everything handlers can ask for. Cloning is cheap: one per worker.
#[derive(Clone)]
pub struct Services {
    pub store: Arc<dyn Store>,
    pub cache: Arc<dyn Cache>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub identity: Arc<IdentityService>,
    pub membership: Arc<MembershipService>,
    pub readiness: Arc<Readiness>,
    pub trusted_proxies: TrustedProxies,
    pub objects: Arc<dyn ObjectStore>,
    /// The same store where it is the embedded one, for its own URLs.
    pub local_objects: Option<Arc<LocalObjects>>,
    pub studio: Arc<dyn PhotoStudio>,
}

impl Services {
    /// Hands the services to a worker's application.
    pub fn register(&self, config: &mut web::ServiceConfig) {
        config
            .app_data(web::Data::from(self.readiness.clone()))
            .app_data(web::Data::from(self.random.clone()))
            .app_data(web::Data::from(self.store.clone()))
            .app_data(web::Data::from(self.identity.clone()))
            .app_data(web::Data::from(self.membership.clone()))
            .app_data(web::Data::new(self.identity.clone() as Arc<dyn Authenticate>))
            .app_data(web::Data::new(self.trusted_proxies.clone()))
            .app_data(web::Data::new(self.stations()))
            .app_data(web::Data::new(self.uploads()));
        if let Some(objects) = &self.local_objects {
            config.app_data(web::Data::from(objects.clone()));
        }
    }

    fn uploads(&self) -> UploadService {
        UploadService::new(
            self.store.clone(),
            self.objects.clone(),
            self.studio.clone(),
            self.clock.clone(),
            self.random.clone(),
        )
    }

    fn stations(&self) -> StationService {
        StationService {
            store: self.store.clone(),
            cache: self.cache.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
        }
    }
}
