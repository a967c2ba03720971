//! The use cases of one process.

use std::sync::Arc;

use niangjia_domain::{
    checkups::{CheckInCodes, CheckupService},
    kernel::{Foundation, GroupLimits},
    settlements::SettlementService,
    uploads::UploadService,
    vouchers::{
        VoucherServices,
        allotment::AllotmentService,
        collusion::{CollusionPolicy, CollusionService},
        draw::DrawService,
        offline::{OfflinePolicy, OfflineService},
        recall::RecallService,
    },
    wishes::WishService,
};
use niangjia_infra::{
    background::TokioBackground,
    cache::{MemoryCache, MemoryRateLimiter},
    crypto::Ed25519PackSigner,
    objects::Darkroom,
    sheets::XlsxWriter,
};
use zeroize::Zeroizing;

use crate::{
    servers::throwaway::fresh_folder,
    stand_ins::{local_objects, text_check::TextCheckStandIn},
};

/// The use cases of one process: they share a store and, with other processes, the clock.
#[derive(Clone)]
pub struct Services {
    pub wishes: WishService,
    pub vouchers: VoucherServices,
    pub recalls: RecallService,
    pub draws: DrawService,
    pub allotments: AllotmentService,
    /// At most four devices at a station.
    pub offline: OfflineService,
    pub settlements: SettlementService,
    pub checkups: CheckupService,
}

impl Services {
    pub(super) fn on(foundation: Foundation, text_check: Arc<TextCheckStandIn>) -> Self {
        Self {
            wishes: wishes(&foundation, text_check),
            vouchers: VoucherServices::new(
                foundation.clone(),
                Arc::new(MemoryRateLimiter::default()),
                Arc::new(TokioBackground::here()),
                GroupLimits::default(),
            ),
            recalls: RecallService {
                foundation: foundation.clone(),
            },
            draws: DrawService {
                foundation: foundation.clone(),
            },
            allotments: AllotmentService {
                foundation: foundation.clone(),
            },
            offline: offline(&foundation),
            settlements: settlements(&foundation, CollusionPolicy::default()),
            checkups: CheckupService {
                foundation,
                codes: CheckInCodes::new(Zeroizing::new([3; 32])),
            },
        }
    }
}

fn wishes(foundation: &Foundation, text_check: Arc<TextCheckStandIn>) -> WishService {
    let objects = local_objects::open(
        fresh_folder("objects"),
        "http://127.0.0.1".to_owned(),
        foundation.clock.clone(),
    );
    WishService {
        foundation: foundation.clone(),
        cache: Arc::new(MemoryCache::new(1 << 20, foundation.random.clone())),
        texts: text_check,
        uploads: Arc::new(UploadService::new(
            foundation.clone(),
            Arc::new(objects),
            Arc::new(Darkroom::new()),
        )),
    }
}

fn offline(foundation: &Foundation) -> OfflineService {
    OfflineService {
        foundation: foundation.clone(),
        signer: Arc::new(Ed25519PackSigner::new(&Zeroizing::new([9; 32])).unwrap()),
        policy: OfflinePolicy {
            devices_per_station: 4,
            ..OfflinePolicy::default()
        },
    }
}

/// Settlements with a policy of collusion of the caller's choice.
pub(super) fn settlements(foundation: &Foundation, policy: CollusionPolicy) -> SettlementService {
    SettlementService {
        foundation: foundation.clone(),
        sheets: Arc::new(XlsxWriter),
        collusion: CollusionService {
            foundation: foundation.clone(),
            policy,
        },
    }
}
