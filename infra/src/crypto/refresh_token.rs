//! Refresh tokens, derived from what they say: `kid.base64url(session | generation |
//! HMAC-SHA-256)`. The same claims give the same token, so a repeated refresh can be answered again
//! although no token is stored anywhere.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use niangjia_domain::{
    identity::sessions::{ports::RefreshTokens, token::RefreshClaims},
    kernel::id::SessionId,
};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;

use super::{field_cipher::Key, token_keys::TokenKeys};

const SESSION: usize = 16;
const CLAIMS: usize = SESSION + 4;
const MAC: usize = 32;

pub struct DerivedRefreshTokens {
    keys: TokenKeys,
}

impl DerivedRefreshTokens {
    pub fn new(keys: &TokenKeys) -> Self {
        Self {
            keys: keys.for_purpose("refresh token"),
        }
    }
}

impl RefreshTokens for DerivedRefreshTokens {
    fn issue(&self, claims: &RefreshClaims) -> SecretString {
        let kid = self.keys.current();
        let mut body = [0u8; CLAIMS + MAC];
        body[..SESSION].copy_from_slice(claims.session_id.uuid().as_bytes());
        body[SESSION..CLAIMS].copy_from_slice(&claims.generation.to_be_bytes());
        if let Some(mac) = self
            .keys
            .get(kid)
            .and_then(|key| keyed(key, kid, &body[..CLAIMS]))
        {
            body[CLAIMS..].copy_from_slice(&mac.finalize().into_bytes());
        }
        SecretString::from(format!("{kid}.{}", URL_SAFE_NO_PAD.encode(body)))
    }

    fn verify(&self, token: &SecretString) -> Option<RefreshClaims> {
        let (kid, body) = token.expose_secret().split_once('.')?;
        let body: [u8; CLAIMS + MAC] = URL_SAFE_NO_PAD.decode(body).ok()?.try_into().ok()?;
        let (claims, mac) = body.split_at(CLAIMS);
        keyed(self.keys.get(kid)?, kid, claims)?
            .verify_slice(mac)
            .ok()?;
        let (session, generation) = claims.split_at(SESSION);
        Some(RefreshClaims {
            session_id: SessionId::from_uuid(Uuid::from_slice(session).ok()?),
            generation: u32::from_be_bytes(generation.try_into().ok()?),
        })
    }
}

fn keyed(key: &Key, kid: &str, claims: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&key[..]).ok()?;
    mac.update(kid.as_bytes());
    mac.update(&[0]);
    mac.update(claims);
    Some(mac)
}

impl fmt::Debug for DerivedRefreshTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DerivedRefreshTokens")
            .field("keys", &self.keys)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn tokens(keys: &[(&str, u8)], current: &str) -> DerivedRefreshTokens {
        let keys: BTreeMap<_, _> = keys
            .iter()
            .map(|(kid, byte)| ((*kid).to_owned(), Key::new([*byte; 32])))
            .collect();
        DerivedRefreshTokens::new(&TokenKeys::new(keys, current).unwrap())
    }

    fn claims(generation: u32) -> RefreshClaims {
        RefreshClaims {
            session_id: SessionId::from_uuid(Uuid::from_u128(7)),
            generation,
        }
    }

    #[test]
    fn the_same_claims_give_the_same_token_and_read_back() {
        let tokens = tokens(&[("a", 1)], "a");
        let token = tokens.issue(&claims(3));
        assert_eq!(
            token.expose_secret(),
            tokens.issue(&claims(3)).expose_secret()
        );
        assert_ne!(
            token.expose_secret(),
            tokens.issue(&claims(4)).expose_secret()
        );
        assert_eq!(tokens.verify(&token), Some(claims(3)));
    }

    #[test]
    fn a_replaced_key_still_reads_its_tokens_and_a_foreign_one_does_not() {
        let old = tokens(&[("a", 1)], "a").issue(&claims(0));
        assert_eq!(
            tokens(&[("a", 1), ("b", 2)], "b").verify(&old),
            Some(claims(0))
        );
        assert_eq!(
            tokens(&[("b", 2)], "b").verify(&old),
            None,
            "unknown key id"
        );
        assert_eq!(
            tokens(&[("a", 2)], "a").verify(&old),
            None,
            "other key of the same id"
        );
    }

    #[test]
    fn changed_tokens_are_refused() {
        let tokens = tokens(&[("a", 1), ("b", 1)], "a");
        let good = tokens.issue(&claims(3)).expose_secret().to_owned();
        let body = URL_SAFE_NO_PAD.decode(&good[2..]).unwrap();
        for position in 0..body.len() {
            let mut changed = body.clone();
            changed[position] ^= 1;
            let changed = SecretString::from(format!("a.{}", URL_SAFE_NO_PAD.encode(changed)));
            assert_eq!(tokens.verify(&changed), None, "byte {position}");
        }
        for text in [
            "",
            "a",
            "a.",
            "a.!!",
            &good[2..],
            &format!("{good}AAAA"),
            &good.replacen('a', "b", 1),
        ] {
            assert_eq!(
                tokens.verify(&SecretString::from(text.to_owned())),
                None,
                "{text:?}"
            );
        }
    }
}
