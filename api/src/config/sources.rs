//! All layers of settings merged, and which of them a value came from.

use std::path::{Path, PathBuf};

use figment::{
    Error, Figment,
    error::Kind as ErrorKind,
    providers::{Format, Toml},
    value::{Dict, Value},
};
use serde::de::DeserializeOwned;

use super::{
    Inputs,
    faults::Faults,
    layer::Layer,
    settings::{self, Setting},
};

/// All layers, merged. Empty variables count as absent.
#[derive(Debug, Clone)]
pub struct Sources {
    figment: Figment,
    file: Option<PathBuf>,
    /// `NIANGJIA_…` variables that mean nothing here.
    pub unknown_variables: Vec<String>,
}

impl Sources {
    pub fn gather(inputs: &Inputs) -> Self {
        let mut figment = settings::ALL
            .iter()
            .filter_map(|setting| Some(Layer::of(setting, "default", setting.default?)))
            .fold(Figment::new(), Figment::merge);
        let file = inputs.file();
        if let Some(path) = &file {
            figment = figment.merge(Toml::file_exact(path));
        }
        for setting in settings::ALL {
            let name = setting.env();
            if let Some(text) = inputs.variable(&name) {
                figment = figment.merge(Layer::of(setting, &name, text));
            }
        }
        for (key, text) in &inputs.flags {
            if let Some(setting) = Setting::find(key) {
                figment = figment.merge(Layer::of(setting, "flag", text));
            }
        }
        Self {
            figment,
            file,
            unknown_variables: inputs.unknown_variables(),
        }
    }

    /// The configuration file, whether it is there or not.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The same with the file's values where nothing else says anything.
    pub(super) fn with_fallback(&self, file: &Path) -> Self {
        Self {
            figment: self.figment.clone().join(Toml::file_exact(file)),
            ..self.clone()
        }
    }

    /// One setting or section; a problem when it does not fit. A section that nobody mentions is
    /// empty.
    pub(super) fn value<T: DeserializeOwned>(
        &self,
        path: &str,
        problems: &mut Faults,
    ) -> Option<T> {
        let section = if self.figment.contains(path) {
            self.figment.extract_inner(path)
        } else {
            Figment::from(Layer::empty()).extract()
        };
        section
            .map_err(|error: Error| problems.unfit(path, error))
            .ok()
    }

    /// The merged value of a setting, as the file would write it.
    pub(super) fn raw(&self, setting: &Setting) -> Option<Value> {
        self.figment.find_value(setting.key).ok()
    }

    /// Which layer a setting's value comes from.
    pub(super) fn origin(&self, setting: &Setting) -> String {
        let Some(metadata) = self.figment.find_metadata(setting.key) else {
            return "not set".to_owned();
        };
        match metadata
            .source
            .as_ref()
            .and_then(|source| source.file_path())
        {
            Some(path) => path.display().to_string(),
            None => metadata.name.to_string(),
        }
    }

    /// Keys that no setting has: typing mistakes in the file.
    pub(super) fn unknown_keys(&self) -> Result<Vec<String>, Box<Error>> {
        let mut unknown = Vec::new();
        collect_unknown("", &self.figment.extract::<Dict>()?, &mut unknown);
        Ok(unknown)
    }
}

fn collect_unknown(prefix: &str, dict: &Dict, unknown: &mut Vec<String>) {
    for (name, value) in dict {
        let key = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}.{name}")
        };
        match value {
            _ if Setting::find(&key).is_some() => {}
            Value::Dict(_, inner) if is_section(&key) => collect_unknown(&key, inner, unknown),
            _ => unknown.push(key),
        }
    }
}

/// `[wechat]`, filled or empty.
fn is_section(key: &str) -> bool {
    settings::ALL.iter().any(|setting| {
        setting
            .key
            .split_once('.')
            .is_some_and(|(section, _)| section == key)
    })
}

/// Whether an error is about a key that is not there.
pub(super) fn is_missing(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::MissingField(_))
}
