//! Opening the store that the configuration names.

use std::{error::Error, fs, os::unix::fs::DirBuilderExt, path::Path, sync::Arc};

use niangjia_infra::{
    crypto::FieldCipher,
    sql::{SqlStore, connect},
    system::SystemRandom,
};

use crate::config::Config;

/// PostgreSQL may still be away: it is asked only when something is wanted from it. A SQLite file
/// is made here.
pub async fn open_store(config: &Config) -> Result<SqlStore, Box<dyn Error + Send + Sync>> {
    if let Some(folder) = config
        .database
        .sqlite_file()
        .as_deref()
        .and_then(Path::parent)
    {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let cipher = FieldCipher::new(config.keys.ring(), Arc::new(SystemRandom))?;
    let (write, read) = connect(&config.database.settings()).await?;
    Ok(SqlStore::new(write, read, cipher))
}
