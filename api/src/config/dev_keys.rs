//! The dev profile's keys: made at the first start and kept in the data folder, so that a restart
//! can read its data.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use niangjia_domain::kernel::{Random, ports::random};

use super::Sources;

const FILE: &str = "dev-keys.toml";

pub(super) struct DevKeys(PathBuf);

impl DevKeys {
    /// Of several processes that start at once one makes the file; the others read it.
    pub(super) fn read_or_make(data_dir: &Path, random: &dyn Random) -> io::Result<Self> {
        let path = data_dir.join(FILE);
        if !path.exists() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(data_dir)?;
            make(&path, random)?;
        }
        Ok(Self(path))
    }

    /// The keys, under whatever is configured.
    pub(super) fn under(&self, sources: &Sources) -> Sources {
        sources.with_fallback(&self.0)
    }
}

/// Written aside and linked into place: whoever sees the file sees all of it.
fn make(path: &Path, random: &dyn Random) -> io::Result<()> {
    let aside = path.with_extension(format!("{}.new", hex::encode(random::bytes::<8>(random))));
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&aside)?;
    file.write_all(text(random).as_bytes())?;
    file.sync_all()?;
    let linked = match fs::hard_link(&aside, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    fs::remove_file(&aside)?;
    linked
}

fn text(random: &dyn Random) -> String {
    let key = || STANDARD.encode(random::bytes::<32>(random));
    format!(
        "# Keys of the dev profile, made at its first start. Without them its data cannot be read. Not for production.\n\
         [keys]\ncurrent = 1\nindex = \"{}\"\ntoken_current = \"dev\"\ncodes = \"{}\"\n\n\
         [keys.masters]\n1 = \"{}\"\n\n[keys.tokens]\ndev = \"{}\"\n",
        key(),
        key(),
        key(),
        key()
    )
}
