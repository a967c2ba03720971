//! `niangjia admin create`. The password comes from `NIANGJIA_ADMIN_PASSWORD` or from standard
//! input, never from a flag, which everybody on the machine could read.

use std::{
    io::{self, IsTerminal, Write},
    process::{Command, ExitCode},
};

use clap::Subcommand;
use niangjia_domain::kernel::Grant;
use secrecy::SecretString;

use super::{Failure, offline, terminal::say};
use crate::config::{ADMIN_PASSWORD_VARIABLE, Config};

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make a back-office account that may do everything
    Create {
        #[arg(long)]
        username: String,
    },
}

pub(super) async fn run(
    Admin::Create { username }: Admin,
    config: &Config,
) -> Result<ExitCode, Failure> {
    let password = password()?;
    let services = offline(config).await?;
    let id = services
        .identity
        .create_back_office_account(&username, password, &[Grant::Admin])
        .await?;
    say(format_args!("{id} signs in as {username}"))?;
    Ok(ExitCode::SUCCESS)
}

fn password() -> Result<SecretString, Failure> {
    if let Ok(password) = std::env::var(ADMIN_PASSWORD_VARIABLE) {
        return Ok(password.into());
    }
    if !io::stdin().is_terminal() {
        return line();
    }
    write!(io::stderr(), "Password: ")?;
    // Where there is no stty the password shows, which is better than no administrator.
    let hidden = Command::new("stty")
        .arg("-echo")
        .status()
        .is_ok_and(|status| status.success());
    let password = line();
    if hidden {
        Command::new("stty").arg("echo").status()?;
        writeln!(io::stderr())?;
    }
    password
}

fn line() -> Result<SecretString, Failure> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).into())
}
