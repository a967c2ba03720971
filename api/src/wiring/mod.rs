//! Composition: which adapter stands behind which port, and which service gets what.

use std::sync::Arc;

use actix_web::web;
use niangjia_domain::{
    identity::IdentityService,
    kernel::{Clock, Random, cache::Cache},
    stations::StationService,
    store::Store,
};

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
    pub readiness: Arc<Readiness>,
    pub trusted_proxies: TrustedProxies,
}

impl Services {
    /// Hands the services to a worker's application.
    pub fn register(&self, config: &mut web::ServiceConfig) {
        config
            .app_data(web::Data::from(self.readiness.clone()))
            .app_data(web::Data::from(self.random.clone()))
            .app_data(web::Data::from(self.store.clone()))
            .app_data(web::Data::from(self.identity.clone()))
            .app_data(web::Data::new(self.identity.clone() as Arc<dyn Authenticate>))
            .app_data(web::Data::new(self.trusted_proxies.clone()))
            .app_data(web::Data::new(self.stations()));
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
