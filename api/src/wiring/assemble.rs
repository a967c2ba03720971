//! Gives every service what it needs.

use std::sync::Arc;

use niangjia_domain::{
    audit::{AuditSealer, AuditService},
    checkups::{CheckInCodes, CheckupService},
    identity::{IdentityService, SignInLimits},
    kernel::{GroupLimits, ports::cache::Quota},
    membership::{MembershipService, cards::card::CardSigner},
    notices::NoticeService,
    outbox::Dispatcher,
    settlements::SettlementService,
    stations::StationService,
    store::Store,
    uploads::UploadService,
    vouchers::{
        VoucherService,
        allotment::GrantService,
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

use super::{Adapters, Services};
use crate::{
    config::Config,
    http::{extract::TrustedProxies, throttle::Throttle},
};

pub fn assemble(config: &Config, store: &SqlStore, adapters: Adapters) -> Services {
    let store: Arc<dyn Store> = Arc::new(store.clone());
    let (clock, random) = (adapters.clock.clone(), adapters.random.clone());
    let studio = Arc::new(Darkroom::new());
    let uploads = UploadService::new(
        store.clone(),
        adapters.objects.clone(),
        studio,
        clock.clone(),
        random.clone(),
    );
    let uploads = Arc::new(uploads);
    let collusion = CollusionService {
        store: store.clone(),
        clock: clock.clone(),
        random: random.clone(),
        policy: CollusionPolicy::default(),
    };
    Services {
        identity: Arc::new(identity(config, &store, &adapters)),
        membership: Arc::new(membership(config, &store, &adapters)),
        stations: Arc::new(StationService {
            store: store.clone(),
            cache: adapters.cache.clone(),
            clock: clock.clone(),
            random: random.clone(),
        }),
        wishes: Arc::new(wishes(&store, &adapters, &uploads)),
        uploads,
        vouchers: Arc::new(VoucherService::new(
            store.clone(),
            adapters.limiter.clone(),
            clock.clone(),
            random.clone(),
            adapters.background.clone(),
            GroupLimits {
                queue: config.limits.queue as usize,
                ..GroupLimits::default()
            },
        )),
        recalls: Arc::new(RecallService {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
        }),
        draws: Arc::new(DrawService {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
        }),
        grants: Arc::new(GrantService {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
        }),
        offline: Arc::new(OfflineService {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
            signer: adapters.pack_signer.clone(),
            policy: OfflinePolicy::default(),
        }),
        collusion: Arc::new(collusion.clone()),
        reconciliations: Arc::new(ReconciliationService {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
        }),
        settlements: Arc::new(SettlementService {
            store: store.clone(),
            sheets: Arc::new(XlsxWriter),
            clock: clock.clone(),
            random: random.clone(),
            collusion,
        }),
        checkups: Arc::new(CheckupService {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
            codes: CheckInCodes::new(config.keys.derived("check-in codes")),
        }),
        notices: Arc::new(NoticeService {
            store: store.clone(),
            clock: clock.clone(),
            random: random.clone(),
        }),
        audit: Arc::new(AuditService {
            store: store.clone(),
        }),
        dispatcher: Arc::new(Dispatcher {
            store: store.clone(),
            clock: clock.clone(),
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
        store,
        clock,
        random,
    }
}

fn identity(config: &Config, store: &Arc<dyn Store>, adapters: &Adapters) -> IdentityService {
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
        store: store.clone(),
        clock: adapters.clock.clone(),
        random: adapters.random.clone(),
        wechat: adapters.wechat.clone(),
        access_tokens: Arc::new(JwtAccessTokens::new(keys, adapters.random.clone())),
        refresh_tokens: Arc::new(DerivedRefreshTokens::new(keys)),
        passwords: Arc::new(Argon2Hasher::new(adapters.random.clone())),
        one_time_passwords: Arc::new(AuthenticatorApp::new(adapters.random.clone())),
        shared: adapters.shared.clone(),
        limiter: adapters.limiter.clone(),
        limits,
    }
}

fn membership(config: &Config, store: &Arc<dyn Store>, adapters: &Adapters) -> MembershipService {
    MembershipService {
        store: store.clone(),
        clock: adapters.clock.clone(),
        random: adapters.random.clone(),
        wechat: adapters.wechat.clone(),
        limiter: adapters.limiter.clone(),
        cards: Arc::new(CardSigner::new(*config.keys.derived("member cards"))),
    }
}

fn wishes(
    store: &Arc<dyn Store>,
    adapters: &Adapters,
    uploads: &Arc<UploadService>,
) -> WishService {
    WishService {
        store: store.clone(),
        clock: adapters.clock.clone(),
        random: adapters.random.clone(),
        cache: adapters.cache.clone(),
        texts: adapters.text_check.clone(),
        uploads: uploads.clone(),
    }
}
