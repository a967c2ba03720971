//! The stand-in's verifier against what the official Python SDK signed.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_tests::stand_ins::oss::{
    Account, OssFault, WireRequest, decode_query, verify, verify_form,
};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../vectors/oss_vectors.json")).unwrap()
}

fn signing_time() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn account() -> Account {
    Account {
        access_key_id: "testkey".into(),
        access_key_secret: "testsecret".into(),
        security_token: Some("dummy-sts-token+/==".into()),
        region: "cn-hangzhou".into(),
    }
}

fn texts(value: &Value) -> BTreeMap<String, String> {
    let members = value.as_object().into_iter().flatten();
    members
        .map(|(name, value)| {
            (
                name.to_ascii_lowercase(),
                value.as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

fn request(vector: &Value) -> WireRequest {
    let text = |name: &str| vector[name].as_str().unwrap().to_owned();
    let presigned = vector["url"]
        .as_str()
        .unwrap()
        .split_once('?')
        .map(|(_, query)| decode_query(query));
    let query = presigned.unwrap_or_else(|| texts(&vector["query"]).into_iter().collect());
    let headers = if vector["headers"].is_object() {
        &vector["headers"]
    } else {
        &vector["signed_request_headers"]
    };
    WireRequest {
        method: text("method"),
        bucket: text("bucket"),
        key: text("key"),
        query,
        headers: texts(headers),
    }
}

fn judge(request: &WireRequest) -> Result<(), OssFault> {
    verify(request, &account(), signing_time())
}

#[test]
fn all_signed_requests_are_accepted_and_none_that_was_changed() {
    let vectors = vectors();
    let vectors = vectors["vectors"].as_array().unwrap();
    assert_eq!(vectors.len(), 23);
    for vector in vectors {
        let name = vector["name"].as_str().unwrap();
        let right = request(vector);
        assert_eq!(judge(&right), Ok(()), "{name}");

        let mut other_key = right.clone();
        other_key.key.push('x');
        assert_eq!(
            judge(&other_key).unwrap_err().code,
            "SignatureDoesNotMatch",
            "{name}"
        );
        let other_method = WireRequest {
            method: "DELETE".into(),
            ..right.clone()
        };
        assert_eq!(
            judge(&other_method).unwrap_err().code,
            "SignatureDoesNotMatch",
            "{name}"
        );
        let mut other_header = right.clone();
        other_header
            .headers
            .insert("x-oss-object-acl".into(), "public-read".into());
        assert_eq!(
            judge(&other_header).unwrap_err().code,
            "SignatureDoesNotMatch",
            "{name}"
        );
        let stranger = Account {
            access_key_secret: "other".into(),
            ..account()
        };
        assert!(verify(&right, &stranger, signing_time()).is_err(), "{name}");
        assert!(
            verify(&right, &account(), signing_time() + TimeDelta::hours(1)).is_err(),
            "{name} late"
        );
    }
}

#[test]
fn refusals_have_oss_codes() {
    let vectors = vectors();
    let named = |name: &str| {
        request(
            vectors["vectors"]
                .as_array()
                .unwrap()
                .iter()
                .find(|vector| vector["name"] == name)
                .unwrap(),
        )
    };
    let code = |request: &WireRequest, minutes: i64| {
        verify(
            request,
            &account(),
            signing_time() + TimeDelta::minutes(minutes),
        )
        .map_err(|fault| fault.code)
    };
    for header in ["v1_put_basic", "v4_put_basic"] {
        assert_eq!(code(&named(header), 15), Ok(()));
        assert_eq!(code(&named(header), 16), Err("RequestTimeTooSkewed"));
    }
    for url in ["v1_url_get", "v4_url_get"] {
        assert_eq!(code(&named(url), 10), Ok(()));
        assert_eq!(code(&named(url), 11), Err("AccessDenied"));
        let mut both = named(url);
        both.headers
            .insert("authorization".into(), "OSS testkey:x".into());
        assert_eq!(code(&both, 0), Err("InvalidArgument"));
    }
    let mut empty = named("v4_put_basic");
    let authorization =
        empty.headers["authorization"].replace(", Signature", ", AdditionalHeaders=, Signature");
    empty.headers.insert("authorization".into(), authorization);
    assert_eq!(
        code(&empty, 0),
        Err("InvalidArgument"),
        "an empty list of additional headers"
    );
    let mut token = named("v4_put_sts");
    token
        .headers
        .insert("x-oss-security-token".into(), "another".into());
    assert_eq!(code(&token, 0), Err("InvalidSecurityToken"));
    assert_eq!(
        code(
            &WireRequest {
                method: "GET".into(),
                ..WireRequest::default()
            },
            0
        ),
        Err("AccessDenied")
    );
}

#[test]
fn both_forms_are_accepted_and_none_that_was_changed() {
    let vectors = vectors();
    let forms = vectors["post_object"].as_array().unwrap();
    assert_eq!(forms.len(), 2);
    for form in forms {
        let name = form["name"].as_str().unwrap();
        let members = form["form_fields_before_file"].as_object().unwrap();
        let fields: Vec<_> = members
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect();
        let judge = |fields: &[(String, String)], bytes, minutes| {
            let now = signing_time() + TimeDelta::minutes(minutes);
            verify_form(fields, "union-test", bytes, &account(), now).map_err(|fault| fault.code)
        };
        let changed = |field: &str, value: &str| {
            let mut fields = fields.clone();
            fields.iter_mut().find(|(name, _)| name == field).unwrap().1 = value.to_owned();
            fields
        };
        assert_eq!(judge(&fields, 9, 0), Ok(()), "{name}");
        assert_eq!(judge(&fields, 9, 11), Err("AccessDenied"), "{name} late");
        assert_eq!(judge(&fields, 0, 0), Err("EntityTooSmall"), "{name}");
        assert_eq!(
            judge(&fields, 10_485_761, 0),
            Err("EntityTooLarge"),
            "{name}"
        );
        assert_eq!(
            judge(&changed("key", "elsewhere/a.jpg"), 9, 0),
            Err("AccessDenied"),
            "{name}"
        );
        assert_eq!(
            judge(&changed("Content-Type", "text/html"), 9, 0),
            Err("AccessDenied"),
            "{name}"
        );
        assert_eq!(
            judge(&changed("policy", "e30="), 9, 0),
            Err("SignatureDoesNotMatch"),
            "{name}"
        );
        assert!(
            verify_form(&fields, "another-bucket", 9, &account(), signing_time()).is_err(),
            "{name}"
        );
    }
}
