//! What is logged, and in which shape: for machines in production, for people in development,
//! unless it is said.

use serde::Deserialize;
use tracing_subscriber::EnvFilter;

use super::{Profile, Sources, faults::Faults};

#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A tracing filter.
    pub level: String,
    pub format: LogFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One object per line, for machines.
    Json,
    /// For people.
    Compact,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Wanted {
    Auto,
    Json,
    Compact,
}

#[derive(Deserialize)]
struct Raw {
    level: String,
    format: Wanted,
}

impl LogConfig {
    pub(super) fn check(
        sources: &Sources,
        profile: Profile,
        problems: &mut Faults,
    ) -> Option<Self> {
        let raw: Raw = sources.value("log", problems)?;
        if EnvFilter::builder().parse(&raw.level).is_err() {
            problems.add(
                "log.level",
                "not a filter: write info, or info,niangjia_infra=debug",
            );
        }
        let format = match (raw.format, profile) {
            (Wanted::Json, _) | (Wanted::Auto, Profile::Production) => LogFormat::Json,
            (Wanted::Compact, _) | (Wanted::Auto, Profile::Dev) => LogFormat::Compact,
        };
        Some(Self {
            level: raw.level,
            format,
        })
    }
}
