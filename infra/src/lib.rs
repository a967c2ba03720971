//! Adapters: one folder per outside thing. Each implements a port of `niangjia-domain`; nothing
//! here decides a rule.

/// Work that outlives the request that started it.
pub mod background;
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
/// Spreadsheets of any length.
pub mod sheets;
/// PostgreSQL and SQLite.
pub mod sql;
/// The system's clock and randomness: the only place that may ask for them.
pub mod system;
/// WeChat's server API, and a stand-in for development.
pub mod wechat;
