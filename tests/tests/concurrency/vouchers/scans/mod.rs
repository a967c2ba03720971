//! Races over scans, by the use cases of two processes and by two real processes, each limit with a
//! control without its guard. The races of the repositories alone are in `vouchers.rs`.

mod killed;
mod one_process;

use std::sync::Arc;

use futures_util::future::join_all;
use niangjia_domain::vouchers::{ScanAnswer, VoucherServices, scans::refusal::Refusal};
use niangjia_tests::{
    actors::once,
    town::{Town, bearer},
};
use tokio::sync::Barrier;

/// Scans all codes at once, every other one at the second process.
async fn storm(
    town: &Town,
    processes: &[VoucherServices; 2],
    codes: Vec<String>,
) -> Vec<ScanAnswer> {
    let start = Arc::new(Barrier::new(codes.len()));
    let scans = codes.into_iter().enumerate().map(|(n, code)| {
        let (process, staff) = (processes[n % 2].clone(), bearer(&town.staff));
        let (request, scan, start) = (once(&town.staff), town.scan_of(code), start.clone());
        tokio::spawn(async move {
            start.wait().await;
            process
                .scans
                .redeem(staff, request, scan)
                .await
                .unwrap()
                .value
        })
    });
    join_all(scans)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

fn refusals(answers: &[ScanAnswer]) -> Vec<Refusal> {
    let refused = |answer: &ScanAnswer| match answer {
        ScanAnswer::Refused { reason, .. } => Some(*reason),
        ScanAnswer::Accepted { .. } => None,
    };
    answers.iter().filter_map(refused).collect()
}
