//! `make bench`: the workloads of `tests/benches/README.md` against the real release binary, each
//! beside its reference in the same run on the same machine. Prints a table and says whether every
//! bar held.

mod installation;
mod load;
mod reference;
mod scene;
mod table;
mod workloads;

use std::collections::BTreeSet;

pub use reference::bare::{BARE_SERVER, serve as serve_bare};

use self::{
    load::machine,
    scene::Scene,
    table::{HEAD, Row},
    workloads::{claims, embedded, grown, scans},
};

/// What can be asked for by `ONLY=`.
const WORKLOADS: [&str; 5] = ["S1", "S2", "S6", "S7", "S8"];

/// Which workloads to run; `None` is all of them.
pub fn selection(only: Option<&str>) -> Result<BTreeSet<&'static str>, String> {
    let Some(only) = only.filter(|only| !only.is_empty()) else {
        return Ok(WORKLOADS.into());
    };
    let known = |name: &str| {
        WORKLOADS
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(name.trim()))
    };
    only.split(',')
        .map(|name| known(name).ok_or_else(|| format!("{name}: there are {WORKLOADS:?}")))
        .collect()
}

/// Runs, prints, and says whether all bars held.
#[allow(clippy::print_stdout)]
pub async fn run(only: &BTreeSet<&'static str>) -> bool {
    println!("{}\n", machine::description());
    let mut rows: Vec<Row> = Vec::new();
    if ["S1", "S2", "S7"].iter().any(|name| only.contains(name)) {
        on_postgres(only, &mut rows).await;
    }
    if only.contains("S8") {
        rows.extend(embedded::measure().await);
    }
    if only.contains("S6") {
        rows.extend(grown::measure().await);
    }
    println!("\n{HEAD}");
    for row in &rows {
        println!("{row}");
    }
    rows.iter().all(Row::holds)
}

async fn on_postgres(only: &BTreeSet<&'static str>, rows: &mut Vec<Row>) {
    let scene = Scene::set().await;
    if only.contains("S1") {
        rows.extend(claims::measure(&scene).await);
    }
    if only.contains("S2") {
        rows.push(scans::measure(&scene).await);
    }
    if only.contains("S7") {
        rows.push(scans::beside_the_storm(&scene).await);
    }
    scene.stage.reconcile();
}

/// Says what is going on: a run takes minutes.
#[allow(clippy::print_stderr)]
fn tell(what: impl AsRef<str>) {
    eprintln!("  {}", what.as_ref());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_are_chosen_by_name() {
        assert_eq!(selection(None).unwrap().len(), WORKLOADS.len());
        assert_eq!(selection(Some("s1")).unwrap(), BTreeSet::from(["S1"]));
        assert!(selection(Some("S1,S0")).is_err());
    }
}
