//! Keys of one run: the servers get them as settings, so that people who were filled in by SQL have
//! sealed names that open and access tokens that hold.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::{ports::AccessTokens, sessions::token::AccessClaims},
    kernel::ports::random,
};
use niangjia_infra::{
    crypto::{
        FieldCipher, JwtAccessTokens, TokenKeys,
        field_cipher::{Key, KeyRing},
    },
    system::SystemRandom,
};
use secrecy::ExposeSecret;

pub(in crate::bench) struct Keys {
    master: Key,
    index: Key,
    tokens: Key,
    codes: Key,
}

impl Keys {
    pub(in crate::bench) fn generate() -> Self {
        let key = || Key::new(random::bytes(&SystemRandom));
        Self {
            master: key(),
            index: key(),
            tokens: key(),
            codes: key(),
        }
    }

    pub(in crate::bench) fn settings(&self) -> Vec<(&'static str, String)> {
        let text = |key: &Key| STANDARD.encode(&key[..]);
        vec![
            ("NIANGJIA_KEYS_MASTERS", format!("1:{}", text(&self.master))),
            ("NIANGJIA_KEYS_INDEX", text(&self.index)),
            (
                "NIANGJIA_KEYS_TOKENS",
                format!("bench:{}", text(&self.tokens)),
            ),
            ("NIANGJIA_KEYS_TOKEN_CURRENT", "bench".to_owned()),
            ("NIANGJIA_KEYS_CURRENT", "1".to_owned()),
            ("NIANGJIA_KEYS_CODES", text(&self.codes)),
        ]
    }

    pub(in crate::bench) fn cipher(&self) -> FieldCipher {
        let masters = BTreeMap::from([(1, self.master.clone())]);
        let ring = KeyRing {
            masters,
            current: 1,
            index: self.index.clone(),
        };
        FieldCipher::new(ring, Arc::new(SystemRandom)).expect("the current key is there")
    }

    /// Good for a quarter of an hour from `now`.
    pub(in crate::bench) fn token(&self, claims: &AccessClaims, now: DateTime<Utc>) -> String {
        let keys = TokenKeys::new(
            BTreeMap::from([("bench".to_owned(), self.tokens.clone())]),
            "bench",
        );
        let tokens = JwtAccessTokens::new(
            &keys.expect("the current key is there"),
            Arc::new(SystemRandom),
        );
        tokens
            .issue(claims, now)
            .expect("it signs")
            .expose_secret()
            .to_owned()
    }
}
