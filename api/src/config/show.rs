//! The configuration for people: what holds, and what there is to set. Secrets stay hidden.

use std::fmt::Write;

use figment::value::Value;

use super::{
    secret,
    settings::{self, Kind, Setting},
    sources::Sources,
};

const ENV_EXAMPLE_HEAD: &str = "\
# Every setting, by its environment variable, with its default. Written by `niangjia config --env-example`.
# Copy to .env, uncomment what you change, then load it (set -a; . ./.env) or hand it to compose or systemd.
# Flags win over variables, variables over the file, the file over defaults. An empty variable counts as absent.

# configuration file; without it niangjia.toml of the working folder, if there
#NIANGJIA_CONFIG=
";

/// Every setting with its value and where it comes from, in the shape of the file.
pub fn show(sources: &Sources) -> String {
    let mut text = String::new();
    let mut section = "";
    for setting in settings::ALL {
        let (own_section, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if own_section != section {
            section = own_section;
            let _ = writeln!(text, "\n[{section}]");
        }
        let _ = match sources.raw(setting) {
            Some(value) => writeln!(
                text,
                "{name} = {}  # {}",
                shown(setting, &value),
                sources.origin(setting)
            ),
            None => writeln!(text, "# {name} is not set"),
        };
    }
    for name in &sources.unknown_variables {
        let _ = writeln!(
            text,
            "\n# {name} is set in the environment and means nothing here"
        );
    }
    text
}

/// The text of `.env.example`: every setting by its variable, with its default.
pub fn env_example() -> String {
    let mut text = ENV_EXAMPLE_HEAD.to_owned();
    for setting in settings::ALL {
        let _ = writeln!(
            text,
            "\n# {}\n#{}={}",
            setting.about,
            setting.env(),
            setting.default.unwrap_or_default()
        );
    }
    text
}

fn shown(setting: &Setting, value: &Value) -> String {
    match (setting.kind, value) {
        (Kind::Secret, _) => "\"(hidden)\"".to_owned(),
        (Kind::SecretMap, Value::Dict(_, keys)) => {
            let hidden = keys
                .keys()
                .map(|id| format!("{id} = \"(hidden)\""))
                .collect::<Vec<_>>();
            format!("{{ {} }}", hidden.join(", "))
        }
        (Kind::SecretMap, _) => "\"(hidden)\"".to_owned(),
        (Kind::Url, Value::String(_, url)) => quoted(&secret::without_credentials(url)),
        (Kind::List, Value::Array(_, items)) => {
            let items = items
                .iter()
                .filter_map(Value::as_str)
                .map(quoted)
                .collect::<Vec<_>>();
            format!("[{}]", items.join(", "))
        }
        (_, Value::String(_, text)) => quoted(text),
        (_, Value::Num(_, number)) => number
            .to_u128_lossy()
            .map_or_else(|| "?".to_owned(), |number| number.to_string()),
        (_, Value::Bool(_, flag)) => flag.to_string(),
        _ => "\"(of the wrong shape)\"".to_owned(),
    }
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
}
