//! Books that are right, and books broken one row at a time: each break is named. Every case is a
//! control of the equation it breaks.

mod equations;
mod nights;

use std::sync::Arc;

use chrono::TimeDelta;
use niangjia_domain::{
    kernel::{Clock, Foundation},
    vouchers::{
        ScanRequest,
        reconciliation::{Difference, ReconciliationService},
    },
};
use niangjia_infra::{sql::SqlStore, system::SystemRandom};
use niangjia_tests::{
    servers::database::Kind,
    town::{ScanExt, Town},
};

fn service(town: &Town, store: Arc<SqlStore>) -> ReconciliationService {
    ReconciliationService {
        foundation: Foundation {
            store,
            clock: town.clock.clone(),
            random: Arc::new(SystemRandom),
        },
    }
}

async fn found(town: &Town) -> Vec<Difference> {
    let report = service(town, town.store.clone()).check().await.unwrap();
    assert_eq!(report.found, report.differences.len() as u64);
    report.differences
}

/// A voucher that paid for a cheap meal, one unused, one given back by expiry; the books are right.
async fn lunchtime(kind: Kind) -> Town {
    let town = Town::at_noon(kind).await;
    let mut brief = town.new_batch();
    brief.valid_to = town.clock.now() + TimeDelta::minutes(1);
    let brief = town.running(brief).await;
    town.holder(brief).await;
    town.clock.advance(TimeDelta::minutes(12));
    assert_eq!(
        town.services
            .vouchers
            .wallet
            .expire_unused(100)
            .await
            .unwrap(),
        1
    );
    let batch = town.running(town.new_batch()).await;
    town.holder(batch).await;
    let (eater, voucher) = town.holder(batch).await;
    let code = town.payload(&eater, voucher).await;
    town.scan(ScanRequest {
        price_fen: Some(1_200),
        ..town.scan_of(code)
    })
    .await
    .accepted();
    assert_eq!(found(&town).await, []);
    town
}
