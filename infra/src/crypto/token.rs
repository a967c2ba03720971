//! Access tokens: JWT (RFC 9068 shape). The key table decides the algorithm by `kid`; what the
//! header says about it must agree, and decides nothing. Time is read from our clock, so `exp` and
//! `nbf` are checked here.

use std::{collections::BTreeMap, fmt, sync::Arc};

use chrono::{DateTime, Utc};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode,
};
use niangjia_domain::{
    identity::sessions::{
        ports::{AccessTokens, TokenFailed},
        token::{ACCESS_LIFETIME, AccessClaims, LEEWAY},
    },
    kernel::{
        Random,
        id::{AccountId, SessionId},
        ports::random,
    },
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::token_keys::{TokenKeys, UnknownTokenKey};

const ISSUER: &str = "niangjia";
const AUDIENCE: &str = "niangjia-api";
/// RFC 9068: no other JWT of ours can pass for an access token.
const HEADER_TYPE: &str = "at+jwt";
const TYPE: &str = "access";
const PURPOSE: &str = "access token";

/// Signs with HS256: every process that checks tokens also issues them, and checking costs 8 µs.
pub struct JwtAccessTokens {
    keys: BTreeMap<String, SigningKey>,
    current: String,
    random: Arc<dyn Random>,
}

struct SigningKey {
    algorithm: Algorithm,
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: AccountId,
    sid: SessionId,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    typ: String,
}

impl JwtAccessTokens {
    pub fn new(keys: &TokenKeys, random: Arc<dyn Random>) -> Self {
        let keys = keys.for_purpose(PURPOSE);
        let table = keys
            .iter()
            .map(|(kid, key)| (kid.clone(), SigningKey::hs256(&key[..])))
            .collect();
        Self {
            keys: table,
            current: keys.current().to_owned(),
            random,
        }
    }
}

impl SigningKey {
    fn hs256(secret: &[u8]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "exp", "nbf"]);
        validation.validate_exp = false;
        validation.validate_nbf = false;
        Self {
            algorithm: Algorithm::HS256,
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
        }
    }
}

impl AccessTokens for JwtAccessTokens {
    fn issue(
        &self,
        claims: &AccessClaims,
        now: DateTime<Utc>,
    ) -> Result<SecretString, TokenFailed> {
        let key = self
            .keys
            .get(&self.current)
            .ok_or_else(|| UnknownTokenKey(self.current.clone()));
        let key = key.map_err(|error| TokenFailed(error.to_string()))?;
        let header = Header {
            kid: Some(self.current.clone()),
            typ: Some(HEADER_TYPE.to_owned()),
            ..Header::new(key.algorithm)
        };
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: claims.account_id,
            sid: claims.session_id,
            iat: now.timestamp(),
            nbf: now.timestamp(),
            exp: (now + ACCESS_LIFETIME).timestamp(),
            jti: hex::encode(random::bytes::<16>(&*self.random)),
            typ: TYPE.to_owned(),
        };
        let token = encode(&header, &claims, &key.encoding)
            .map_err(|error| TokenFailed(error.to_string()))?;
        Ok(SecretString::from(token))
    }

    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<AccessClaims> {
        let header = decode_header(token).ok()?;
        let key = self.keys.get(&header.kid?)?;
        if header.typ.as_deref() != Some(HEADER_TYPE) {
            return None;
        }
        let claims = decode::<Claims>(token, &key.decoding, &key.validation)
            .ok()?
            .claims;
        let timely =
            claims.nbf <= (now + LEEWAY).timestamp() && (now - LEEWAY).timestamp() < claims.exp;
        let access = AccessClaims {
            account_id: claims.sub,
            session_id: claims.sid,
        };
        (timely && claims.typ == TYPE).then_some(access)
    }
}

impl fmt::Debug for JwtAccessTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtAccessTokens")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
