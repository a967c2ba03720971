//! Migrating while the server already answers: liveness is green, readiness red.

use std::time::Duration;

use niangjia_domain::store::StoreError;
use niangjia_infra::sql::{self, SqlStore};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Brings the schema up to date, waiting for a database that is away or that another process is
/// migrating. Fails only where waiting would not help.
pub async fn migrate(store: &SqlStore) -> Result<(), StoreError> {
    let mut pause = FIRST_PAUSE;
    loop {
        match sql::migrate(store.writer()).await {
            Ok(applied) => {
                applied
                    .iter()
                    .for_each(|step| tracing::info!(%step, "migrated"));
                return Ok(());
            }
            Err(StoreError::Unavailable(cause) | StoreError::Locked { cause, .. }) => {
                tracing::warn!(%cause, retry_in_ms = pause.as_millis(), "the database does not answer yet");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(refused) => return Err(refused),
        }
    }
}
