//! Engines that serve every context and know none of them.

use std::sync::Arc;

use niangjia_domain::{
    audit::{AuditSealer, AuditService},
    kernel::Foundation,
    notices::NoticeService,
    outbox::{DeadLetterService, Dispatcher},
};

use super::channels;

pub(super) struct Engines {
    pub(super) notices: Arc<NoticeService>,
    pub(super) audit: Arc<AuditService>,
    pub(super) sealer: Arc<AuditSealer>,
    pub(super) dispatcher: Arc<Dispatcher>,
    pub(super) dead_letters: Arc<DeadLetterService>,
}

impl Engines {
    pub(super) fn assemble(foundation: &Foundation) -> Self {
        let store = &foundation.store;
        Self {
            notices: Arc::new(NoticeService {
                foundation: foundation.clone(),
            }),
            audit: Arc::new(AuditService {
                store: store.clone(),
            }),
            sealer: Arc::new(AuditSealer {
                store: store.clone(),
            }),
            dispatcher: Arc::new(Dispatcher {
                store: store.clone(),
                clock: foundation.clock.clone(),
                channels: channels(),
            }),
            dead_letters: Arc::new(DeadLetterService {
                foundation: foundation.clone(),
            }),
        }
    }
}
