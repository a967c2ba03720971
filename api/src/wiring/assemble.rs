//! Gives every service what it needs: the one place where all of them are made.

use std::sync::Arc;

use niangjia_domain::{
    checkups::{CheckInCodes, CheckupService},
    identity::{IdentityService, SignInLimits},
    imports::ImportService,
    kernel::{Foundation, ports::cache::Quota},
    membership::{
        MembershipService, RosterTarget, affiliations::StoredAffiliations, cards::card::CardSigner,
    },
    stations::StationService,
    tasks::TaskService,
    uploads::UploadService,
    wishes::WishService,
};
use niangjia_infra::{
    crypto::{Argon2Hasher, AuthenticatorApp, DerivedRefreshTokens, JwtAccessTokens},
    objects::Darkroom,
    sheets::{TableFiles, Templates},
    sql::SqlStore,
};

use super::{Adapters, Services, engines::Engines, vouchers::Vouchers};
use crate::{
    config::Config,
    http::{extract::TrustedProxies, throttle::Throttle},
    tasks::doors,
};

pub fn assemble(config: &Config, store: &SqlStore, adapters: Adapters) -> Services {
    let foundation = Foundation {
        store: Arc::new(store.clone()),
        clock: adapters.clock.clone(),
        random: adapters.random.clone(),
    };
    let studio = Arc::new(Darkroom::new());
    let uploads = UploadService::new(foundation.clone(), adapters.objects.clone(), studio);
    let uploads = Arc::new(uploads);
    let engines = Engines::assemble(&foundation);
    let vouchers = Vouchers::assemble(config, &foundation, &adapters);
    let membership = Arc::new(membership(config, &foundation, &adapters));
    let wishes = Arc::new(wishes(&foundation, &adapters, &uploads));
    Services {
        tasks: Arc::new(TaskService {
            foundation: foundation.clone(),
            deciders: doors(&membership, &wishes, &vouchers.offline, &vouchers.collusion),
        }),
        identity: Arc::new(identity(config, &foundation, &adapters)),
        membership,
        imports: Arc::new(imports(&foundation)),
        stations: Arc::new(StationService {
            foundation: foundation.clone(),
            cache: adapters.cache.clone(),
        }),
        wishes,
        uploads,
        vouchers: vouchers.services,
        recalls: vouchers.recalls,
        draws: vouchers.draws,
        allotments: vouchers.allotments,
        offline: vouchers.offline,
        collusion: vouchers.collusion,
        reconciliations: vouchers.reconciliations,
        settlements: vouchers.settlements,
        checkups: Arc::new(CheckupService {
            foundation: foundation.clone(),
            codes: CheckInCodes::new(config.keys.derived("check-in codes")),
        }),
        notices: engines.notices,
        audit: engines.audit,
        dispatcher: engines.dispatcher,
        dead_letters: engines.dead_letters,
        sealer: engines.sealer,
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

/// One target a kind.
fn imports(foundation: &Foundation) -> ImportService {
    let roster = RosterTarget {
        random: foundation.random.clone(),
    };
    ImportService::new(
        foundation.clone(),
        Arc::new(TableFiles::default()),
        Arc::new(Templates),
        vec![Arc::new(roster)],
    )
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
