//! The demo users' password; demo users are refused in production.

use secrecy::SecretString;
use serde::Deserialize;

use super::{Profile, Sources, faults::Faults};

/// `None` makes a random one.
#[derive(Debug, Clone)]
pub struct DemoConfig {
    pub password: Option<SecretString>,
}

#[derive(Deserialize)]
struct Raw {
    password: Option<SecretString>,
}

impl DemoConfig {
    pub(super) fn check(
        sources: &Sources,
        profile: Profile,
        problems: &mut Faults,
    ) -> Option<Self> {
        let raw: Raw = sources.value("demo", problems)?;
        if raw.password.is_some() && profile == Profile::Production {
            problems.add(
                "demo.password",
                "demo users are refused in production: remove it",
            );
        }
        Some(Self {
            password: raw.password,
        })
    }
}
