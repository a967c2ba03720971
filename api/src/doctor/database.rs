//! The database: does it answer, can it be written, is its schema ours?

use chrono::TimeDelta;
use niangjia_domain::{kernel::Clock, store::StoreError};
use niangjia_infra::sql::{self, DatabaseFacts, Step};

use super::{Finding, PATIENCE};
use crate::config::DatabaseConfig;

const ABOUT: &str = "database";
const OLDEST_POSTGRES: i64 = 150_000;

pub(super) async fn examine(config: &DatabaseConfig, clock: &dyn Clock) -> Vec<Finding> {
    if let Some(file) = config.sqlite_file().filter(|file| !file.exists()) {
        let text = format!("{} does not exist yet", file.display());
        return vec![Finding::warn(
            ABOUT,
            text,
            "the first `niangjia serve` or `niangjia migrate up` makes it",
        )];
    }
    let Ok(found) = tokio::time::timeout(PATIENCE, ask(config)).await else {
        return vec![unreachable(config, "no answer")];
    };
    match found {
        Ok((facts, steps)) => {
            let mut findings = vec![judge_server(&facts, clock)];
            findings.push(judge_steps(steps));
            findings
        }
        Err(error) => vec![unreachable(config, &error)],
    }
}

type Found = (DatabaseFacts, Result<Vec<Step>, StoreError>);

async fn ask(config: &DatabaseConfig) -> Result<Found, String> {
    let (write, read) = sql::connect(&config.settings())
        .await
        .map_err(|error| error.to_string())?;
    let facts = sql::inspect(&write).await.map_err(|error| root(&error))?;
    Ok((facts, sql::steps(&read).await))
}

/// The innermost cause: what the driver says.
fn root(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), root)
}

fn unreachable(config: &DatabaseConfig, why: &str) -> Finding {
    let mend = "is it running, does NIANGJIA_DATABASE_URL name it, may this user connect?";
    Finding::fail(ABOUT, format!("{}: {why}", config.shown()), mend)
}

fn judge_server(facts: &DatabaseFacts, clock: &dyn Clock) -> Finding {
    match facts {
        DatabaseFacts::Sqlite {
            write_refused: Some(why),
            ..
        } => Finding::fail(
            ABOUT,
            format!("cannot be written: {why}"),
            "give the service's user the file and its folder",
        ),
        DatabaseFacts::Sqlite { journal_mode, .. } if journal_mode != "wal" => {
            let mend = "keep the data folder on a local file system; network shares cannot do WAL";
            Finding::fail(
                ABOUT,
                format!("journal mode is {journal_mode}, not wal"),
                mend,
            )
        }
        DatabaseFacts::Sqlite { version, .. } => {
            Finding::ok(ABOUT, format!("SQLite {version}, WAL, writable"))
        }
        DatabaseFacts::Postgres { .. } => judge_postgres(facts, clock),
    }
}

fn judge_postgres(facts: &DatabaseFacts, clock: &dyn Clock) -> Finding {
    let DatabaseFacts::Postgres {
        version,
        version_number,
        encoding,
        time_zone,
        replica,
        now,
    } = facts
    else {
        return Finding::ok(ABOUT, "not PostgreSQL");
    };
    let apart = (clock.now() - now).abs();
    if *version_number < OLDEST_POSTGRES {
        Finding::fail(
            ABOUT,
            format!("PostgreSQL {version}"),
            "version 15 or newer is needed",
        )
    } else if encoding != "UTF8" {
        let mend = "make the database anew with ENCODING 'UTF8'; names are Chinese";
        Finding::fail(ABOUT, format!("its encoding is {encoding}"), mend)
    } else if *replica {
        Finding::fail(
            ABOUT,
            "this is a replica, which cannot be written",
            "point NIANGJIA_DATABASE_URL at the primary",
        )
    } else if apart > TimeDelta::seconds(2) {
        let text = format!("its clock is {} s away from ours", apart.num_seconds());
        Finding::warn(ABOUT, text, "let NTP set both clocks")
    } else {
        Finding::ok(
            ABOUT,
            format!("PostgreSQL {version}, {encoding}, time zone {time_zone}"),
        )
    }
}

fn judge_steps(steps: Result<Vec<Step>, StoreError>) -> Finding {
    const ABOUT: &str = "schema";
    let steps = match steps {
        Ok(steps) => steps,
        Err(error) => {
            return Finding::fail(
                ABOUT,
                root(&error),
                "run the newest version that was used on this database",
            );
        }
    };
    match steps.iter().filter(|step| !step.applied).count() {
        0 => Finding::ok(ABOUT, format!("{} steps, all applied", steps.len())),
        pending => {
            let mend = "`niangjia serve` applies them at its start, `niangjia migrate up` now";
            Finding::warn(
                ABOUT,
                format!("{pending} of {} steps are pending", steps.len()),
                mend,
            )
        }
    }
}
