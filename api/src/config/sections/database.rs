//! The database: one SQLite file by default, PostgreSQL for real.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

use niangjia_infra::sql::{DatabaseSettings, Patience};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Profile, Sources, faults::Faults, secret};

#[derive(Clone)]
pub struct DatabaseConfig {
    url: SecretString,
    max_connections: u32,
    patience: Patience,
}

#[derive(Deserialize)]
struct Raw {
    url: Option<SecretString>,
    max_connections: u32,
    lock_timeout_ms: u64,
    statement_timeout_ms: u64,
}

impl DatabaseConfig {
    pub(super) fn check(
        sources: &Sources,
        profile: Profile,
        data_dir: &Path,
        problems: &mut Faults,
    ) -> Option<Self> {
        let raw: Raw = sources.value("database", problems)?;
        if raw.max_connections < 2 {
            problems.add("database.max_connections", "2 at least");
        }
        let patience = patience(&raw, problems);
        let url = raw.url.unwrap_or_else(|| file_in(data_dir).into());
        problems.note("database.url", check_url(url.expose_secret(), profile))?;
        Some(Self {
            url,
            max_connections: raw.max_connections,
            patience,
        })
    }

    pub fn settings(&self) -> DatabaseSettings {
        DatabaseSettings {
            url: self.url.expose_secret().to_owned(),
            max_connections: self.max_connections,
            patience: self.patience,
        }
    }

    /// For people: without user and password.
    pub fn shown(&self) -> String {
        secret::without_credentials(self.url.expose_secret())
    }

    /// The file, when this is SQLite.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let url = self.url.expose_secret();
        let path = url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        Some(PathBuf::from(path.split('?').next().unwrap_or(path)))
    }
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("url", &self.shown())
            .finish_non_exhaustive()
    }
}

/// Groups wait for each other's counters, so some patience there must be; a lock that is waited for
/// as long as a statement may take stalls the others.
fn patience(raw: &Raw, problems: &mut Faults) -> Patience {
    if !(100..=60_000).contains(&raw.lock_timeout_ms) {
        problems.add("database.lock_timeout_ms", "100 to 60000");
    }
    if raw.statement_timeout_ms <= raw.lock_timeout_ms {
        problems.add("database.statement_timeout_ms", "more than lock_timeout_ms");
    }
    Patience {
        lock: Duration::from_millis(raw.lock_timeout_ms),
        statement: Duration::from_millis(raw.statement_timeout_ms),
    }
}

fn file_in(data_dir: &Path) -> String {
    format!("sqlite://{}", data_dir.join("niangjia.db").display())
}

fn check_url(url: &str, profile: Profile) -> Result<(), String> {
    if url.starts_with("sqlite:") {
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        return if in_memory {
            Err("a database in memory keeps nothing: name a file".to_owned())
        } else {
            Ok(())
        };
    }
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err("must begin with postgres:// or sqlite://".to_owned());
    }
    match secret::password_of(url).and_then(secret::weakness) {
        Some(weakness) if profile == Profile::Production => {
            Err(format!("its password is {weakness}"))
        }
        _ => Ok(()),
    }
}
