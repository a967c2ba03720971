//! From driver errors to those that the domain knows, by the drivers' codes.

use niangjia_domain::store::StoreError;
use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

use crate::crypto::field_cipher::SealError;

pub(crate) fn store_error(error: DbErr) -> StoreError {
    if let Some(
        SqlErr::UniqueConstraintViolation(constraint)
        | SqlErr::ForeignKeyConstraintViolation(constraint),
    ) = error.sql_err()
    {
        return StoreError::Conflict { constraint };
    }
    match driver_code(&error).as_deref() {
        // CHECK violations: PostgreSQL 23514, SQLite SQLITE_CONSTRAINT_CHECK.
        Some("23514" | "275") => StoreError::Conflict {
            constraint: "check".to_owned(),
        },
        // PostgreSQL: lock_timeout. SQLite has one writer, and nobody to blame.
        Some("55P03") => StoreError::Locked {
            row: None,
            cause: Box::new(error),
        },
        Some(code) if is_passing(code) => StoreError::Unavailable(Box::new(error)),
        // Refused at the door (no such database yet, wrong password): nothing of ours was refused.
        Some(_) if matches!(error, DbErr::Conn(_)) => StoreError::Unavailable(Box::new(error)),
        Some(_) => StoreError::Failed(Box::new(error)),
        None if is_connection(&error) => StoreError::Unavailable(Box::new(error)),
        None => StoreError::Failed(Box::new(error)),
    }
}

/// SQLite busy, locked, out of space, I/O; PostgreSQL connection, resource and operator classes,
/// serialisation and deadlock, read-only (a replica was promoted elsewhere).
fn is_passing(code: &str) -> bool {
    matches!(
        code,
        "5" | "6" | "10" | "13" | "261" | "262" | "517" | "25006" | "40001" | "40P01"
    ) || ["08", "53", "57", "58"]
        .iter()
        .any(|class| code.len() == 5 && code.starts_with(class))
}

/// SQLite: another process holds the file (SQLITE_BUSY, _LOCKED and their extended codes).
pub(super) fn is_busy(error: &DbErr) -> bool {
    let code = driver_code(error).and_then(|code| code.parse::<u32>().ok());
    // The low byte is the primary code.
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

fn driver_code(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))
    | DbErr::Conn(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    cause
        .as_database_error()?
        .code()
        .map(|code| code.into_owned())
}

fn is_connection(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            matches!(
                cause.as_ref(),
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::Protocol(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            )
        }
        _ => false,
    }
}

/// A sealed cell that does not open is a corrupt row.
pub(crate) fn unsealable(
    table: &'static str,
    id: impl ToString,
) -> impl FnOnce(SealError) -> StoreError {
    move |_| StoreError::Corrupt {
        table,
        id: id.to_string(),
    }
}
