//! What is wrong with a configuration, by setting, all at once. No message holds a value of a
//! secret.

use std::{fmt, io, path::Path};

use super::{
    settings::Setting,
    sources::{Sources, is_missing},
};

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The key in the file.
    pub setting: String,
    /// What is wrong and what to do.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Setting::find(&self.setting) {
            Some(setting) => write!(f, "{} ({}): {}", setting.env(), self.setting, self.text),
            None => write!(f, "{}: {}", self.setting, self.text),
        }
    }
}

/// A configuration that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub Vec<Fault>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration cannot be used:")?;
        self.0
            .iter()
            .try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

impl std::error::Error for ConfigError {}

#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, setting: &str, text: impl Into<String>) {
        self.0.push(Fault {
            setting: setting.to_owned(),
            text: text.into(),
        });
    }

    /// Adds a problem where `Err`, hands on the value where `Ok`.
    pub(super) fn note<T>(
        &mut self,
        setting: &str,
        result: Result<T, impl Into<String>>,
    ) -> Option<T> {
        result.map_err(|text| self.add(setting, text)).ok()
    }

    /// A value of the wrong shape.
    pub(super) fn unfit(&mut self, path: &str, error: figment::Error) {
        for error in error {
            // figment names the innermost key first.
            let inner = error.path.first().map(|name| format!("{path}.{name}"));
            let setting = inner
                .as_deref()
                .and_then(Setting::find)
                .or_else(|| Setting::find(path));
            let secret = setting.is_none_or(|setting| setting.kind.is_secret());
            let key = setting.map_or(path, |setting| setting.key);
            match &error.kind {
                _ if is_missing(&error) => self.add(key, "missing"),
                _ if secret => self.add(
                    key,
                    "of the wrong shape; in the file secrets stand in quotes",
                ),
                kind => self.add(key, kind.to_string()),
            }
        }
    }

    /// Files that are not there, keys that nobody knows.
    pub(super) fn strangers(&mut self, sources: &Sources) {
        if let Some(path) = sources.file().filter(|path| !path.exists()) {
            self.add(
                "NIANGJIA_CONFIG",
                format!("there is no file {}", path.display()),
            );
        }
        match sources.unknown_keys() {
            Ok(keys) => keys.iter().for_each(|key| {
                self.add(
                    key,
                    "there is no such setting; `niangjia config` lists all of them",
                );
            }),
            // A file that is not TOML. The parser's message may quote the line, which may hold a
            // secret.
            Err(error) => {
                let file = error
                    .metadata
                    .as_ref()
                    .and_then(|metadata| metadata.source.as_ref()?.file_path());
                let name = file.map_or_else(
                    || "configuration file".to_owned(),
                    |path| path.display().to_string(),
                );
                self.add(&name, "not valid TOML");
            }
        }
    }

    pub(super) fn dev_keys(mut self, data_dir: &Path, error: &io::Error) -> ConfigError {
        self.add(
            "data_dir",
            format!(
                "cannot keep the dev profile's keys in {}: {error}",
                data_dir.display()
            ),
        );
        self.into()
    }
}

impl From<Faults> for ConfigError {
    fn from(problems: Faults) -> Self {
        Self(problems.0)
    }
}
