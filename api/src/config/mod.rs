//! Configuration: defaults → file → environment → flags, checked once. Every setting is one line
//! of `settings.rs`; each concern is one struct in `sections/` with its own checks. All problems
//! are reported together, each by the setting's names with what to do about it. Secrets never
//! appear in messages, logs or `Debug`.

mod dev_keys;
mod faults;
mod inputs;
mod layer;
mod secret;
mod sections;
pub mod settings;
mod show;
mod sources;

use std::path::PathBuf;

use niangjia_domain::kernel::Random;
use serde::Deserialize;

use dev_keys::DevKeys;
use faults::Faults;
pub use faults::{ConfigError, Fault};
pub use inputs::{ADMIN_PASSWORD_VARIABLE, Inputs};
pub use sections::{
    DatabaseConfig, DemoConfig, HttpConfig, KeysConfig, LimitsConfig, LogConfig, LogFormat,
    Network, ObjectsConfig, OssConfig, RedisConfig, TextCheckConfig, WechatApp, WechatConfig,
};
pub use show::{env_example, show};
pub use sources::Sources;

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
}

#[cfg(test)]
mod tests;
