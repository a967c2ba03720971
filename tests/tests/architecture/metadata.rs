//! What Cargo says about the packages of the house and of others.

use std::{collections::BTreeSet, process::Command};

use serde_json::Value;

use crate::house::root;

pub fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--offline",
            "--locked",
            "--filter-platform=x86_64-unknown-linux-gnu",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a package is built with, tests and build scripts aside.
pub fn dependencies(metadata: &Value, package: &str) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|one| one["name"] == package).unwrap();
    let all = package["dependencies"].as_array().unwrap().iter();
    let normal = all.filter(|one| one["kind"].is_null());
    normal
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}
