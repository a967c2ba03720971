//! Is this installation well? One finding per thing, each with what to do about it. Changes
//! nothing, and never shows a secret.

mod clock;
mod database;
mod disk;
mod keys;
mod objects;
mod redis;
mod settings;
mod wechat;
mod work;

use std::{fmt, time::Duration};

use crate::{
    config::{Config, Fault, Sources},
    wiring::Adapters,
};

/// The longest one question may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Ok,
    Warn,
    Fail,
}

/// One line of the doctor's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub about: &'static str,
    pub health: Health,
    pub text: String,
    /// What to do; empty when all is well.
    pub mend: String,
}

impl Finding {
    /// A configuration that cannot be used.
    pub fn of_problem(problem: &Fault) -> Self {
        Self::fail("config", problem.to_string(), "")
    }

    fn ok(about: &'static str, text: impl Into<String>) -> Self {
        Self {
            about,
            health: Health::Ok,
            text: text.into(),
            mend: String::new(),
        }
    }

    fn warn(about: &'static str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            about,
            health: Health::Warn,
            text: text.into(),
            mend: mend.into(),
        }
    }

    fn fail(about: &'static str, text: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            about,
            health: Health::Fail,
            text: text.into(),
            mend: mend.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.health {
            Health::Ok => "ok",
            Health::Warn => "warn",
            Health::Fail => "FAIL",
        };
        write!(f, "{word:<5} {:<9} {}", self.about, self.text)?;
        if self.mend.is_empty() {
            Ok(())
        } else {
            write!(f, "\n      {:<9} → {}", "", self.mend)
        }
    }
}

/// Looks at everything, one thing after the other, in the order in which people would mend them.
pub async fn examine(config: &Config, sources: &Sources, outside: &Adapters) -> Vec<Finding> {
    let mut findings = settings::examine(config, sources);
    findings.push(keys::examine(&config.keys, &outside.random));
    findings.push(disk::examine(&config.data_dir));
    findings.extend(database::examine(&config.database, &*outside.clock).await);
    findings.extend(work::examine(config, &outside.clock).await);
    findings.push(redis::examine(&config.redis, &*outside.cache).await);
    findings.push(objects::examine(&config.objects, &*outside.objects).await);
    findings.push(wechat::examine(&config.wechat, &*outside.wechat).await);
    findings.push(clock::examine(config, &*outside.clock).await);
    findings
}
