//! Redis, where there is one: without an address the process keeps its cache and limits to itself.
//! A weak password is refused in production.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Profile, Sources, faults::Faults, secret};

/// `None` keeps cache, limits and leases in this process.
#[derive(Debug, Clone)]
pub struct RedisConfig {
    pub url: Option<SecretString>,
}

#[derive(Deserialize)]
struct Raw {
    url: Option<SecretString>,
}

impl RedisConfig {
    pub(super) fn check(
        sources: &Sources,
        profile: Profile,
        problems: &mut Faults,
    ) -> Option<Self> {
        let raw: Raw = sources.value("redis", problems)?;
        if let Some(url) = &raw.url {
            problems.note("redis.url", check_url(url.expose_secret(), profile))?;
        }
        Some(Self { url: raw.url })
    }
}

fn check_url(url: &str, profile: Profile) -> Result<(), String> {
    if !url.starts_with("redis://") && !url.starts_with("rediss://") {
        return Err("must begin with redis:// or rediss://".to_owned());
    }
    match secret::password_of(url).and_then(secret::weakness) {
        Some(weakness) if profile == Profile::Production => {
            Err(format!("its password is {weakness}"))
        }
        _ => Ok(()),
    }
}
