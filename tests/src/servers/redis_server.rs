//! A throwaway `redis-server`: free port, folders of its own, no persistence unless a test asks for
//! a snapshot. It can be killed, restarted on the same port, frozen and thawed.

use std::{net::TcpStream, process::Command};

use tempfile::TempDir;

use crate::{
    eventually::eventually_blocking,
    servers::throwaway::{Throwaway, free_port, fresh_folder},
};

/// A Redis of the test's own.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    /// Outlives a restart, so that a snapshot is loaded again.
    data: TempDir,
    server: Option<Throwaway>,
}

impl RedisServer {
    /// A running server. Where `redis-server` is not installed the test fails; it does not skip.
    pub fn start() -> Self {
        let mut server = Self::stopped();
        server.restart();
        server
    }

    /// A place where a server may be started later.
    pub fn stopped() -> Self {
        Self {
            port: free_port(),
            data: tempfile::tempdir().expect("a folder"),
            server: None,
        }
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    /// Starts it (again) on its port and waits until it answers.
    pub fn restart(&mut self) {
        self.kill();
        let port = self.port.to_string();
        let data = self.data.path().display().to_string();
        let command = [
            "redis-server",
            "--bind",
            "127.0.0.1",
            "--port",
            &port,
            "--save",
            "",
            "--dir",
            &data,
        ];
        let server = Throwaway::start(fresh_folder("redis"), &command.map(str::to_owned));
        eventually_blocking(
            "redis-server answers (Debian: apt-get install redis-server)",
            || TcpStream::connect(("127.0.0.1", self.port)).ok(),
        );
        self.server = Some(server);
    }

    /// As `kill -9`.
    pub fn kill(&mut self) {
        if let Some(server) = self.server.take() {
            signal(&server, "-KILL");
        }
    }

    /// It keeps its connections and answers nothing.
    pub fn freeze(&self) {
        signal(self.server.as_ref().expect("the server runs"), "-STOP");
    }

    pub fn thaw(&self) {
        signal(self.server.as_ref().expect("the server runs"), "-CONT");
    }

    /// A connection beside the adapters', to look at what they did.
    pub fn client(&self) -> redis::Connection {
        redis::Client::open(self.url())
            .and_then(|client| client.get_connection())
            .expect("a connection")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn signal(server: &Throwaway, signal: &str) {
    let status = Command::new("kill")
        .args([signal, &server.pid().to_string()])
        .status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "redis-server had gone by itself: {}",
        server.log()
    );
}
