//! Scans that travel together, over both databases. On the one thread of these tests all of them
//! have joined the queue before the first group departs, so that one transaction carries them all.

mod annulments;
mod answers;
mod groups;
mod guesses;
mod rules;
mod twins;

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{Answer, Bearer, IdempotentRequest},
    vouchers::{ScanAnswer, ScanRequest, VoucherError, scans::refusal::Refusal},
};
use niangjia_tests::town::{ScanExt, Town};

type Outcome = Result<Answer<ScanAnswer>, VoucherError>;

/// All at once, in this order.
async fn scan_together(
    town: &Town,
    scans: Vec<(Bearer, IdempotentRequest, ScanRequest)>,
) -> Vec<Outcome> {
    let scan = |(bearer, request, scan)| town.services.vouchers.scans.redeem(bearer, request, scan);
    join_all(scans.into_iter().map(scan)).await
}

fn reason(outcome: &Outcome) -> Refusal {
    outcome.as_ref().unwrap().value.clone().refused()
}
