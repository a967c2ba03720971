//! One setting's value from one place. Its text is read by the setting's kind, so that what looks
//! like a number stays text where text is wanted.

use figment::{
    Error, Metadata, Profile, Provider,
    util::nest,
    value::{Dict, Map, Value},
};

use super::settings::{Kind, Setting};

/// One value and who gave it.
pub(super) struct Layer {
    source: String,
    data: Dict,
}

impl Layer {
    pub(super) fn of(setting: &Setting, source: &str, text: &str) -> Self {
        let data = match nest(setting.key, parse(setting.kind, text)) {
            Value::Dict(_, dict) => dict,
            _ => Dict::new(),
        };
        Self {
            source: source.to_owned(),
            data,
        }
    }

    pub(super) fn empty() -> Self {
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
