//! What lives on vouchers: handing them out, scanning them, watching over them, and settling what
//! was eaten. All of it shares one idea of what collusion looks like.

use std::sync::Arc;

use niangjia_domain::{
    kernel::{Foundation, GroupLimits},
    settlements::SettlementService,
    vouchers::{
        VoucherServices,
        allotment::AllotmentService,
        collusion::{CollusionPolicy, CollusionService},
        draw::DrawService,
        offline::{OfflinePolicy, OfflineService},
        recall::RecallService,
        reconciliation::ReconciliationService,
    },
};
use niangjia_infra::sheets::XlsxWriter;

use super::Adapters;
use crate::config::Config;

pub(super) struct Vouchers {
    pub(super) services: Arc<VoucherServices>,
    pub(super) recalls: Arc<RecallService>,
    pub(super) draws: Arc<DrawService>,
    pub(super) allotments: Arc<AllotmentService>,
    pub(super) offline: Arc<OfflineService>,
    pub(super) collusion: Arc<CollusionService>,
    pub(super) reconciliations: Arc<ReconciliationService>,
    pub(super) settlements: Arc<SettlementService>,
}

impl Vouchers {
    pub(super) fn assemble(config: &Config, foundation: &Foundation, adapters: &Adapters) -> Self {
        let collusion = CollusionService {
            foundation: foundation.clone(),
            policy: CollusionPolicy::default(),
        };
        Self {
            services: Arc::new(services(config, foundation, adapters)),
            recalls: Arc::new(RecallService {
                foundation: foundation.clone(),
            }),
            draws: Arc::new(DrawService {
                foundation: foundation.clone(),
            }),
            allotments: Arc::new(AllotmentService {
                foundation: foundation.clone(),
            }),
            offline: Arc::new(OfflineService {
                foundation: foundation.clone(),
                signer: adapters.pack_signer.clone(),
                policy: OfflinePolicy::default(),
            }),
            collusion: Arc::new(collusion.clone()),
            reconciliations: Arc::new(ReconciliationService {
                foundation: foundation.clone(),
            }),
            settlements: Arc::new(SettlementService {
                foundation: foundation.clone(),
                sheets: Arc::new(XlsxWriter),
                collusion,
            }),
        }
    }
}

/// Storms queue up to the configured length, then are told to come again.
fn services(config: &Config, foundation: &Foundation, adapters: &Adapters) -> VoucherServices {
    VoucherServices::new(
        foundation.clone(),
        adapters.limiter.clone(),
        adapters.background.clone(),
        GroupLimits {
            queue: config.limits.queue as usize,
            ..GroupLimits::default()
        },
    )
}
