//! A throwaway PostgreSQL, one per test process, started on first use. PostgreSQL refuses to run as
//! root, so root runs it as the `postgres` user that its package makes.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crate::{
    eventually::eventually_blocking,
    servers::throwaway::{Throwaway, free_port, fresh_folder},
};

/// A running PostgreSQL server.
#[derive(Debug)]
pub struct Postgres {
    server: Throwaway,
    port: u16,
}

impl Postgres {
    /// The one that tests of this process share; each makes databases of its own in it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// One of its own, for tests that stop it. It may lose what it acknowledged when the power
    /// goes: tests end first.
    pub fn start() -> Self {
        Self::start_with(&["fsync=off"])
    }

    /// One of its own with further settings; without any it keeps what it acknowledged, as in
    /// production.
    pub fn start_with(settings: &[&str]) -> Self {
        let programs = programs();
        let folder = fresh_folder("postgres");
        let data = folder.join("data");
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(&folder));
        }
        let initdb = program(&programs, "initdb");
        run(Command::new(&initdb[0])
            .args(&initdb[1..])
            .arg("-D")
            .arg(&data)
            .args([
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ]));
        let port = free_port();
        let mut command = program(&programs, "postgres");
        command.extend([
            "-D".into(),
            data.display().to_string(),
            "-p".into(),
            port.to_string(),
        ]);
        command.extend(["-k".into(), folder.display().to_string()]);
        let common = [
            "listen_addresses=127.0.0.1",
            "max_connections=300",
            "log_min_messages=error",
        ];
        for setting in common.iter().chain(settings) {
            command.extend(["-c".into(), (*setting).into()]);
        }
        let server = Throwaway::start(folder, &command);
        let postgres = Self { server, port };
        eventually_blocking("PostgreSQL answers", || postgres.answers().then_some(()));
        postgres
    }

    /// `postgres://…/name`
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    pub fn pid(&self) -> u32 {
        self.server.pid()
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    fn answers(&self) -> bool {
        Command::new(self.programs_ready())
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-q"])
            .status()
            .is_ok_and(|status| status.success())
    }

    fn programs_ready(&self) -> PathBuf {
        programs().join("pg_isready")
    }
}

/// Where the newest installed server's programs are.
pub fn programs() -> PathBuf {
    let mut versions: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| entry.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    versions.retain(|folder: &PathBuf| folder.join("initdb").exists());
    versions.sort();
    versions
        .pop()
        .expect("PostgreSQL 15 or newer is installed (Debian: apt-get install postgresql)")
}

fn program(programs: &Path, name: &str) -> Vec<String> {
    let path = programs.join(name).display().to_string();
    if is_root() {
        [
            "setpriv",
            "--reuid=postgres",
            "--regid=postgres",
            "--clear-groups",
        ]
        .map(str::to_owned)
        .into_iter()
        .chain([path])
        .collect()
    } else {
        vec![path]
    }
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program starts");
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
