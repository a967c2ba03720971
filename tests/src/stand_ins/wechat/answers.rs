//! Proper answers, as WeChat's documents describe them.

use std::sync::Mutex;

use serde_json::{Value, json};

use super::{APPID, Call, PHONE, SECRET, SIGN_IN, State, TEXT, TOKEN};

/// What WeChat says when all is well.
pub(super) fn proper(path: &str, call: &Call, state: &Mutex<State>) -> Value {
    let mut state = state.lock().expect("no test panicked in here");
    let outcome = match path {
        SIGN_IN => session(call, &mut state),
        TOKEN => token(call, &mut state),
        PHONE => with_token(call, &mut state, phone),
        TEXT => with_token(call, &mut state, verdict),
        _ => Err(40066),
    };
    match outcome {
        Ok(body) => state.answers.get(path).cloned().unwrap_or(body),
        Err(errcode) => failure(errcode),
    }
}

fn session(call: &Call, state: &mut State) -> Result<Value, i64> {
    let given = |name: &str| call.query.get(name).map(String::as_str).unwrap_or_default();
    let openid = given("js_code").strip_prefix("code:").ok_or(40029)?;
    refuse_if([
        (given("appid") != APPID, 40013),
        (given("secret") != SECRET, 40125),
        (given("grant_type") != "authorization_code", 40002),
        (!state.used_codes.insert(given("js_code").to_owned()), 40163),
    ])?;
    // A success does not say `errcode`.
    Ok(json!({ "openid": openid, "session_key": "AAECAwQFBgcICQoLDA0ODw==" }))
}

/// The first of these that applies.
fn refuse_if<const N: usize>(refusals: [(bool, i64); N]) -> Result<(), i64> {
    refusals
        .into_iter()
        .find(|(applies, _)| *applies)
        .map_or(Ok(()), |(_, errcode)| Err(errcode))
}

fn token(call: &Call, state: &mut State) -> Result<Value, i64> {
    let body: Value = serde_json::from_slice(&call.body).map_err(|_| 47001)?;
    refuse_if([
        (body["grant_type"] != "client_credential", 40002),
        (body["appid"] != APPID, 40013),
        (body["secret"] != SECRET, 40125),
        (body["force_refresh"] != false, 45009),
    ])?;
    if state.valid_token.is_none() {
        state.tokens_issued += 1;
        state.valid_token = Some(format!("token-number-{}", state.tokens_issued));
    }
    Ok(json!({ "access_token": state.valid_token, "expires_in": 7200 }))
}

fn with_token(
    call: &Call,
    state: &mut State,
    then: fn(&Value, &mut State) -> Result<Value, i64>,
) -> Result<Value, i64> {
    let given = call.query.get("access_token").ok_or(41001)?;
    if state.valid_token.as_ref() != Some(given) {
        return Err(42001);
    }
    let json = call.content_type.as_deref() == Some("application/json");
    let body = serde_json::from_slice(&call.body)
        .ok()
        .filter(|_| json)
        .ok_or(47001)?;
    then(&body, state)
}

fn phone(body: &Value, state: &mut State) -> Result<Value, i64> {
    let code = body["code"].as_str().ok_or(47001)?;
    let number = code.strip_prefix("phone:").ok_or(40029)?;
    if !state.used_codes.insert(code.to_owned()) {
        return Err(40163);
    }
    Ok(json!({ "errcode": 0, "errmsg": "ok", "phone_info": phone_info(number) }))
}

/// As it comes on the wire: `countryCode` is a string there.
pub fn phone_info(number: &str) -> Value {
    json!({
        "phoneNumber": number, "purePhoneNumber": number, "countryCode": "86",
        "watermark": { "timestamp": 1_767_225_600, "appid": APPID },
    })
}

fn verdict(body: &Value, _: &mut State) -> Result<Value, i64> {
    refuse_if([
        (body["version"] != 2, 40097),
        (!body["scene"].is_number(), 40129),
        (
            body["openid"].as_str().unwrap_or_default().is_empty(),
            40003,
        ),
        (
            body["content"].as_str().unwrap_or_default().is_empty(),
            44002,
        ),
    ])?;
    Ok(text_verdict("pass", 100))
}

/// A success of `msg_sec_check` in which everybody agrees.
pub fn text_verdict(suggest: &str, label: i64) -> Value {
    json!({
        "errcode": 0, "errmsg": "ok", "trace_id": "60000000-00000001-00000001",
        "result": { "suggest": suggest, "label": label },
        "detail": [
            { "strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90 },
            { "strategy": "keyword", "errcode": -1 },
        ],
    })
}

/// A refusal: HTTP 200 with an `errcode`.
pub(super) fn failure(errcode: i64) -> Value {
    json!({ "errcode": errcode, "errmsg": format!("stand-in says {errcode} rid: 65a0b1c2-3d4e5f60-71829304") })
}
