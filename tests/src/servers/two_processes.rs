//! Two API processes on one PostgreSQL database, with demo data.

use std::path::PathBuf;

use super::{
    database::{Kind, TestDatabase},
    process::Process,
    throwaway::fresh_folder,
};

/// Two API processes on one PostgreSQL database, with demo data.
#[derive(Debug)]
pub struct TwoProcesses {
    pub one: Process,
    pub two: Process,
    pub database: TestDatabase,
    pub folder: PathBuf,
}

impl TwoProcesses {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    pub async fn start_with(settings: &[(&'static str, String)]) -> Self {
        let database = TestDatabase::new(Kind::Postgres).await;
        let folder = fresh_folder("processes");
        let mut settings = settings.to_vec();
        settings.push(("NIANGJIA_DATABASE_URL", database.url.clone()));
        let place = folder.clone();
        // The first one seeds; the second finds everything there.
        let start = move || {
            (
                Process::start(&place, &settings),
                Process::start(&place, &settings),
            )
        };
        let (one, two) = tokio::task::spawn_blocking(start)
            .await
            .expect("both start");
        Self {
            one,
            two,
            database,
            folder,
        }
    }
}

impl Drop for TwoProcesses {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
