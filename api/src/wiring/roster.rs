//! The roster file that the configuration names.

use std::{error::Error, fs::File, path::Path};

use niangjia_infra::seed;

use super::Services;

/// Imports the file; a broken row refuses all of it, by number and field.
pub async fn import_roster(
    services: &Services,
    file: &Path,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let entries = seed::roster(File::open(file)?)?;
    let report = services
        .membership
        .import_roster("roster file", &entries)
        .await?;
    if let Some(refused) = report.refused.first() {
        let fields: Vec<_> = refused
            .errors
            .iter()
            .map(|error| error.field.as_str())
            .collect();
        let rows = report.refused.len();
        return Err(format!(
            "{rows} rows refused; the first is row {}: {}",
            refused.row,
            fields.join(", ")
        )
        .into());
    }
    tracing::info!(
        added = report.added,
        known = report.known,
        "roster imported"
    );
    Ok(())
}
