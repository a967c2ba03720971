//! What a process was started with: its file, its environment, its flags.

use std::path::PathBuf;

use super::settings;

const DEFAULT_FILE: &str = "niangjia.toml";
const FILE_VARIABLE: &str = "NIANGJIA_CONFIG";
/// Read by `niangjia admin create` alone; no setting.
pub const ADMIN_PASSWORD_VARIABLE: &str = "NIANGJIA_ADMIN_PASSWORD";

/// What the process was started with.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// `--config`
    pub file: Option<PathBuf>,
    pub environment: Vec<(String, String)>,
    /// Keys with their values.
    pub flags: Vec<(&'static str, String)>,
}

impl Inputs {
    /// The process's own environment. Variables that are not UTF-8 are none of ours.
    pub fn of_process(file: Option<PathBuf>, flags: Vec<(&'static str, String)>) -> Self {
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        Self {
            file,
            environment: environment.collect(),
            flags,
        }
    }

    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        let (_, value) = self.environment.iter().find(|(own, _)| own == name)?;
        Some(value.as_str()).filter(|value| !value.trim().is_empty())
    }

    /// The file that was asked for, which must exist, or `niangjia.toml` where the process starts,
    /// if there.
    pub(super) fn file(&self) -> Option<PathBuf> {
        let asked = self
            .file
            .clone()
            .or_else(|| self.variable(FILE_VARIABLE).map(PathBuf::from));
        asked.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()))
    }

    /// `NIANGJIA_…` variables that no setting has.
    pub(super) fn unknown_variables(&self) -> Vec<String> {
        let known = |name: &str| {
            [FILE_VARIABLE, ADMIN_PASSWORD_VARIABLE].contains(&name)
                || settings::ALL.iter().any(|setting| setting.env() == name)
        };
        let ours = self
            .environment
            .iter()
            .map(|(name, _)| name)
            .filter(|name| name.starts_with("NIANGJIA_"));
        ours.filter(|name| !known(name)).cloned().collect()
    }
}
