//! Configuration: defaults → file → environment → flags, checked once. Every setting is one line of
//! `settings.rs`; each concern is one struct with its own checks. All problems are reported
//! together, each by the setting's names with what to do about it. Secrets never appear in
//! messages, logs or `Debug`.

mod database;
mod demo;
mod dev_keys;
mod faults;
mod http;
mod keys;
mod limits;
mod log;
mod network;
mod objects;
mod redis;
mod secret;
pub mod settings;
mod show;
mod sources;
mod text_check;
mod wechat;

use std::path::PathBuf;

use niangjia_domain::kernel::Random;
use serde::Deserialize;

pub use database::DatabaseConfig;
pub use demo::DemoConfig;
use dev_keys::DevKeys;
use faults::Faults;
pub use faults::{ConfigError, Fault};
pub use http::HttpConfig;
pub use keys::KeysConfig;
pub use limits::LimitsConfig;
pub use log::{LogConfig, LogFormat};
pub use network::Network;
pub use objects::{ObjectsConfig, OssConfig};
pub use redis::RedisConfig;
pub use show::{env_example, show};
pub use sources::{ADMIN_PASSWORD_VARIABLE, Inputs, Sources};
pub use text_check::TextCheckConfig;
pub use wechat::{WechatApp, WechatConfig};

/// Who the process is for. `Production` refuses everything that only serves development.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    #[default]
    Dev,
    Production,
}

/// A configuration that can be used.
#[derive(Debug, Clone)]
pub struct Config {
    pub profile: Profile,
    /// Holds the default database, the local object store and the dev profile's keys.
    pub data_dir: PathBuf,
    pub http: HttpConfig,
    pub database: DatabaseConfig,
    pub redis: RedisConfig,
    pub wechat: WechatConfig,
    pub text_check: TextCheckConfig,
    pub objects: ObjectsConfig,
    pub keys: KeysConfig,
    pub limits: LimitsConfig,
    pub log: LogConfig,
    pub demo: DemoConfig,
}

impl Config {
    /// Checks everything at once. In the dev profile missing keys are made and kept in the data
    /// folder.
    pub fn load(sources: &Sources, random: &dyn Random) -> Result<Self, ConfigError> {
        let mut problems = Faults::default();
        problems.strangers(sources);
        let profile = sources.value::<Profile>("profile", &mut problems);
        let data_dir = sources.value::<PathBuf>("data_dir", &mut problems);
        let (Some(profile), Some(data_dir)) = (profile, data_dir) else {
            return Err(problems.into());
        };
        if profile == Profile::Dev {
            return match DevKeys::read_or_make(&data_dir, random) {
                Ok(made) => Self::check(&made.under(sources), profile, data_dir, problems),
                Err(error) => Err(problems.dev_keys(&data_dir, &error)),
            };
        }
        Self::check(sources, profile, data_dir, problems)
    }

    fn check(
        sources: &Sources,
        profile: Profile,
        data_dir: PathBuf,
        mut problems: Faults,
    ) -> Result<Self, ConfigError> {
        let found = &mut problems;
        let http = HttpConfig::check(sources, profile, found);
        let database = DatabaseConfig::check(sources, profile, &data_dir, found);
        let redis = RedisConfig::check(sources, profile, found);
        let wechat = WechatConfig::check(sources, profile, found);
        let text_check = TextCheckConfig::check(sources, profile, wechat.as_ref(), found);
        let objects = ObjectsConfig::check(sources, profile, &data_dir, found);
        let keys = KeysConfig::check(sources, profile, found);
        let limits = LimitsConfig::check(sources, found);
        let log = LogConfig::check(sources, profile, found);
        let demo = DemoConfig::check(sources, profile, found);
        let whole = || {
            Some(Self {
                profile,
                data_dir,
                http: http?,
                database: database?,
                redis: redis?,
                wechat: wechat?,
                text_check: text_check?,
                objects: objects?,
                keys: keys?,
                limits: limits?,
                log: log?,
                demo: demo?,
            })
        };
        match whole() {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(problems.into()),
        }
    }
}

#[cfg(test)]
mod tests;
