//! Each concern is one struct with its own checks. All are checked together, so that every fault is
//! told at once.

mod database;
mod demo;
mod http;
mod keys;
mod limits;
mod log;
mod network;
mod objects;
mod redis;
mod text_check;
mod wechat;

use std::path::PathBuf;

use super::{
    Config, ConfigError, Profile, Sources,
    faults::{self, Faults},
    secret,
};

pub use database::DatabaseConfig;
pub use demo::DemoConfig;
pub use http::HttpConfig;
pub use keys::KeysConfig;
pub use limits::LimitsConfig;
pub use log::{LogConfig, LogFormat};
pub use network::Network;
pub use objects::{ObjectsConfig, OssConfig};
pub use redis::RedisConfig;
pub use text_check::TextCheckConfig;
pub use wechat::{WechatApp, WechatConfig};

impl Config {
    pub(super) fn check(
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
