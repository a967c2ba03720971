//! Every setting there is: one line each. The environment's names, `.env.example`, `niangjia
//! config` and the words of complaints all come from here.

/// How the text of an environment variable or flag becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    /// `a,b`
    List,
    /// Never shown.
    Secret,
    /// `id:secret,id:secret`; never shown.
    SecretMap,
    /// Shown without user, password and query.
    Url,
}

impl Kind {
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::Secret | Self::SecretMap)
    }
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// `section.name`, as in the file.
    pub key: &'static str,
    pub kind: Kind,
    /// In the words of the environment; `None` when there is nothing to fall back on.
    pub default: Option<&'static str>,
    pub about: &'static str,
}

impl Setting {
    /// `NIANGJIA_` and the key in capitals; the section `http` goes without saying.
    pub fn env(&self) -> String {
        let key = self.key.strip_prefix("http.").unwrap_or(self.key);
        format!("NIANGJIA_{}", key.replace('.', "_").to_uppercase())
    }

    pub fn find(key: &str) -> Option<&'static Self> {
        ALL.iter().find(|setting| setting.key == key)
    }
}

const fn set(key: &'static str, kind: Kind, default: &'static str, about: &'static str) -> Setting {
    Setting {
        key,
        kind,
        default: Some(default),
        about,
    }
}

const fn unset(key: &'static str, kind: Kind, about: &'static str) -> Setting {
    Setting {
        key,
        kind,
        default: None,
        about,
    }
}

use Kind::{List, Number, Secret, SecretMap, Text, Url};

/// Sections in the order in which people meet them.
pub const ALL: &[Setting] = &[
    set(
        "profile",
        Text,
        "dev",
        "dev or production; production refuses what only serves development",
    ),
    set(
        "data_dir",
        Text,
        "./data",
        "folder of the default database, the local object store and the dev profile's keys",
    ),
    set(
        "http.listen",
        Text,
        "127.0.0.1:8080",
        "address and port to listen on",
    ),
    unset(
        "http.public_url",
        Text,
        "what phones call this server, without a path; by default http:// and the address",
    ),
    unset(
        "http.trusted_proxies",
        List,
        "proxies whose X-Forwarded-For is believed: addresses or networks, a,b/8",
    ),
    set(
        "http.workers",
        Number,
        "0",
        "threads that answer requests; 0 is one per processor",
    ),
    unset(
        "database.url",
        Url,
        "postgres://user:password@host/name or sqlite://path; by default niangjia.db in the data folder",
    ),
    set(
        "database.max_connections",
        Number,
        "16",
        "most connections of this process to PostgreSQL; a quarter of them write",
    ),
    set(
        "database.lock_timeout_ms",
        Number,
        "2000",
        "how long PostgreSQL waits for a row that somebody else holds; then only who needs it gets 503",
    ),
    set(
        "database.statement_timeout_ms",
        Number,
        "10000",
        "how long one statement may take on PostgreSQL; freezing a sheet and checking the books may take longer",
    ),
    unset(
        "redis.url",
        Url,
        "redis://host:6379/0; without it one process keeps its cache and limits in memory",
    ),
    set(
        "wechat.mode",
        Text,
        "dev",
        "dev (codes dev:<openid>, dev:<phone>) or http (the real service)",
    ),
    unset("wechat.app_id", Text, "AppID of the mini-program"),
    unset("wechat.secret", Secret, "AppSecret of the mini-program"),
    set(
        "wechat.base_url",
        Text,
        "https://api.weixin.qq.com",
        "WeChat's server API",
    ),
    set(
        "text_check.mode",
        Text,
        "dev",
        "dev (a word list) or wechat (msg_sec_check; needs wechat.mode http)",
    ),
    set(
        "objects.store",
        Text,
        "local",
        "local (files in the data folder), oss_v4 or oss_v1 (Aliyun OSS by signature version)",
    ),
    unset("objects.bucket", Text, "private bucket"),
    unset(
        "objects.region",
        Text,
        "region without the oss- prefix, such as cn-beijing",
    ),
    unset(
        "objects.endpoint",
        Text,
        "by default https://oss-<region>.aliyuncs.com",
    ),
    unset(
        "objects.access_key_id",
        Text,
        "AccessKey of a RAM user that may use this bucket only",
    ),
    unset("objects.access_key_secret", Secret, "its secret"),
    unset(
        "keys.masters",
        SecretMap,
        "keys that seal personal data, number:base64 of 32 bytes (openssl rand -base64 32)",
    ),
    unset(
        "keys.current",
        Number,
        "number of the master key that seals new data; needed when there are several",
    ),
    unset(
        "keys.index",
        Secret,
        "base64 of 32 bytes: key of the blind indexes; can never change",
    ),
    unset(
        "keys.tokens",
        SecretMap,
        "keys of access tokens, id:base64 of 32 bytes",
    ),
    unset(
        "keys.token_current",
        Text,
        "id of the key that signs new tokens; needed when there are several",
    ),
    unset(
        "keys.codes",
        Secret,
        "base64 of 32 bytes: source of the keys of check-in codes, local object URLs and the like",
    ),
    set(
        "limits.per_ip_per_minute",
        Number,
        "120000",
        "requests of one address; carriers put many phones behind one",
    ),
    set(
        "limits.per_account_per_minute",
        Number,
        "6000",
        "requests of one account",
    ),
    set(
        "limits.sign_ins_per_ip_per_minute",
        Number,
        "30000",
        "sign-ins of one address; user names have limits of their own",
    ),
    set(
        "limits.queue",
        Number,
        "8192",
        "claims that may wait for the database at this process, and as many scans; more get 503 busy",
    ),
    set(
        "log.level",
        Text,
        "info",
        "tracing filter, such as info or info,niangjia_infra=debug",
    ),
    set(
        "log.format",
        Text,
        "auto",
        "json, compact, or auto: json in production",
    ),
    unset(
        "demo.password",
        Secret,
        "password of the demo users; by default a random one that is printed. Not in production",
    ),
];
