//! What a configuration may be, layer by layer.

use niangjia_infra::system::SystemRandom;

use super::*;

mod files;
mod layers;
mod production;
mod secrets;

const GOOD_SECRET: &str = "c9f0f895fb98ab9159f51fd0297e236d";
const KEYS: [&str; 4] = [
    "9VgXA1UzkAWC0fPvRVFMBdDfCzfcy9NmcZ5Cr6mT2gQ=",
    "m7G0sJgk0o2OAhVWZ1hbFu+YFoYwK1xTzT1aXkqfV1s=",
    "1dXqEJm4yTq0P9o3qDbXn9i5JpEwq8Qz2h0cVn4lZxA=",
    "Zk0u9T8bQeY3mVwHc5tXr2LpAa7sDf1GjKi6NoBvUy4=",
];

fn sources(pairs: &[(&str, &str)]) -> Sources {
    let environment = pairs
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    Sources::gather(&Inputs {
        environment,
        ..Inputs::default()
    })
}

/// Everything that production needs.
fn production() -> Vec<(&'static str, String)> {
    let pairs = [
        ("NIANGJIA_PROFILE", "production"),
        ("NIANGJIA_PUBLIC_URL", "https://union.example.org"),
        ("NIANGJIA_WECHAT_MODE", "http"),
        ("NIANGJIA_WECHAT_APP_ID", "wx0000000000000000"),
        ("NIANGJIA_WECHAT_SECRET", GOOD_SECRET),
        ("NIANGJIA_TEXT_CHECK_MODE", "wechat"),
        ("NIANGJIA_KEYS_INDEX", KEYS[0]),
        ("NIANGJIA_KEYS_CODES", KEYS[1]),
    ];
    let mut pairs = pairs.map(|(name, value)| (name, value.to_owned())).to_vec();
    pairs.push(("NIANGJIA_KEYS_MASTERS", format!("1:{}", KEYS[2])));
    pairs.push(("NIANGJIA_KEYS_TOKENS", format!("2026:{}", KEYS[3])));
    pairs
}

fn load_production(changes: &[(&'static str, &str)]) -> Result<Config, ConfigError> {
    let mut pairs = production();
    for (name, value) in changes {
        pairs.retain(|(own, _)| own != name);
        pairs.push((name, (*value).to_owned()));
    }
    let pairs = pairs
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect::<Vec<_>>();
    Config::load(&sources(&pairs), &SystemRandom)
}

fn load_dev(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let mut all = vec![("NIANGJIA_DATA_DIR", folder.path().to_str().unwrap())];
    all.extend(pairs);
    Config::load(&sources(&all), &SystemRandom)
}
