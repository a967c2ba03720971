//! `niangjia`: one binary for the server and its command line.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Two TLS providers are in the dependency graph; the choice must be made before anybody opens a
    // connection. The only error is that somebody chose before.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    niangjia_api::cli::run()
}
