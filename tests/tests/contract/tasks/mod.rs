//! Tasks: who sees which, who may decide, and what becomes of many decisions at once.

mod assignments;
mod clock;
mod decisions;
mod queue;

use niangjia_domain::{
    kernel::{Clock, id::TaskId},
    tasks::{BulkResult, ports::TaskFilter},
};
use niangjia_infra::system::{SystemClock, SystemRandom};

const PREFECTURE: &str = "370800";
const OTHER_COUNTY: &str = "370812";

fn all() -> TaskFilter {
    TaskFilter::default()
}

/// `ok`, or the code of the refusal, of each result; `absent` where there is no such task.
fn said(results: &[BulkResult]) -> Vec<&'static str> {
    let word = |result: &BulkResult| match &result.outcome {
        None => "absent",
        Some(Err(refusal)) => refusal.code,
        Some(Ok(task)) if task.is_open() => "waits",
        Some(Ok(_)) => "ok",
    };
    results.iter().map(word).collect()
}

fn uuid_of_nothing() -> uuid::Uuid {
    TaskId::generate(SystemClock.now(), &SystemRandom).uuid()
}
