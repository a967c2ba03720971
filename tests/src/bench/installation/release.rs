//! The release binary as server processes.

use std::path::{Path, PathBuf};

use super::keys::Keys;
use crate::servers::process::Process;

/// Settings of the servers that a run may try other values of.
const TRIED: [&str; 3] = [
    "NIANGJIA_DATABASE_MAX_CONNECTIONS",
    "NIANGJIA_WORKERS",
    "NIANGJIA_LOG_LEVEL",
];

/// What the servers of a run are set to.
pub(super) fn settings(url: &str, keys: &Keys) -> Vec<(&'static str, String)> {
    let mut settings = keys.settings();
    settings.push(("NIANGJIA_DATABASE_URL", url.to_owned()));
    // One address plays the part of twenty thousand phones.
    settings.push(("NIANGJIA_LIMITS_PER_IP_PER_MINUTE", "100000000".to_owned()));
    settings.push((
        "NIANGJIA_LIMITS_PER_ACCOUNT_PER_MINUTE",
        "1000000".to_owned(),
    ));
    let tried = TRIED
        .into_iter()
        .filter_map(|name| Some((name, std::env::var(name).ok()?)));
    settings.extend(tried);
    settings
}

/// `count` servers, ready.
pub(super) async fn start(
    folder: &Path,
    count: usize,
    settings: &[(&'static str, String)],
) -> Vec<Process> {
    let (folder, settings) = (folder.to_owned(), settings.to_vec());
    let start = move || {
        (0..count)
            .map(|_| Process::start_binary(&release_binary(), &folder, &settings))
            .collect()
    };
    tokio::task::spawn_blocking(start)
        .await
        .expect("the servers start")
}

/// Beside the folder in which cargo puts this example.
pub(super) fn release_binary() -> PathBuf {
    let here = std::env::current_exe().expect("this program has a place");
    let binary = here
        .parent()
        .and_then(|examples| examples.parent())
        .map(|target| target.join("niangjia"));
    binary
        .filter(|binary| binary.exists())
        .expect("`make bench` builds the server first")
}
