//! Wrong tries, counted by one statement each, so that none is lost among parallel ones. They are
//! kept by a blind index of what was typed: unknown names count like known ones, and nothing typed
//! by mistake is stored.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::{
        Username,
        sessions::credential::{FAILURE_WINDOW, Failure, LOCK, MAX_FAILURES},
    },
    store::StoreError,
};
use sea_orm::{ConnectionTrait, Statement, Value};

use crate::sql::db::{error::store_error, rows::corrupt, store::SqlTx};

/// The row's count has run out: its lock has ended, or its window has.
const STALE: &str = "((sign_in_failures.locked_until IS NOT NULL AND sign_in_failures.locked_until <= $2) \
     OR (sign_in_failures.locked_until IS NULL AND sign_in_failures.since <= $3))";

impl SqlTx {
    pub(crate) async fn count_failure(
        &self,
        username: &Username,
        now: DateTime<Utc>,
    ) -> Result<Failure, StoreError> {
        let sql = format!(
            "INSERT INTO sign_in_failures (username_index, failures, since) VALUES ($1, 1, $2) \
             ON CONFLICT (username_index) DO UPDATE SET \
               failures = CASE WHEN {STALE} THEN 1 ELSE sign_in_failures.failures + 1 END, \
               since = CASE WHEN {STALE} THEN $2 ELSE sign_in_failures.since END, \
               locked_until = CASE WHEN {STALE} THEN NULL \
                 WHEN sign_in_failures.failures + 1 = {MAX_FAILURES} THEN $4 \
                 ELSE sign_in_failures.locked_until END \
             RETURNING failures, locked_until"
        );
        let values = [
            self.username_index(username),
            now.into(),
            (now - FAILURE_WINDOW).into(),
            (now + LOCK).into(),
        ];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        let row = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        let row = row.ok_or_else(|| corrupt("sign_in_failures", "returning"))?;
        let count: i32 = row.try_get("", "failures").map_err(store_error)?;
        Ok(Failure {
            count: u32::try_from(count).map_err(|_| corrupt("sign_in_failures", count))?,
            locked_until: row.try_get("", "locked_until").map_err(store_error)?,
        })
    }

    pub(crate) async fn lock_of(
        &self,
        username: &Username,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "SELECT locked_until FROM sign_in_failures WHERE username_index = $1 AND locked_until > $2",
            [self.username_index(username), now.into()],
        );
        let row = self
            .db()
            .query_one_raw(statement)
            .await
            .map_err(store_error)?;
        row.map(|row| row.try_get("", "locked_until").map_err(store_error))
            .transpose()
    }

    pub(crate) async fn forget_failures(
        &self,
        username: &Username,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let statement = Statement::from_sql_and_values(
            self.backend(),
            "DELETE FROM sign_in_failures WHERE username_index = $1 \
             AND (locked_until IS NULL OR locked_until <= $2)",
            [self.username_index(username), now.into()],
        );
        self.db()
            .execute_raw(statement)
            .await
            .map_err(store_error)?;
        Ok(())
    }

    pub(crate) async fn sweep_failures(
        &self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError> {
        let sql = "DELETE FROM sign_in_failures WHERE username_index IN (\
                   SELECT username_index FROM sign_in_failures \
                   WHERE since <= $1 AND (locked_until IS NULL OR locked_until <= $2) \
                   ORDER BY since LIMIT {limit})";
        self.remove(sql, [(now - FAILURE_WINDOW).into(), now.into()], limit)
            .await
    }

    fn username_index(&self, username: &Username) -> Value {
        self.cipher
            .blind_index("sign_in_failures.username", username.as_str())
            .into()
    }
}
