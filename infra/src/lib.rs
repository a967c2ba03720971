//! Adapters: one folder per outside thing. Each implements a port of `niangjia-domain`; nothing here decides a rule.

/// Redis, and its in-process twin for the embedded default.
pub mod cache;
/// Keys, tokens, passwords, fields at rest.
pub mod crypto;
/// Aliyun OSS, and local files for the embedded default.
pub mod objects;
/// What time another server thinks it is.
pub mod remote_clock;
/// Districts, unions and demo rosters as data files.
pub mod seed;
/// PostgreSQL and SQLite.
pub mod sql;
/// The system's clock and randomness: the only place that may ask for them.
pub mod system;
/// WeChat's server API, and a stand-in for development.
pub mod wechat;
