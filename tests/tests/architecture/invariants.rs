//! `domain/INVARIANTS.md` defines every code that a comment cites, names what holds it, and names
//! tests that exist. A rule that is not built yet says so, and no comment may rest on it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use crate::house::{HOUSE, Source, comment, shipped, text};

static DOCUMENT: LazyLock<Vec<Entry>> = LazyLock::new(|| read(&text("domain/INVARIANTS.md")));

/// One `### V1 — …` of the document.
#[derive(Debug, Default)]
struct Entry {
    code: String,
    rule: String,
    held_by: Option<String>,
    shown_by: Option<String>,
    not_yet: Option<String>,
}

impl Entry {
    /// At least a part of the rule is enforced.
    const fn is_built(&self) -> bool {
        self.held_by.is_some()
    }
}

fn read(document: &str) -> Vec<Entry> {
    let sections = document.split("\n### ").skip(1);
    sections.map(entry).collect()
}

fn entry(section: &str) -> Entry {
    let section = section.split("\n## ").next().unwrap();
    let (heading, body) = section.split_once('\n').unwrap();
    let mut parts = body.split("\n- ");
    let mut entry = Entry {
        code: heading.split(' ').next().unwrap().to_owned(),
        rule: parts.next().unwrap().trim().to_owned(),
        ..Entry::default()
    };
    for part in parts {
        let (label, said) = part.split_once(':').unwrap_or((part, ""));
        let slot = match label {
            "Held by" => &mut entry.held_by,
            "Shown by" => &mut entry.shown_by,
            "Not yet" => &mut entry.not_yet,
            _ => panic!("{heading}: {label:?}"),
        };
        assert!(slot.is_none(), "{heading}: {label} twice");
        *slot = Some(said.trim().to_owned());
    }
    entry
}

/// What stands between backticks.
fn names(said: &str) -> impl Iterator<Item = &str> {
    said.split('`').skip(1).step_by(2)
}

/// Words of a comment that look like codes: a letter of a family and a number.
fn codes(comment: &str) -> impl Iterator<Item = &str> {
    let words = comment.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.filter(|word| {
        let mut letters = word.chars();
        let family = letters.next().is_some_and(|c| "RGMWVBSNATJP".contains(c));
        let number = letters.as_str();
        family && (1..=2).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Where V1 and V4 are ways to sign for Aliyun's store, and S1 a workload of the bench.
fn speaks_of_others(source: &Source) -> bool {
    let folders = [
        "infra/src/objects/",
        "tests/src/stand_ins/oss/",
        "tests/src/bench/",
    ];
    let bench = source.name == "tests/examples/play.rs";
    bench || folders.iter().any(|folder| source.name.starts_with(folder))
}

/// Codes in comments, with the places that cite them.
fn cited() -> BTreeMap<&'static str, Vec<String>> {
    let mut cited = BTreeMap::<_, Vec<_>>::new();
    let own = |source: &&Source| source.name.starts_with("tests/tests/architecture/");
    for source in HOUSE
        .iter()
        .filter(|source| !own(source) && !speaks_of_others(source))
    {
        for (index, line) in source.text.lines().enumerate() {
            for code in comment(line).into_iter().flat_map(codes) {
                let place = format!("{}:{}", source.name, index + 1);
                cited.entry(code).or_default().push(place);
            }
        }
    }
    cited
}

/// Functions under a test's attribute, also inside of macros.
fn tests() -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for source in HOUSE.iter() {
        let mut is_test = false;
        for line in source.text.lines().map(str::trim_start) {
            let marks = ["#[test]", "#[tokio::test", "#[rstest"];
            is_test |= marks.iter().any(|mark| line.starts_with(mark));
            let name = line.trim_start_matches("async ").strip_prefix("fn ");
            if let Some(name) = name.filter(|_| is_test) {
                found.insert(name.split(['(', '<']).next().unwrap());
                is_test = false;
            }
        }
    }
    found
}

#[test]
fn every_code_is_defined_once_and_whole() {
    let mut codes = BTreeSet::new();
    for entry in DOCUMENT.iter() {
        let code = &entry.code;
        assert!(codes.insert(code), "{code} is defined twice");
        assert!(entry.rule.len() > 20, "{code} has no rule");
        let built = (entry.held_by.is_some(), entry.shown_by.is_some());
        match built {
            (true, true) => {}
            (false, false) => assert!(entry.not_yet.is_some(), "{code} says nothing"),
            _ => panic!("{code}: what holds a rule is shown, and what is shown is held"),
        }
    }
}

#[test]
fn families_have_no_gaps() {
    let mut families: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for entry in DOCUMENT.iter() {
        let (family, number) = entry.code.split_at(1);
        let numbers = families.entry(family).or_default();
        numbers.insert(number.parse().unwrap());
    }
    for (family, numbers) in families {
        let whole: BTreeSet<_> = (1..=numbers.len()).collect();
        assert_eq!(numbers, whole, "{family}");
    }
}

#[test]
fn what_comments_cite_is_defined_and_built() {
    let built: BTreeMap<_, _> = DOCUMENT
        .iter()
        .map(|entry| (entry.code.as_str(), entry.is_built()))
        .collect();
    let cited = cited();
    assert!(cited.len() > 20, "comments are read: {}", cited.len());
    let wrong: Vec<_> = cited
        .iter()
        .filter_map(|(code, places)| match built.get(code) {
            Some(true) => None,
            Some(false) => Some(format!("{code} is not built yet: {}", places.join(", "))),
            None => Some(format!("{code} is not defined: {}", places.join(", "))),
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_rule_that_is_built_names_tests_that_exist() {
    let tests = tests();
    assert!(tests.len() > 500, "tests are found: {}", tests.len());
    let mut missing = Vec::new();
    for entry in DOCUMENT.iter().filter(|entry| entry.is_built()) {
        let shown: Vec<_> = entry.shown_by.iter().flat_map(|said| names(said)).collect();
        assert!(!shown.is_empty(), "{} names no test", entry.code);
        let gone = shown.into_iter().filter(|name| !tests.contains(name));
        missing.extend(gone.map(|name| format!("{}: {name}", entry.code)));
    }
    assert!(missing.is_empty(), "no such tests:\n{}", missing.join("\n"));
}

/// Tables, indexes, functions and fields.
#[test]
fn what_holds_a_rule_is_still_called_so() {
    let mut words = BTreeSet::new();
    for source in shipped() {
        for (_, line) in source.shipped() {
            words.extend(line.split(|c: char| !c.is_alphanumeric() && c != '_'));
        }
    }
    let mut missing = Vec::new();
    for entry in DOCUMENT.iter() {
        for name in entry.held_by.iter().flat_map(|said| names(said)) {
            let mut parts = name.split("::");
            if !parts.all(|part| words.contains(part)) {
                missing.push(format!("{}: {name}", entry.code));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "nothing is called so:\n{}",
        missing.join("\n")
    );
}

#[test]
fn codes_are_told_from_other_words() {
    let comment = "/// Live (W1, V12): not IPv4, v1, V123, OssV4 or M_1; V2–V3.";
    assert_eq!(
        codes(comment).collect::<Vec<_>>(),
        ["W1", "V12", "V2", "V3"]
    );
    let entry = entry(
        "V1 — title\nThe rule\ngoes on.\n\n- Held by: `a`\n  and `b`\n- Shown by: `c`\n\n## Next",
    );
    assert_eq!(entry.rule, "The rule\ngoes on.");
    let held = entry.held_by.as_deref().unwrap();
    assert_eq!(names(held).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(entry.shown_by.as_deref(), Some("`c`"));
}
