//! Statements over the scans of a window, at one station or at all, and spans of time in each
//! database's words.

use chrono::{Days, TimeDelta};
use niangjia_domain::{kernel::values::local_time, store::StoreError, vouchers::collusion::Window};
use sea_orm::{DbBackend, QueryResult, Value};

use crate::sql::db::store::SqlTx;

impl SqlTx {
    /// `{here}` becomes the condition that a scan was made at the window's station.
    pub(crate) async fn figures(
        &self,
        sql: &str,
        window: Window,
        more: impl IntoIterator<Item = Value> + Send,
    ) -> Result<Vec<QueryResult>, StoreError> {
        let mut values: Vec<Value> = [window.since.into(), window.until.into()]
            .into_iter()
            .chain(more)
            .collect();
        let here = window.station.map_or_else(String::new, |station| {
            // A meal's day is the scan's, or the one before; it is what the station's index knows.
            let first = local_time::date_of(window.since) - Days::new(1);
            let last = local_time::date_of(window.until);
            let n = values.len();
            values.extend([
                station.uuid().into(),
                first.to_string().into(),
                last.to_string().into(),
            ]);
            format!(
                " AND station_id = ${} AND day BETWEEN ${} AND ${}",
                n + 1,
                n + 2,
                n + 3
            )
        });
        self.rows(&sql.replace("{here}", &here), values).await
    }

    /// Seconds from one column to the other, in each database's words.
    pub(crate) fn seconds(&self, from: &str, to: &str) -> String {
        match self.backend() {
            DbBackend::Postgres => {
                format!("CAST(EXTRACT(EPOCH FROM {to} - {from}) AS double precision)")
            }
            _ => format!("((julianday({to}) - julianday({from})) * 86400.0)"),
        }
    }
}

/// As the databases compare them: SQLite's days are good to a millisecond.
pub(crate) fn whole_seconds(time: TimeDelta) -> Value {
    (time.num_seconds() as f64 + 0.001).into()
}
