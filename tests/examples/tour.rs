//! `make tour`: plays the main job against a running server.

use std::{path::PathBuf, process::ExitCode};

/// Where `cargo run` keeps its data, and the back office's password among it.
fn password() -> Option<String> {
    std::env::var("NIANGJIA_DEMO_PASSWORD").ok().or_else(|| {
        let folder = std::env::var("NIANGJIA_DATA_DIR").unwrap_or_else(|_| "data".to_owned());
        let text = std::fs::read_to_string(PathBuf::from(folder).join("demo-password")).ok()?;
        Some(text.trim().to_owned())
    })
}

#[tokio::main]
#[allow(clippy::print_stderr)]
async fn main() -> ExitCode {
    let base = std::env::var("NIANGJIA_TOUR_URL").unwrap_or_else(|_| {
        format!(
            "http://{}",
            std::env::var("NIANGJIA_LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".to_owned())
        )
    });
    let Some(password) = password() else {
        eprintln!(
            "Set NIANGJIA_DEMO_PASSWORD to what the server printed, or NIANGJIA_DATA_DIR to its data folder."
        );
        return ExitCode::FAILURE;
    };
    if !niangjia_tests::client::is_up(&base).await {
        eprintln!(
            "Nobody answers at {base}: start the server with `cargo run`, or set NIANGJIA_TOUR_URL."
        );
        return ExitCode::FAILURE;
    }
    match niangjia_tests::tour::play(&base, &password).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(surprise) => {
            eprintln!("\nA surprise: {surprise}");
            ExitCode::FAILURE
        }
    }
}
