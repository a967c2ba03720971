//! `make bench`: storms against the release binary, beside their references. `ONLY=S1,S2` chooses.

use std::process::ExitCode;

use niangjia_tests::bench;

#[allow(clippy::print_stderr)]
fn main() -> ExitCode {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some(bench::BARE_SERVER) {
        return if bench::serve_bare().is_ok() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        };
    }
    let selection = match bench::selection(argument.as_deref()) {
        Ok(selection) => selection,
        Err(unknown) => {
            eprintln!("{unknown}");
            return ExitCode::FAILURE;
        }
    };
    if measure(&selection) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[tokio::main]
async fn measure(selection: &std::collections::BTreeSet<&'static str>) -> bool {
    bench::run(selection).await
}
