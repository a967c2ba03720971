//! `niangjia openapi`

use std::process::ExitCode;

use super::{Failure, terminal::say};
use crate::http::openapi::document;

pub(super) fn print() -> Result<ExitCode, Failure> {
    say(serde_json::to_string_pretty(&document())?)?;
    Ok(ExitCode::SUCCESS)
}
