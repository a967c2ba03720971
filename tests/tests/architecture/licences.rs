//! Nothing in the house forbids giving it away under its own licence.

use std::collections::BTreeSet;

use crate::{house::text, metadata::metadata};

#[test]
fn licences_are_compatible() {
    let policy = text("deny.toml");
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
