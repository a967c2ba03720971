//! The use cases of meal vouchers over both databases, with a clock that a test moves.

mod allotments;
mod batches;
mod claims;
mod codes;
mod collusion;
mod draws;
mod offline;
mod recalls;
mod reconciliation;
mod review_queues;
mod scans;
mod statements;
mod storage;

use niangjia_domain::kernel::{PageRequest, id::VoucherBatchId};
use niangjia_tests::{servers::database::Kind, town::Town};

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

async fn open(kind: Kind) -> (Town, VoucherBatchId) {
    let town = Town::at_noon(kind).await;
    let batch = town.running(town.new_batch()).await;
    (town, batch)
}
