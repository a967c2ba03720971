//! Everything handlers, jobs and commands can ask for.

use std::sync::Arc;

use actix_web::web::{Data, ServiceConfig};
use niangjia_domain::{
    audit::{AuditSealer, AuditService},
    checkups::CheckupService,
    identity::IdentityService,
    imports::ImportService,
    kernel::{Foundation, ports::cache::RateLimiter},
    membership::MembershipService,
    notices::NoticeService,
    outbox::{DeadLetterService, Dispatcher},
    settlements::SettlementService,
    stations::StationService,
    tasks::TaskService,
    uploads::UploadService,
    vouchers::{
        VoucherServices, allotment::AllotmentService, collusion::CollusionService,
        draw::DrawService, offline::OfflineService, recall::RecallService,
        reconciliation::ReconciliationService,
    },
    wishes::WishService,
};
use niangjia_infra::{background::TokioBackground, objects::LocalObjects};

use crate::{
    http::{
        extract::{Authenticate, TrustedProxies},
        readiness::Readiness,
        throttle::Throttle,
    },
    jobs::backlogs::Backlogs,
};

/// Cloning is cheap: one per worker.
#[derive(Clone)]
pub struct Services {
    pub foundation: Foundation,
    pub limiter: Arc<dyn RateLimiter>,
    pub background: Arc<TokioBackground>,
    pub identity: Arc<IdentityService>,
    pub tasks: Arc<TaskService>,
    pub imports: Arc<ImportService>,
    pub membership: Arc<MembershipService>,
    pub stations: Arc<StationService>,
    pub uploads: Arc<UploadService>,
    pub wishes: Arc<WishService>,
    pub vouchers: Arc<VoucherServices>,
    pub recalls: Arc<RecallService>,
    pub draws: Arc<DrawService>,
    pub allotments: Arc<AllotmentService>,
    pub offline: Arc<OfflineService>,
    pub collusion: Arc<CollusionService>,
    pub reconciliations: Arc<ReconciliationService>,
    pub settlements: Arc<SettlementService>,
    pub checkups: Arc<CheckupService>,
    pub notices: Arc<NoticeService>,
    pub audit: Arc<AuditService>,
    pub dispatcher: Arc<Dispatcher>,
    pub dead_letters: Arc<DeadLetterService>,
    pub sealer: Arc<AuditSealer>,
    /// Where this process itself serves the photos.
    pub local_objects: Option<Arc<LocalObjects>>,
    pub readiness: Arc<Readiness>,
    pub backlogs: Arc<Backlogs>,
    pub trusted_proxies: TrustedProxies,
    pub throttle: Arc<Throttle>,
}

impl Services {
    /// Hands the services to a worker's application.
    pub fn register(&self, config: &mut ServiceConfig) {
        config
            .app_data(Data::from(self.readiness.clone()))
            .app_data(Data::from(self.backlogs.clone()))
            .app_data(Data::from(self.foundation.store.clone()))
            .app_data(Data::from(self.foundation.random.clone()))
            .app_data(Data::from(self.identity.clone()))
            .app_data(Data::new(self.identity.clone() as Arc<dyn Authenticate>))
            .app_data(Data::from(self.tasks.clone()))
            .app_data(Data::from(self.membership.clone()))
            .app_data(Data::from(self.stations.clone()))
            .app_data(Data::from(self.uploads.clone()))
            .app_data(Data::from(self.wishes.clone()))
            .app_data(Data::new(self.vouchers.batches.clone()))
            .app_data(Data::new(self.vouchers.claims.clone()))
            .app_data(Data::new(self.vouchers.codes.clone()))
            .app_data(Data::new(self.vouchers.scans.clone()))
            .app_data(Data::new(self.vouchers.wallet.clone()))
            .app_data(Data::from(self.recalls.clone()))
            .app_data(Data::from(self.draws.clone()))
            .app_data(Data::from(self.allotments.clone()))
            .app_data(Data::from(self.offline.clone()))
            .app_data(Data::from(self.collusion.clone()))
            .app_data(Data::from(self.reconciliations.clone()))
            .app_data(Data::from(self.settlements.clone()))
            .app_data(Data::from(self.checkups.clone()))
            .app_data(Data::from(self.notices.clone()))
            .app_data(Data::from(self.audit.clone()))
            .app_data(Data::from(self.dead_letters.clone()))
            .app_data(Data::from(self.imports.clone()))
            .app_data(Data::new(self.trusted_proxies.clone()))
            .app_data(Data::from(self.throttle.clone()));
        if let Some(objects) = &self.local_objects {
            config.app_data(Data::from(objects.clone()));
        }
    }
}
