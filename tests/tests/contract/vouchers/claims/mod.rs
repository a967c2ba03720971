//! Claims that travel together, over both databases. On the one thread of these tests all callers
//! have joined the queue before the first group departs, so that one transaction carries them all.

mod groups;
mod rules;
mod sold_out;

use futures_util::future::join_all;
use niangjia_domain::{
    kernel::{Actor, Answer, Clock, IdempotentRequest, id::VoucherBatchId},
    store::Store,
    vouchers::{VoucherError, VoucherView},
};
use niangjia_tests::town::{Town, bearer};

type Outcome = Result<Answer<VoucherView>, VoucherError>;

/// All at once, in this order.
async fn claim_together(
    town: &Town,
    claims: &[(&Actor, IdempotentRequest, VoucherBatchId)],
) -> Vec<Outcome> {
    let claim = |(actor, request, batch): &(&Actor, IdempotentRequest, VoucherBatchId)| {
        town.services
            .vouchers
            .claims
            .claim(bearer(actor), request.clone(), *batch)
    };
    join_all(claims.iter().map(claim)).await
}

async fn sign_out(town: &Town, actor: &Actor) {
    let mut tx = town.store.begin().await.unwrap();
    assert!(
        tx.sessions()
            .revoke(actor.session_id, town.clock.now())
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();
}
