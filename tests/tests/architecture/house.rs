//! The house as this suite reads it: every source file once, and which of its lines ship.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use crate::test_code::{self, TestCode};

/// What ships. The tests' package is read too, but has rules of its own.
pub const SHIPPED: [&str; 4] = ["domain/src", "infra/src", "api/src", "migrations/src"];

/// Every source file of the house, in the order of their names.
pub static HOUSE: LazyLock<Vec<Source>> = LazyLock::new(read_all);

pub struct Source {
    /// Relative to the top, with slashes.
    pub name: String,
    pub text: String,
    /// One for each line: it is compiled into tests only.
    for_tests: Vec<bool>,
}

impl Source {
    /// Lines that ship, with their numbers.
    pub fn shipped(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        let shipped = lines.filter(|(index, _)| !self.for_tests[*index]);
        shipped.map(|(index, line)| (index + 1, line))
    }

    pub fn ships(&self, line: usize) -> bool {
        !self.for_tests[line - 1]
    }

    /// Nothing of it ships.
    pub fn is_for_tests(&self) -> bool {
        self.shipped().next().is_none()
    }

    pub fn folder(&self) -> &str {
        self.name.rsplit_once('/').unwrap().0
    }

    /// The file's name without folder and ending.
    pub fn stem(&self) -> &str {
        let file = self.name.rsplit('/').next().unwrap();
        file.strip_suffix(".rs").unwrap()
    }

    pub fn syntax(&self) -> syn::File {
        syn::parse_file(&self.text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

/// The comment that ends a line, or is all of it. A `//` inside of text has no blank before it.
pub fn comment(line: &str) -> Option<&str> {
    if line.starts_with("//") {
        return Some(line);
    }
    line.find(" //").map(|start| &line[start..])
}

pub fn root() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap().to_owned()
}

/// A file of the house as text.
pub fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Sources below a folder.
pub fn within(folder: &str) -> impl Iterator<Item = &'static Source> {
    let folder = format!("{folder}/");
    let found = |source: &Source| source.name.starts_with(&folder);
    assert!(HOUSE.iter().any(found), "{folder} has sources");
    HOUSE
        .iter()
        .filter(move |source| source.name.starts_with(&folder))
}

pub fn shipped() -> impl Iterator<Item = &'static Source> {
    SHIPPED.into_iter().flat_map(within)
}

fn read_all() -> Vec<Source> {
    let mut sources = Vec::new();
    let mut only_tests = Vec::new();
    for folder in SHIPPED.into_iter().chain(["tests"]) {
        for path in rust_files(&root().join(folder)) {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().count();
            let mut source = Source {
                name,
                text,
                for_tests: vec![false; lines],
            };
            let TestCode { spans, modules } = test_code::find(&source.name, &source.syntax());
            for line in spans.into_iter().flatten() {
                source.for_tests[line - 1] = true;
            }
            only_tests.extend(modules);
            sources.push(source);
        }
    }
    for source in &mut sources {
        if test_code::belongs_to(&source.name, &only_tests) {
            source.for_tests.fill(true);
        }
    }
    sources.sort_by(|one, other| one.name.cmp(&other.name));
    sources
}

fn rust_files(top: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn what_ships_is_told_from_what_only_tests_see() {
    let mut apart = shipped().filter(|source| source.stem().ends_with("_tests"));
    assert!(
        apart.all(Source::is_for_tests),
        "declared under #[cfg(test)]"
    );
    let mut partly = shipped().filter(|source| source.text.contains("#[cfg(test)]\nmod tests {"));
    assert!(partly.all(|source| source.ships(1) && !source.ships(source.text.lines().count())));
}
