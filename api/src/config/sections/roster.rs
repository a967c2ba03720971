//! Expected members that come from a file.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Sources, faults::Faults};

#[derive(Debug, Clone)]
pub struct RosterConfig {
    pub seed_file: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Raw {
    seed_file: Option<PathBuf>,
}

impl RosterConfig {
    pub(super) fn check(sources: &Sources, problems: &mut Faults) -> Option<Self> {
        let raw: Raw = sources.value("roster", problems)?;
        if let Some(path) = raw.seed_file.as_ref().filter(|path| !path.is_file()) {
            problems.add(
                "roster.seed_file",
                format!("there is no file {}", path.display()),
            );
        }
        Some(Self {
            seed_file: raw.seed_file,
        })
    }
}
