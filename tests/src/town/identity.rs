//! Identity on a database of its own, with a clock that moves: as services that behave like
//! processes, and over HTTP through the real routes. Nothing else is behind those routes.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use actix_web::web;
use chrono::TimeDelta;
use niangjia_domain::{
    identity::{IdentityService, PasswordSignIn, SignInLimits, SignedIn, Visitor},
    kernel::{
        Clock, Foundation,
        ports::cache::{Quota, SharedValues},
    },
    membership::affiliations::StoredAffiliations,
};
use niangjia_infra::{
    cache::{MemoryRateLimiter, MemoryValues},
    crypto::{
        Argon2Hasher, AuthenticatorApp, DerivedRefreshTokens, JwtAccessTokens, TokenKeys,
        field_cipher::Key,
    },
    sql::SqlStore,
    system::SystemRandom,
    wechat::DevWechat,
};
use secrecy::ExposeSecret;
use totp_rs::{Algorithm, Secret, TOTP};

pub use crate::servers::process::PASSWORD;
use crate::{
    client::Client,
    clock::WoundClock,
    servers::{
        database::{Kind, TestDatabase},
        routes::serve,
    },
};

/// One installation.
#[derive(Debug)]
pub struct IdentityTown {
    pub database: TestDatabase,
    pub clock: Arc<WoundClock>,
}

impl IdentityTown {
    pub async fn new(kind: Kind) -> Self {
        Self {
            database: TestDatabase::new(kind).await,
            clock: WoundClock::new(),
        }
    }

    /// A process of its own: it shares the database and nothing else, as if Redis were away.
    pub async fn process(&self) -> Arc<IdentityService> {
        self.process_on(
            self.database.store().await,
            Arc::new(MemoryValues::default()),
        )
    }

    pub fn process_on(
        &self,
        store: SqlStore,
        shared: Arc<dyn SharedValues>,
    ) -> Arc<IdentityService> {
        let random = Arc::new(SystemRandom);
        let keys = TokenKeys::new(
            BTreeMap::from([("test".to_owned(), Key::new([3; 32]))]),
            "test",
        )
        .expect("a key");
        Arc::new(IdentityService {
            foundation: Foundation {
                store: Arc::new(store),
                clock: self.clock.clone(),
                random: random.clone(),
            },
            wechat: Arc::new(DevWechat),
            access_tokens: Arc::new(JwtAccessTokens::new(&keys, random.clone())),
            refresh_tokens: Arc::new(DerivedRefreshTokens::new(&keys)),
            passwords: Arc::new(Argon2Hasher::new(random.clone())),
            one_time_passwords: Arc::new(AuthenticatorApp::new(random.clone())),
            shared,
            affiliations: Arc::new(StoredAffiliations),
            limiter: Arc::new(MemoryRateLimiter::default()),
            limits: generous(),
        })
    }

    /// Gives a back-office account its second factor and moves the clock past the code that proved
    /// it.
    pub async fn enrol_totp(&self, process: &IdentityService, username: &str) -> String {
        let signed_in = process
            .sign_in_with_password(&visitor(), attempt(username, PASSWORD, None))
            .await;
        let actor = process
            .authenticate(access(&signed_in.expect("signed in")), "test")
            .await
            .expect("an actor");
        let secret = process
            .enrol_totp(&actor)
            .await
            .expect("a secret")
            .secret
            .expose_secret()
            .to_owned();
        process
            .confirm_totp(&actor, &self.totp(&secret))
            .await
            .expect("confirmed");
        self.clock.advance(TimeDelta::seconds(30));
        secret
    }

    /// What an authenticator app shows now.
    pub fn totp(&self, secret: &str) -> String {
        let secret = Secret::Encoded(secret.to_owned())
            .to_bytes()
            .expect("base 32");
        let app = TOTP::new(Algorithm::SHA1, 6, 0, 30, secret).expect("an app");
        app.generate(u64::try_from(self.clock.now().timestamp()).expect("after 1970"))
    }

    /// The process behind the real routes on port 0, and a stranger talking to it.
    pub fn serve(&self, identity: Arc<IdentityService>) -> Client {
        let callers = identity.clone();
        let behind = web::Data::from(identity);
        Client::new(&serve(callers, move |config: &mut web::ServiceConfig| {
            config.app_data(behind.clone());
        }))
    }
}

/// Limits that only tests about them meet.
fn generous() -> SignInLimits {
    let quota = Quota {
        burst: 100_000,
        per_minute: 100_000,
    };
    SignInLimits {
        per_address: quota,
        per_account: quota,
    }
}

pub fn visitor() -> Visitor {
    Visitor {
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        request_id: "test".to_owned(),
    }
}

pub fn attempt(username: &str, password: &str, totp: Option<&str>) -> PasswordSignIn {
    PasswordSignIn {
        username: username.to_owned(),
        password: password.to_owned().into(),
        totp: totp.map(str::to_owned),
    }
}

/// The sign-in's access token in clear.
pub fn access(signed_in: &SignedIn) -> &str {
    signed_in.access_token.expose_secret()
}
