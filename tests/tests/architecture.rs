//! The house's arrows and sizes: `api → domain ← infra`, pure rules, small rooms, licences, files
//! kept in step.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Rust sources below a folder, with paths relative to the top.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                let name = path.strip_prefix(root()).unwrap().display().to_string();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has sources");
    found
}

/// Without the tests at the end of a file.
fn shipped(text: &str) -> Vec<&str> {
    text.lines()
        .take_while(|line| !line.contains("#[cfg(test)]"))
        .collect()
}

fn metadata() -> Value {
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

fn dependencies(metadata: &Value, package: &str) -> BTreeSet<String> {
    let package = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == package)
        .unwrap();
    let normal = package["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["kind"].is_null());
    normal
        .map(|one| one["name"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn dependencies_point_inwards() {
    let metadata = metadata();
    let ours = |package| -> Vec<String> {
        dependencies(&metadata, package)
            .into_iter()
            .filter(|name| name.starts_with("niangjia-"))
            .collect()
    };
    assert_eq!(ours("niangjia-domain"), Vec::<String>::new());
    assert_eq!(ours("niangjia-migrations"), Vec::<String>::new());
    assert_eq!(
        ours("niangjia-infra"),
        ["niangjia-domain", "niangjia-migrations"]
    );
    assert_eq!(ours("niangjia-api"), ["niangjia-domain", "niangjia-infra"]);
}

#[test]
fn the_domain_knows_no_framework() {
    let outside = [
        "actix-web",
        "sea-orm",
        "sea-orm-migration",
        "sqlx",
        "redis",
        "reqwest",
        "tokio",
        "jsonwebtoken",
        "rand",
        "aliyun-oss-rust-sdk",
        "image",
        "utoipa",
        "tracing",
    ];
    let known = dependencies(&metadata(), "niangjia-domain");
    let found: Vec<_> = outside
        .iter()
        .filter(|name| known.contains(**name))
        .collect();
    assert!(found.is_empty(), "domain depends on {found:?}");
}

#[test]
fn handlers_never_open_transactions_and_repositories_never_end_them() {
    for (name, text) in sources("api/src") {
        let allowed = name.contains("/doctor/") || name.contains("/cli/");
        assert!(
            allowed || !text.contains(".begin().await"),
            "{name} opens a transaction"
        );
    }
    for (name, text) in sources("infra/src/sql") {
        let owns = ["store.rs", "migrate.rs", "inspect.rs"]
            .iter()
            .any(|file| name.ends_with(file));
        assert!(
            owns || !text.contains(".commit()"),
            "{name} ends a transaction"
        );
    }
}

#[test]
fn entities_stay_in_their_room() {
    for folder in ["api/src", "domain/src"] {
        for (name, text) in sources(folder) {
            assert!(!text.contains("sea_orm::"), "{name} knows the ORM");
        }
    }
}

#[test]
fn rooms_stay_small() {
    let mut sizes = Vec::new();
    for folder in ["domain/src", "infra/src", "api/src", "migrations/src"] {
        for (name, text) in sources(folder) {
            let lines = shipped(&text).len();
            assert!(
                lines <= 250,
                "{name} has {lines} lines: it has two subjects"
            );
            sizes.push(lines);
        }
    }
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(median <= 100, "the median file has {median} lines");
}

#[test]
fn no_room_is_named_after_nothing() {
    for folder in [
        "domain/src",
        "infra/src",
        "api/src",
        "migrations/src",
        "tests/src",
    ] {
        for (name, _) in sources(folder) {
            let parts: Vec<_> = Path::new(&name)
                .components()
                .map(|part| part.as_os_str().to_string_lossy())
                .collect();
            for banned in [
                "utils", "util", "helpers", "helper", "common", "misc", "manager",
            ] {
                let found = parts
                    .iter()
                    .any(|part| part.as_ref() == banned || part.as_ref() == format!("{banned}.rs"));
                assert!(!found, "{name}");
            }
        }
    }
}

#[test]
fn every_error_table_is_exhaustive() {
    for (name, text) in sources("api/src/http/problem") {
        let catch_all = shipped(&text)
            .iter()
            .any(|line| line.trim_start().starts_with("_ =>"));
        assert!(!catch_all, "{name} has a catch-all arm");
    }
}

#[test]
fn licences_are_compatible() {
    let policy = fs::read_to_string(root().join("deny.toml")).unwrap();
    let list = policy
        .split("allow = [")
        .nth(1)
        .unwrap()
        .split(']')
        .next()
        .unwrap();
    let allowed: BTreeSet<_> = list.split('"').skip(1).step_by(2).collect();
    let fits = |expression: &str| {
        let clean = expression.replace(['(', ')'], " ").replace('/', " OR ");
        clean
            .split(" AND ")
            .all(|part| part.split(" OR ").any(|one| allowed.contains(one.trim())))
    };
    for package in metadata()["packages"].as_array().unwrap() {
        let (name, licence) = (
            package["name"].as_str().unwrap(),
            package["license"].as_str(),
        );
        assert!(licence.is_some_and(fits), "{name}: {licence:?}");
        assert_ne!(name, "actix-governor", "GPL");
    }
}

#[test]
fn the_committed_openapi_document_is_the_code_s() {
    let committed = fs::read_to_string(root().join("api/openapi.json")).unwrap();
    let committed: Value = serde_json::from_str(&committed).unwrap();
    assert!(
        committed == niangjia_api::http::openapi::document(),
        "api/openapi.json is stale: run `make openapi`"
    );
}
