//! The tree of the rooms in `domain`. A room leans on those of the layers below its own, on the
//! engines and on the ground; no two rooms lean on each other. What must happen above goes through
//! a port that the lower room defines, the upper one implements and `api/src/wiring` plugs in.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    house::{Source, within},
    uses::{accessors, uses},
};

/// Below everything. The unit of work (`store`) is a table of contents: it names every repository,
/// and is looked through to the room whose repository is reached.
const GROUND: [&str; 2] = ["kernel", "store"];

/// Each used by several contexts, knowing none of them.
const ENGINES: [&str; 8] = [
    "audit", "outbox", "tasks", "ledger", "seats", "notices", "jobs", "imports",
];

/// Contexts, the lowest first.
const LAYERS: [&[&str]; 4] = [
    &["identity", "stations", "uploads"],
    &["membership"],
    &["wishes", "vouchers", "checkups"],
    &["settlements", "overview"],
];

fn layer(room: &str) -> Option<usize> {
    LAYERS.iter().position(|rooms| rooms.contains(&room))
}

fn may_lean_on(room: &str, other: &str) -> bool {
    if room == other || GROUND.contains(&other) {
        return true;
    }
    if GROUND.contains(&room) {
        return false;
    }
    ENGINES.contains(&other)
        || matches!((layer(room), layer(other)), (Some(up), Some(low)) if low < up)
}

/// Rooms and what they lean on, with the places where they do.
type Tree = BTreeMap<(String, String), Vec<String>>;

fn room_of(source: &Source) -> &str {
    let path = source.name.strip_prefix("domain/src/").unwrap();
    path.split('/').next().unwrap().trim_end_matches(".rs")
}

fn rooms() -> BTreeSet<&'static str> {
    let mut rooms: BTreeSet<_> = within("domain/src").map(room_of).collect();
    rooms.remove("lib");
    rooms
}

fn tree() -> Tree {
    let rooms = rooms();
    let is_unit_of_work = |source: &&Source| source.text.contains("pub trait Tx");
    let unit_of_work = within("domain/src").find(is_unit_of_work).unwrap();
    let accessors = accessors(unit_of_work);
    let mut tree = Tree::new();
    for source in within("domain/src") {
        let room = room_of(source);
        if ["lib", "store"].contains(&room) {
            continue;
        }
        for (line, other) in uses(source, &accessors) {
            if rooms.contains(other.as_str()) && other != room {
                let places = tree.entry((room.to_owned(), other)).or_default();
                places.push(format!("{}:{line}", source.name));
            }
        }
    }
    tree
}

#[test]
fn every_room_has_its_place_in_the_tree() {
    let placed =
        |room: &&str| GROUND.contains(room) || ENGINES.contains(room) || layer(room).is_some();
    let strangers: Vec<_> = rooms().into_iter().filter(|room| !placed(room)).collect();
    assert!(
        strangers.is_empty(),
        "neither ground, engine nor context: {strangers:?}"
    );
}

#[test]
fn rooms_lean_on_lower_rooms_only() {
    let tree = tree();
    assert!(tree.len() > 20, "the tree is read: {}", tree.len());
    let wrong: Vec<_> = tree
        .iter()
        .filter(|((room, other), _)| !may_lean_on(room, other))
        .map(|((room, other), places)| format!("{room} → {other}: {}", places.join(", ")))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_rooms_lean_on_each_other() {
    let tree = tree();
    let back: Vec<_> = tree
        .iter()
        .filter(|((room, other), _)| reached_from(other, &tree).contains(room))
        .map(|((room, other), places)| format!("{room} → {other}: {}", places.join(", ")))
        .collect();
    assert!(
        back.is_empty(),
        "each of these closes a ring:\n{}",
        back.join("\n")
    );
}

/// The ground aside: the unit of work is of one piece with the kernel.
fn reached_from(room: &str, tree: &Tree) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut ahead = vec![room.to_owned()];
    while let Some(room) = ahead.pop() {
        let next = tree
            .keys()
            .filter(|(from, other)| *from == room && !GROUND.contains(&other.as_str()));
        let new = next.filter(|(_, other)| reached.insert(other.clone()));
        ahead.extend(new.map(|(_, other)| other.clone()));
    }
    reached
}
