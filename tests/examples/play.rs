//! What a person runs by hand from the harness, in one program, because each further one is linked
//! again: `play tour`, `play bench [S1,S2]`, `play oss-stand-in`.

use std::{
    io::{Read, Write},
    path::PathBuf,
    process::ExitCode,
};

use niangjia_tests::{bench, client, stand_ins::oss::OssStandIn, tour};

const USAGE: &str = "play tour            plays the main job against a running server
play bench [S1,S2]   measures the storms beside their references (release build)
play oss-stand-in    runs the OSS stand-in until standard input ends; prints its address";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["tour"] => play_tour(),
        ["bench"] => measure(None),
        ["bench", only] => measure(Some(only)),
        ["oss-stand-in"] => stand_in().map_err(|error| error.to_string()),
        [bench::BARE_SERVER] => bench::serve_bare().map_err(|error| error.to_string()),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => complain(&complaint),
    }
}

#[allow(clippy::print_stderr)]
fn complain(complaint: &str) -> ExitCode {
    eprintln!("{complaint}");
    ExitCode::FAILURE
}

/// Against the server that `cargo run` started, or the one that the environment names.
#[tokio::main]
async fn play_tour() -> Result<(), String> {
    let variable = |name| std::env::var(name).ok();
    let base = variable("NIANGJIA_TOUR_URL").unwrap_or_else(|| {
        let listen = variable("NIANGJIA_LISTEN").unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        format!("http://{listen}")
    });
    let password = password().ok_or(
        "Set NIANGJIA_DEMO_PASSWORD to what the server printed, or NIANGJIA_DATA_DIR to its data folder.",
    )?;
    if !client::is_up(&base).await {
        return Err(format!(
            "Nobody answers at {base}: start the server with `cargo run`, or set NIANGJIA_TOUR_URL."
        ));
    }
    let played = tour::play(&base, &password).await;
    played.map_err(|surprise| format!("\nA surprise: {surprise}"))
}

/// Where `cargo run` keeps its data, and the back office's password among it.
fn password() -> Option<String> {
    std::env::var("NIANGJIA_DEMO_PASSWORD").ok().or_else(|| {
        let folder = std::env::var("NIANGJIA_DATA_DIR").unwrap_or_else(|_| "data".to_owned());
        let text = std::fs::read_to_string(PathBuf::from(folder).join("demo-password")).ok()?;
        Some(text.trim().to_owned())
    })
}

#[tokio::main]
async fn measure(only: Option<&str>) -> Result<(), String> {
    let selection = bench::selection(only)?;
    if bench::run(&selection).await {
        Ok(())
    } else {
        Err("A figure is under its bar.".to_owned())
    }
}

/// For clients that are not Rust.
fn stand_in() -> std::io::Result<()> {
    let server = OssStandIn::start();
    let mut out = std::io::stdout();
    writeln!(out, "{}", server.endpoint)?;
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
