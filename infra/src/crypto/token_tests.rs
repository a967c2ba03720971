use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{super::field_cipher::Key, *};
use crate::system::SystemRandom;

fn keys(keys: &[(&str, u8)], current: &str) -> TokenKeys {
    let keys = keys
        .iter()
        .map(|(kid, byte)| ((*kid).to_owned(), Key::new([*byte; 32])))
        .collect();
    TokenKeys::new(keys, current).unwrap()
}

fn tokens(table: &[(&str, u8)], current: &str) -> JwtAccessTokens {
    JwtAccessTokens::new(&keys(table, current), Arc::new(SystemRandom))
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims {
        account_id: AccountId::from_uuid(Uuid::from_u128(1)),
        session_id: SessionId::from_uuid(Uuid::from_u128(2)),
    }
}

fn good_claims() -> Value {
    json!({
        "iss": "niangjia", "aud": "niangjia-api", "sub": claims().account_id, "sid": claims().session_id,
        "iat": now().timestamp(), "nbf": now().timestamp(), "exp": now().timestamp() + 900, "jti": "1", "typ": "access",
    })
}

fn header(algorithm: Algorithm) -> Header {
    Header {
        kid: Some("a".to_owned()),
        typ: Some("at+jwt".to_owned()),
        ..Header::new(algorithm)
    }
}

/// A token like ours, signed with the key of some purpose.
fn signed_for(purpose: &str, header: &Header, claims: &Value, byte: u8) -> String {
    let keys = keys(&[("a", byte)], "a").for_purpose(purpose);
    encode(
        header,
        claims,
        &EncodingKey::from_secret(&keys.get("a").unwrap()[..]),
    )
    .unwrap()
}

fn forged(header: &Header, claims: &Value, byte: u8) -> String {
    signed_for(PURPOSE, header, claims, byte)
}

fn verified(token: &str) -> Option<AccessClaims> {
    tokens(&[("a", 1)], "a").verify(token, now())
}

#[test]
fn a_token_reads_back_within_its_time() {
    let tokens = tokens(&[("a", 1)], "a");
    let token = tokens.issue(&claims(), now()).unwrap();
    let at = |seconds| tokens.verify(token.expose_secret(), now() + TimeDelta::seconds(seconds));
    assert_eq!(at(0), Some(claims()));
    assert_eq!(at(899), Some(claims()));
    assert_eq!(at(904), Some(claims()), "within the leeway");
    assert_eq!(at(905), None, "expired");
    assert_eq!(
        at(-5),
        Some(claims()),
        "another process's clock is a little ahead"
    );
    assert_eq!(at(-6), None, "not yet good");
}

#[test]
fn the_control_passes() {
    assert_eq!(
        verified(&forged(&header(Algorithm::HS256), &good_claims(), 1)),
        Some(claims())
    );
}

#[test]
fn the_table_decides_the_algorithm() {
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        assert_eq!(
            verified(&forged(&header(algorithm), &good_claims(), 1)),
            None,
            "{algorithm:?}"
        );
    }
    for alg in ["none", "None", "NONE", "RS256", "ES256", "EdDSA"] {
        let head = json!({ "alg": alg, "kid": "a", "typ": "at+jwt" });
        let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        for signature in ["", "AAAA"] {
            let token = format!("{}.{}.{signature}", encoded(&head), encoded(&good_claims()));
            assert_eq!(verified(&token), None, "{alg}");
        }
    }
}

#[test]
fn keys_are_found_by_their_id_only() {
    let missing = Header {
        kid: None,
        ..header(Algorithm::HS256)
    };
    let foreign = Header {
        kid: Some("b".to_owned()),
        ..header(Algorithm::HS256)
    };
    let path = Header {
        kid: Some("../a".to_owned()),
        ..header(Algorithm::HS256)
    };
    for head in [missing, foreign, path] {
        assert_eq!(
            verified(&forged(&head, &good_claims(), 1)),
            None,
            "{:?}",
            head.kid
        );
    }
    assert_eq!(
        verified(&forged(&header(Algorithm::HS256), &good_claims(), 2)),
        None,
        "other key, same id"
    );
}

#[test]
fn a_replaced_key_still_reads_its_tokens() {
    let token = tokens(&[("a", 1)], "a").issue(&claims(), now()).unwrap();
    assert_eq!(
        tokens(&[("a", 1), ("b", 2)], "b").verify(token.expose_secret(), now()),
        Some(claims())
    );
}

#[test]
fn every_claim_is_required_and_checked() {
    let wrong = [
        ("iss", json!("somebody")),
        ("aud", json!("niangjia-web")),
        ("aud", json!(["niangjia-web"])),
        ("typ", json!("refresh")),
        ("sub", json!("sess_00000000000000000000000001")),
        ("sid", json!("nonsense")),
        ("exp", json!(now().timestamp() - 10)),
        ("exp", json!("tomorrow")),
        ("nbf", json!(now().timestamp() + 10)),
    ];
    for (claim, value) in wrong {
        let mut changed = good_claims();
        changed[claim] = value.clone();
        assert_eq!(
            verified(&forged(&header(Algorithm::HS256), &changed, 1)),
            None,
            "{claim} = {value}"
        );
    }
    for claim in ["iss", "aud", "sub", "sid", "exp", "nbf", "typ"] {
        let mut changed = good_claims();
        changed.as_object_mut().unwrap().remove(claim);
        assert_eq!(
            verified(&forged(&header(Algorithm::HS256), &changed, 1)),
            None,
            "without {claim}"
        );
    }
}

#[test]
fn other_kinds_of_jwt_and_rubbish_are_refused() {
    let plain = Header {
        typ: Some("JWT".to_owned()),
        ..header(Algorithm::HS256)
    };
    assert_eq!(verified(&forged(&plain, &good_claims(), 1)), None);
    let for_refresh = signed_for(
        "refresh token",
        &header(Algorithm::HS256),
        &good_claims(),
        1,
    );
    assert_eq!(verified(&for_refresh), None, "another purpose's key");
    for text in ["", ".", "..", "a.b.c", "a.AAAAAAAAAAAA"] {
        assert_eq!(verified(text), None, "{text:?}");
    }
}
