//! Where Redis is and how little we wait for it.

use std::time::Duration;

use secrecy::SecretString;

#[derive(Debug, Clone)]
pub struct RedisSettings {
    /// `redis://…` or `rediss://…`; may hold a password.
    pub url: SecretString,
    /// First part of every key, so that installations can share a server.
    pub prefix: String,
    /// The longest one command, or one attempt to connect, may take.
    pub patience: Duration,
    /// How often an idle connection is checked, and the longest pause between attempts to connect.
    pub check_every: Duration,
}

impl RedisSettings {
    pub fn new(url: SecretString) -> Self {
        Self {
            url,
            prefix: "niangjia".to_owned(),
            patience: Duration::from_millis(300),
            check_every: Duration::from_secs(1),
        }
    }
}
