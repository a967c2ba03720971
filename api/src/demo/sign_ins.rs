//! How to sign in to the demo: printed, and the password kept beside the data for `make tour`.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use niangjia_domain::kernel::{Random, ports::random};
use secrecy::{ExposeSecret, SecretString};

use crate::config::DemoConfig;

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("demo-password")
}

/// The configured password, the one kept by a start that did not finish, or a new random one; kept
/// in a file that only its owner reads.
pub(super) fn password(
    demo: &DemoConfig,
    data_dir: &Path,
    random: &dyn Random,
) -> io::Result<SecretString> {
    let password = demo.password.clone().or_else(|| kept(data_dir));
    let password = password.unwrap_or_else(|| hex::encode(random::bytes::<8>(random)).into());
    fs::create_dir_all(data_dir)?;
    let mut options = OpenOptions::new();
    let mut kept = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file(data_dir))?;
    writeln!(kept, "{}", password.expose_secret())?;
    Ok(password)
}

/// What an earlier start said, while its password file is there.
pub(super) fn recall(data_dir: &Path) -> Option<String> {
    Some(text(&kept(data_dir)?, data_dir))
}

fn kept(data_dir: &Path) -> Option<SecretString> {
    let text = fs::read_to_string(file(data_dir)).ok()?;
    Some(text.trim())
        .filter(|password| !password.is_empty())
        .map(Into::into)
}

pub(super) fn text(password: &SecretString, data_dir: &Path) -> String {
    format!(
        "Sign in with a WeChat code:  dev:worker-1  dev:worker-2  dev:donor-1  dev:staff-1\n\
         Sign in to the back office:  admin  cadre  checker   password {}\n\
         (the password is also in {})",
        password.expose_secret(),
        file(data_dir).display()
    )
}
