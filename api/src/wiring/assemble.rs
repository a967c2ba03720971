//! Gives every service what it needs.

use std::sync::Arc;

use niangjia_domain::{
    audit::{AuditSealer, AuditService},
    checkups::{CheckInCodes, CheckupService},
    identity::{IdentityService, SignInLimits},
    kernel::{Foundation, GroupLimits, ports::cache::Quota},
    membership::{MembershipService, affiliations::StoredAffiliations, cards::card::CardSigner},
    notices::NoticeService,
    outbox::{DeadLetterService, Dispatcher},
    settlements::SettlementService,
    stations::StationService,
    store::Store,
    uploads::UploadService,
    vouchers::{
        VoucherServices,
        allotment::AllotmentService,
        collusion::{CollusionPolicy, CollusionService},
        draw::DrawService,
        offline::{OfflinePolicy, OfflineService},
        recall::RecallService,
        reconciliation::ReconciliationService,
    },
    wishes::WishService,
};
use niangjia_infra::{
    crypto::{Argon2Hasher, AuthenticatorApp, DerivedRefreshTokens, JwtAccessTokens},
    objects::Darkroom,
    sheets::XlsxWriter,
    sql::SqlStore,
};

use super::{Adapters, Services, channels};
use crate::{
    config::Config,
    http::{extract::TrustedProxies, throttle::Throttle},
};

pub fn assemble(config: &Config, store: &SqlStore, adapters: Adapters) -> Services {
    let store: Arc<dyn Store> = Arc::new(store.clone());
    let foundation = Foundation {
        store: store.clone(),
        clock: adapters.clock.clone(),
        random: adapters.random.clone(),
    };
    let studio = Arc::new(Darkroom::new());
    let uploads = UploadService::new(foundation.clone(), adapters.objects.clone(), studio);
    let uploads = Arc::new(uploads);
    let collusion = CollusionService {
        foundation: foundation.clone(),
        policy: CollusionPolicy::default(),
    };
    Services {
        identity: Arc::new(identity(config, &foundation, &adapters)),
        membership: Arc::new(membership(config, &foundation, &adapters)),
        stations: Arc::new(StationService {
            foundation: foundation.clone(),
            cache: adapters.cache.clone(),
        }),
        wishes: Arc::new(wishes(&foundation, &adapters, &uploads)),
        uploads,
        vouchers: Arc::new(VoucherServices::new(
            foundation.clone(),
            adapters.limiter.clone(),
            adapters.background.clone(),
            GroupLimits {
                queue: config.limits.queue as usize,
                ..GroupLimits::default()
            },
        )),
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
        checkups: Arc::new(CheckupService {
            foundation: foundation.clone(),
            codes: CheckInCodes::new(config.keys.derived("check-in codes")),
        }),
        notices: Arc::new(NoticeService {
            foundation: foundation.clone(),
        }),
        audit: Arc::new(AuditService {
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
        sealer: Arc::new(AuditSealer {
            store: store.clone(),
        }),
        local_objects: adapters.local_objects,
        limiter: adapters.limiter,
        background: adapters.background,
        readiness: Arc::default(),
        backlogs: Arc::default(),
        trusted_proxies: TrustedProxies(config.http.trusted_proxies.clone()),
        throttle: Arc::new(Throttle::new(&config.limits)),
        foundation,
    }
}

fn identity(config: &Config, foundation: &Foundation, adapters: &Adapters) -> IdentityService {
    let keys = config.keys.token_keys();
    let per_address = config.limits.sign_ins_per_ip_per_minute;
    let limits = SignInLimits {
        per_address: Quota {
            burst: per_address,
            per_minute: per_address,
        },
        ..SignInLimits::default()
    };
    IdentityService {
        foundation: foundation.clone(),
        wechat: adapters.wechat.clone(),
        access_tokens: Arc::new(JwtAccessTokens::new(keys, adapters.random.clone())),
        refresh_tokens: Arc::new(DerivedRefreshTokens::new(keys)),
        passwords: Arc::new(Argon2Hasher::new(adapters.random.clone())),
        one_time_passwords: Arc::new(AuthenticatorApp::new(adapters.random.clone())),
        shared: adapters.shared.clone(),
        affiliations: Arc::new(StoredAffiliations),
        limiter: adapters.limiter.clone(),
        limits,
    }
}

fn membership(config: &Config, foundation: &Foundation, adapters: &Adapters) -> MembershipService {
    MembershipService {
        foundation: foundation.clone(),
        wechat: adapters.wechat.clone(),
        limiter: adapters.limiter.clone(),
        cards: Arc::new(CardSigner::new(*config.keys.derived("member cards"))),
    }
}

fn wishes(
    foundation: &Foundation,
    adapters: &Adapters,
    uploads: &Arc<UploadService>,
) -> WishService {
    WishService {
        foundation: foundation.clone(),
        cache: adapters.cache.clone(),
        texts: adapters.text_check.clone(),
        uploads: uploads.clone(),
    }
}
