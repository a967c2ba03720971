//! Flags that every command takes; they win over everything else.

use std::path::PathBuf;

use clap::Args;

use crate::config::Inputs;

#[derive(Debug, Args)]
pub(super) struct Flags {
    /// Configuration file; by default NIANGJIA_CONFIG, or niangjia.toml if there
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// dev or production
    #[arg(long, global = true)]
    profile: Option<String>,
    /// Folder of the default database and the local object store
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// Address and port
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Others on this machine can read flags: a URL with a password belongs into
    /// NIANGJIA_DATABASE_URL
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// The same goes for NIANGJIA_REDIS_URL
    #[arg(long, global = true, value_name = "URL")]
    redis_url: Option<String>,
}

impl Flags {
    pub(super) fn into_inputs(self) -> Inputs {
        let flags = [
            ("profile", self.profile),
            ("data_dir", self.data_dir),
            ("http.listen", self.listen),
            ("database.url", self.database_url),
            ("redis.url", self.redis_url),
        ];
        let given = flags
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)));
        Inputs::of_process(self.config, given.collect())
    }
}
