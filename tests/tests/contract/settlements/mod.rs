//! A sheet from opening to closure, and the ways back.

mod adjustments;
mod freezing;
mod life;
mod reach;
mod storage;
mod suspicion;

use niangjia_domain::{
    kernel::PageRequest,
    settlements::{
        export::table::LinesHash,
        sheets::line::{Line, Subject},
    },
};

const FIRST: PageRequest = PageRequest {
    limit: 2,
    after: None,
};

fn hash_of(lines: &[Line]) -> String {
    let mut hash = LinesHash::default();
    lines.iter().for_each(|line| hash.add(line));
    hash.finish()
}

fn subjects(lines: &[Line]) -> Vec<String> {
    let name = |line: &Line| match line.subject {
        Subject::Redemption(id) => id.to_string(),
        Subject::Adjustment(id) => id.to_string(),
    };
    lines.iter().map(name).collect()
}
