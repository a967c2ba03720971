//! Where values come from: the layers, and which of them won.

use std::path::{Path, PathBuf};

use figment::{
    Error, Figment, Metadata, Profile, Provider,
    error::Kind as ErrorKind,
    providers::{Format, Toml},
    util::nest,
    value::{Dict, Map, Value},
};
use serde::de::DeserializeOwned;

use super::{
    faults::Faults,
    settings::{self, Kind, Setting},
};

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

    fn variable(&self, name: &str) -> Option<&str> {
        let (_, value) = self.environment.iter().find(|(own, _)| own == name)?;
        Some(value.as_str()).filter(|value| !value.trim().is_empty())
    }

    /// The file that was asked for, which must exist, or `niangjia.toml` where the process starts,
    /// if there.
    fn file(&self) -> Option<PathBuf> {
        let asked = self
            .file
            .clone()
            .or_else(|| self.variable(FILE_VARIABLE).map(PathBuf::from));
        asked.or_else(|| Some(PathBuf::from(DEFAULT_FILE)).filter(|path| path.exists()))
    }
}

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
            unknown_variables: unknown_variables(inputs),
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

fn unknown_variables(inputs: &Inputs) -> Vec<String> {
    let known = |name: &str| {
        [FILE_VARIABLE, ADMIN_PASSWORD_VARIABLE].contains(&name)
            || settings::ALL.iter().any(|setting| setting.env() == name)
    };
    let ours = inputs
        .environment
        .iter()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with("NIANGJIA_"));
    ours.filter(|name| !known(name)).cloned().collect()
}

/// One value and who gave it.
struct Layer {
    source: String,
    data: Dict,
}

impl Layer {
    fn of(setting: &Setting, source: &str, text: &str) -> Self {
        let data = match nest(setting.key, parse(setting.kind, text)) {
            Value::Dict(_, dict) => dict,
            _ => Dict::new(),
        };
        Self {
            source: source.to_owned(),
            data,
        }
    }

    fn empty() -> Self {
        Self {
            source: String::new(),
            data: Dict::new(),
        }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, self.data.clone())]))
    }
}

/// By the setting's kind, never by the look of the text: a password of digits stays text. What does
/// not parse stays text too, and is complained about when the section is read.
fn parse(kind: Kind, text: &str) -> Value {
    let items = || {
        text.split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
    };
    match kind {
        Kind::Number => text
            .trim()
            .parse::<u64>()
            .map_or_else(|_| Value::from(text), Value::from),
        Kind::List => Value::from(items().map(Value::from).collect::<Vec<_>>()),
        Kind::SecretMap => items()
            .map(|item| {
                item.split_once(':')
                    .map(|(id, secret)| (id.to_owned(), Value::from(secret)))
            })
            .collect::<Option<Dict>>()
            .map_or_else(|| Value::from(text), Value::from),
        Kind::Text | Kind::Secret | Kind::Url => Value::from(text),
    }
}

/// Whether an error is about a key that is not there.
pub(super) fn is_missing(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::MissingField(_))
}
