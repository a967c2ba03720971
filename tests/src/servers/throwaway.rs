//! Child servers that cannot outlive the test process, however it ends.
//!
//! A small shell starts the server and then reads from a pipe that only the test process holds
//! open. When the pipe closes (drop, exit, crash, kill -9), the shell ends the server by its id and
//! removes its folder.

use std::{
    io::Write,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex, PoisonError},
};

use crate::eventually::eventually_blocking;

/// A running server with a folder of its own.
#[derive(Debug)]
pub struct Throwaway {
    shell: Child,
    pub folder: PathBuf,
}

const KEEPER: &str = r#"
folder=$1; shift
"$@" >"$folder/log" 2>&1 &
server=$!
echo $server > "$folder/pid"
cat >/dev/null
kill -TERM $server 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 $server 2>/dev/null || break; sleep 0.2; done
kill -KILL $server 2>/dev/null
rm -rf "$folder"
"#;

impl Throwaway {
    /// Starts `command` with `folder` as its place; the folder is removed with it.
    pub fn start(folder: PathBuf, command: &[String]) -> Self {
        let shell = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&folder)
            .args(command)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell starts");
        Self { shell, folder }
    }

    /// The server's own process id, for stopping or freezing it in a test.
    pub fn pid(&self) -> u32 {
        eventually_blocking("the server wrote its process id", || {
            std::fs::read_to_string(self.folder.join("pid"))
                .ok()?
                .trim()
                .parse()
                .ok()
        })
    }

    /// What the server printed, for a failing test to show.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// A loopback port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

/// A new folder under the system's temporary one, readable by other users (PostgreSQL does not run
/// as root). It is removed when this process is gone, however that ended.
pub fn fresh_folder(name: &str) -> PathBuf {
    let folder = tempfile::Builder::new()
        .prefix(&format!("niangjia-{name}-"))
        .tempdir()
        .expect("a folder")
        .keep();
    tidy_up_later(&folder);
    folder
}

/// Reads names of folders from a pipe that only the test process holds open. When it closes,
/// removes them, once more after a moment, for servers that are still ending.
const TIDIER: &str = r#"
folders=$(cat)
for pause in 0 3; do
  sleep $pause
  echo "$folders" | while IFS= read -r folder; do [ -n "$folder" ] && rm -rf "$folder"; done
done
"#;

fn tidy_up_later(folder: &Path) {
    static SHELL: LazyLock<Mutex<Child>> = LazyLock::new(|| {
        let mut command = Command::new("sh");
        command
            .args(["-c", TIDIER])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Mutex::new(command.spawn().expect("a shell starts"))
    });
    let mut shell = SHELL.lock().unwrap_or_else(PoisonError::into_inner);
    let pipe = shell.stdin.as_mut().expect("a pipe");
    writeln!(pipe, "{}", folder.display()).expect("the shell listens");
}
