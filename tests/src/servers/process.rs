//! The real binary as child processes: what users run, not a copy of it.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use crate::{
    client::Client,
    eventually::eventually_blocking,
    servers::binary::binary,
    servers::{
        database::{Kind, TestDatabase},
        throwaway::{free_port, fresh_folder},
    },
};

/// What demo users of test servers sign in with.
pub const PASSWORD: &str = "correct horse battery staple";

/// One API process. A guard ends it when the test process is gone, however that ended.
#[derive(Debug)]
pub struct Process {
    child: Child,
    guard: Child,
    pub base: String,
    log: PathBuf,
}

impl Process {
    /// Starts `niangjia serve` on a free port and waits until it is ready.
    pub fn start(data_folder: &Path, settings: &[(&str, String)]) -> Self {
        Self::start_binary(binary(), data_folder, settings)
    }

    /// The same with a binary that was built already.
    pub fn start_binary(binary: &Path, data_folder: &Path, settings: &[(&str, String)]) -> Self {
        let port = free_port();
        let log = data_folder.join(format!("process-{port}.log"));
        let file = File::create(&log).expect("a log file");
        let child = command(binary, data_folder, settings)
            .env("NIANGJIA_LISTEN", format!("127.0.0.1:{port}"))
            .env("NIANGJIA_DEMO_PASSWORD", PASSWORD)
            .stdout(file.try_clone().expect("a log file"))
            .stderr(file)
            .spawn()
            .expect("the binary starts");
        let guard = guard(child.id());
        let mut process = Self {
            child,
            guard,
            base: format!("http://127.0.0.1:{port}"),
            log,
        };
        eventually_blocking("the server is ready", || process.is_ready_or_panic(port));
        process
    }

    pub fn client(&self) -> Client {
        Client::new(&self.base)
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What the process printed.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) {
        self.child.kill().expect("the process is ours");
        self.child.wait().expect("the process ends");
    }

    /// SIGTERM; returns the exit code.
    pub fn terminate(&mut self) -> Option<i32> {
        self.ask_to_end();
        self.child.wait().ok()?.code()
    }

    /// SIGTERM, without waiting.
    pub fn ask_to_end(&self) {
        let _ = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
    }

    fn is_ready_or_panic(&mut self, port: u16) -> Option<()> {
        if let Ok(Some(status)) = self.child.try_wait() {
            panic!("the server ended with {status}: {}", self.log());
        }
        let answer = http_get(port, "/health/ready")?;
        answer.starts_with("HTTP/1.1 200").then_some(())
    }
}

/// The binary with these settings and no others.
pub fn command(binary: &Path, data_folder: &Path, settings: &[(&str, String)]) -> Command {
    let mut command = Command::new(binary);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("NIANGJIA_DATA_DIR", data_folder)
        .envs(settings.iter().map(|(name, value)| (*name, value.as_str())))
        .current_dir(data_folder)
        .stdin(Stdio::null());
    command
}

/// A shell that waits for the end of this test process and then ends `pid`.
fn guard(pid: u32) -> Child {
    Command::new("sh")
        .args([
            "-c",
            "cat >/dev/null; kill -KILL $0 2>/dev/null",
            &pid.to_string(),
        ])
        .stdin(Stdio::piped())
        .spawn()
        .expect("a shell starts")
}

impl Drop for Process {
    fn drop(&mut self) {
        // The guard goes first, so that it never ends a stranger who got the same number.
        let _ = self.guard.kill();
        let _ = self.guard.wait();
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Without an asynchronous runtime, because tests' runtimes may be busy waiting for this.
fn http_get(port: u16, path: &str) -> Option<String> {
    use std::io::{Read, Write};
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .set_read_timeout(Some(std::time::Duration::from_secs(5)))
        .ok()?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}

/// A process with demo data that all tests of this test process share.
pub async fn shared(kind: Kind) -> &'static Process {
    static SQLITE: tokio::sync::OnceCell<Process> = tokio::sync::OnceCell::const_new();
    static POSTGRES: tokio::sync::OnceCell<Process> = tokio::sync::OnceCell::const_new();
    let cell = match kind {
        Kind::Sqlite => &SQLITE,
        Kind::Postgres => &POSTGRES,
    };
    cell.get_or_init(|| async move {
        // Lives as long as the test process, like the folder and the database behind it.
        let database = TestDatabase::new(kind).await;
        let settings = [("NIANGJIA_DATABASE_URL", database.url.clone())];
        std::mem::forget(database);
        let start = move || Process::start(&fresh_folder("shared"), &settings);
        tokio::task::spawn_blocking(start).await.expect("it starts")
    })
    .await
}
