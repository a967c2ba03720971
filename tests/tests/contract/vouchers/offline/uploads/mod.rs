//! Uploads of offline scans and what becomes of the disputed ones, on both databases.

mod clean;
mod disputes;
mod parked;

use niangjia_domain::{
    kernel::{PageRequest, id::DisputedScanId},
    vouchers::offline::ItemOutcome,
};

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

fn reason(outcome: &ItemOutcome) -> &str {
    match outcome {
        ItemOutcome::Accepted { .. } => "accepted",
        ItemOutcome::Disputed { reason, .. } => reason,
        ItemOutcome::Malformed { field } => field,
    }
}

fn reasons(outcomes: &[ItemOutcome]) -> Vec<&str> {
    outcomes.iter().map(reason).collect()
}

fn dispute(outcome: &ItemOutcome) -> DisputedScanId {
    let ItemOutcome::Disputed { id, .. } = outcome else {
        panic!("{outcome:?}")
    };
    *id
}
