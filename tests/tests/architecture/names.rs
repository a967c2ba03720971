//! Names say what a thing is; headers say something or are left out.

use std::collections::BTreeMap;

use crate::house::{HOUSE, Source};

/// Names that say nothing about what is inside.
const NOTHING: [&str; 7] = [
    "utils", "util", "helpers", "helper", "common", "misc", "manager",
];

/// A short header that ends like this repeats what the file's name and folder say.
const EMPTY_ENDINGS: [&str; 3] = ["on the wire.", "over HTTP.", "needs from outside."];
const FEWEST_WORDS: usize = 4;
const SHORT: usize = 6;

#[test]
fn no_room_is_named_after_nothing() {
    for source in HOUSE.iter() {
        let mut parts = source.name.split(['/', '.']);
        let nothing = parts.find(|part| NOTHING.contains(part));
        assert!(nothing.is_none(), "{}", source.name);
    }
}

/// Numbered steps of the schema are one list, and stay where they are once released.
fn is_step(source: &Source) -> bool {
    source.folder().starts_with("migrations/src")
}

#[test]
fn a_prefix_shared_by_three_files_is_a_folder() {
    let mut prefixes: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for source in HOUSE.iter() {
        let apart = source.is_for_tests() || is_step(source);
        if let Some((prefix, _)) = source.stem().split_once('_').filter(|_| !apart) {
            let shared = prefixes.entry((source.folder(), prefix)).or_default();
            shared.push(source.stem());
        }
    }
    prefixes.retain(|_, files| files.len() >= 3);
    assert!(prefixes.is_empty(), "folders in disguise: {prefixes:#?}");
}

fn header(source: &Source) -> Option<String> {
    let lines: Vec<_> = source
        .text
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .collect();
    Some(lines.join(" ")).filter(|header| !header.is_empty())
}

/// A name in backticks (a command, a method of WeChat's) is worth saying alone.
fn says_nothing(header: &str) -> bool {
    let words = header.split_whitespace().count();
    let repeats = EMPTY_ENDINGS.iter().any(|ending| header.ends_with(ending));
    !header.contains('`') && (words < FEWEST_WORDS || (repeats && words <= SHORT))
}

#[test]
fn headers_say_something() {
    assert!(says_nothing("What comes in."));
    assert!(says_nothing("Shapes on the wire."));
    assert!(!says_nothing("`niangjia reconcile`"));
    assert!(!says_nothing("A clock that only tests move."));
    let empty: Vec<_> = HOUSE
        .iter()
        .filter_map(|source| Some((&source.name, header(source)?)))
        .filter(|(_, header)| says_nothing(header))
        .map(|(name, header)| format!("{name}: {header}"))
        .collect();
    assert!(
        empty.is_empty(),
        "say it or leave it:\n{}",
        empty.join("\n")
    );
}
