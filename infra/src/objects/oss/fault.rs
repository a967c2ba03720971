//! From OSS's answers to the four faults that the domain knows. Only the error code is kept: the
//! rest of the answer may repeat what was signed.

use http::StatusCode;
use niangjia_domain::uploads::objects::ObjectError;

/// Codes that mean the object, not the installation, is missing. HEAD answers have no body, hence
/// none.
const ABSENT: [&str; 2] = ["NoSuchKey", ""];

pub(super) fn fault(status: StatusCode, body: &str) -> ObjectError {
    let code = error_code(body);
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        ObjectError::Unavailable(named(status, code))
    } else if status == StatusCode::NOT_FOUND && ABSENT.contains(&code) {
        ObjectError::NotFound
    } else {
        ObjectError::Misconfigured(named(status, code))
    }
}

pub(super) fn network_fault(error: reqwest::Error) -> ObjectError {
    let kind = if error.is_timeout() {
        "timed out"
    } else if error.is_connect() {
        "cannot connect"
    } else if error.is_body() || error.is_decode() {
        "the answer was cut off"
    } else {
        "the connection failed"
    };
    ObjectError::Unavailable(kind.to_owned())
}

fn named(status: StatusCode, code: &str) -> String {
    format!("{} {code}", status.as_u16()).trim_end().to_owned()
}

/// What is between `<Code>` and `</Code>`, if it looks like a code.
fn error_code(body: &str) -> &str {
    let code = body
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"))
        .map_or("", |(code, _)| code);
    let plain = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain { code } else { "" }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(404, "<Error><Code>NoSuchKey</Code></Error>", "no such object")]
    #[case(404, "", "no such object")]
    #[case(
        404,
        "<Error><Code>NoSuchBucket</Code></Error>",
        "object store refuses this installation: 404 NoSuchBucket"
    )]
    #[case(
        403,
        "<Code>SignatureDoesNotMatch</Code><StringToSign>secret",
        "object store refuses this installation: 403 SignatureDoesNotMatch"
    )]
    #[case(
        403,
        "<Code><script></Code>",
        "object store refuses this installation: 403"
    )]
    #[case(
        503,
        "<Code>ServiceUnavailable</Code>",
        "object store unavailable: 503 ServiceUnavailable"
    )]
    #[case(500, "<html>", "object store unavailable: 500")]
    fn only_the_code_is_kept(#[case] status: u16, #[case] body: &str, #[case] told: &str) {
        assert_eq!(
            fault(StatusCode::from_u16(status).unwrap(), body).to_string(),
            told
        );
    }
}
