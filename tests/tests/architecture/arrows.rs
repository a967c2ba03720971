//! `api → domain ← infra`: who may depend on whom, who ends a transaction, who knows the ORM.

use std::collections::BTreeSet;

use crate::{
    house::{text, within},
    metadata::{dependencies, metadata},
};

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
    for source in within("api/src") {
        let name = &source.name;
        let allowed = name.contains("/doctor/") || name.contains("/cli/");
        assert!(
            allowed || !source.text.contains(".begin().await"),
            "{name} opens a transaction"
        );
    }
    for source in within("infra/src/sql") {
        let owns = ["store", "migrate", "inspect"].contains(&source.stem());
        assert!(
            owns || !source.text.contains(".commit()"),
            "{} ends a transaction",
            source.name
        );
    }
}

/// Money moves through the engine's port, or not at all.
#[test]
fn only_the_ledger_writes_the_ledger() {
    let writers: BTreeSet<_> = within("infra/src")
        .filter(|source| writes_the_ledger(&source.text))
        .map(|source| source.name.as_str())
        .collect();
    let inside = |name: &&&str| name.starts_with("infra/src/sql/ledger/");
    let outside: Vec<_> = writers.iter().filter(|name| !inside(name)).collect();
    assert!(outside.is_empty(), "{outside:?} write the ledger's tables");
    assert!(writers.iter().any(|name| inside(&name)), "the engine does");
    assert!(
        text("infra/src/sql/ledger/mod.rs").contains("\nmod entity;"),
        "nobody else sees its entities"
    );
}

fn writes_the_ledger(text: &str) -> bool {
    let words: Vec<_> = text
        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    words.windows(3).any(|words| match words {
        ["UPDATE", table, _] | ["INSERT", "INTO", table] | ["DELETE", "FROM", table] => {
            table.starts_with("ledger_")
        }
        _ => false,
    })
}

#[test]
fn entities_stay_in_their_room() {
    for source in within("api/src").chain(within("domain/src")) {
        let name = &source.name;
        assert!(!source.text.contains("sea_orm::"), "{name} knows the ORM");
    }
}
