//! The reference: PostgreSQL's own load tool with a script beside `README.md` of `tests/benches`,
//! over the same tables.

use std::{path::Path, process::Command};

use crate::servers::postgres::programs;

/// How many clients the reference has.
pub(in crate::bench) const CLIENTS: u32 = 32;

/// Transactions a second, after checking that none failed.
pub(in crate::bench) fn run(
    port: u16,
    database: &str,
    script: &str,
    seconds: u32,
    variables: &[(&str, String)],
) -> f64 {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("benches")
        .join(script);
    let mut command = Command::new(programs().join("pgbench"));
    command.args([
        "-n",
        "-M",
        "prepared",
        "-j",
        "2",
        "-h",
        "127.0.0.1",
        "-U",
        "postgres",
    ]);
    command.args([
        "-c",
        &CLIENTS.to_string(),
        "-T",
        &seconds.to_string(),
        "-p",
        &port.to_string(),
    ]);
    for (name, value) in variables {
        command.args(["-D", &format!("{name}={value}")]);
    }
    let output = command
        .arg("-f")
        .arg(&file)
        .arg(database)
        .output()
        .expect("pgbench is installed with PostgreSQL");
    let text = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("failed transactions: 0 "),
        "{script}: {text}{complaints}"
    );
    rate(&text).unwrap_or_else(|| panic!("{script}: no rate in {text}"))
}

fn rate(text: &str) -> Option<f64> {
    text.lines()
        .find_map(|line| line.strip_prefix("tps = "))?
        .split(' ')
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_read_from_what_pgbench_prints() {
        assert_eq!(
            rate("latency average = 61 ms\ntps = 520.25 (without initial connection time)\n"),
            Some(520.25)
        );
        assert_eq!(rate("pgbench: error"), None);
    }
}
