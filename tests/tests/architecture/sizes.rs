//! A file has one subject, a function one thought, a folder one page of names.

use std::collections::BTreeMap;

use crate::house::{HOUSE, shipped, text};

const MOST_LINES: usize = 250;
const MEDIAN_LINES: usize = 100;
const MOST_FILES: usize = 15;

#[test]
fn files_stay_small() {
    let long: Vec<_> = shipped()
        .map(|source| (source.shipped().count(), &source.name))
        .filter(|(lines, _)| *lines > MOST_LINES)
        .collect();
    assert!(long.is_empty(), "these have two subjects: {long:#?}");
    let mut sizes: Vec<_> = shipped()
        .filter(|source| !source.is_for_tests())
        .map(|source| source.shipped().count())
        .collect();
    sizes.sort_unstable();
    let median = sizes[sizes.len() / 2];
    assert!(median < MEDIAN_LINES, "the median file has {median} lines");
}

#[test]
fn folders_stay_small() {
    let mut folders: BTreeMap<&str, usize> = BTreeMap::new();
    for source in HOUSE.iter() {
        *folders.entry(source.folder()).or_default() += 1;
    }
    folders.retain(|_, files| *files > MOST_FILES);
    assert!(folders.is_empty(), "these have two subjects: {folders:#?}");
}

/// Functions are measured by clippy; here only that it does, and that nobody is let off.
#[test]
fn functions_are_held_by_clippy() {
    assert!(text("Cargo.toml").contains("\ntoo_many_lines = \"deny\"\n"));
    assert!(text("clippy.toml").contains("\ntoo-many-lines-threshold = 60\n"));
    let exemption = ["clippy", "too_many_lines"].join("::");
    let exempt: Vec<_> = HOUSE
        .iter()
        .filter(|source| source.text.contains(&exemption))
        .map(|source| &source.name)
        .collect();
    assert!(exempt.is_empty(), "{exempt:?}");
}
