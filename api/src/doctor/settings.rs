//! The configuration loaded; is it also wise?

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use super::Finding;
use crate::config::{Config, Profile, Sources};

const ABOUT: &str = "config";

pub(super) fn examine(config: &Config, sources: &Sources) -> Vec<Finding> {
    let mut findings = vec![Finding::ok(
        ABOUT,
        format!("{:?} profile, {}", config.profile, config.http.listen),
    )];
    for name in &sources.unknown_variables {
        let mend = "`niangjia config` lists all settings; remove it or correct its name";
        findings.push(Finding::warn(
            ABOUT,
            format!("{name} is set and means nothing"),
            mend,
        ));
    }
    if config.profile == Profile::Dev && !config.http.listen.ip().is_loopback() {
        let mend = "set NIANGJIA_PROFILE=production, or listen on 127.0.0.1";
        findings.push(Finding::warn(
            ABOUT,
            "the dev profile, where anybody signs in as anybody, is open to others",
            mend,
        ));
    }
    findings.extend(sources.file().and_then(readable_by_all));
    findings
}

fn readable_by_all(file: &Path) -> Option<Finding> {
    let mode = fs::metadata(file).ok()?.permissions().mode();
    let holds_secrets = fs::read_to_string(file).ok()?.lines().any(|line| {
        line.split_once('=').is_some_and(|(name, _)| {
            matches!(name.trim(), "secret" | "access_key_secret" | "masters")
        })
    });
    let exposed = mode & 0o004 != 0 && holds_secrets;
    let text = format!(
        "everybody on this machine can read the secrets in {}",
        file.display()
    );
    exposed.then(|| {
        Finding::warn(
            ABOUT,
            text,
            format!(
                "chmod 640 {}, owned by root and the service's group",
                file.display()
            ),
        )
    })
}
