//! Races over vouchers: many callers, two stores with pools of their own, each limit with a control
//! without its guard.

mod issuing;
mod locked_batches;
mod offline;
mod redeeming;
mod rounds;
mod scans;
mod storms;
mod suspensions;

use niangjia_domain::{
    kernel::values::local_time,
    store::Store,
    vouchers::{
        batches::batch::Batch,
        ports::{AcceptOutcome, IssueOutcome},
        scans::redemption::NewRedemption,
        wallet::voucher::Voucher,
    },
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    rows::VoucherRows,
    servers::database::{Kind, TestDatabase},
};

async fn issue(store: SqlStore, batch: Batch, vouchers: Vec<Voucher>) -> usize {
    let mut tx = store.begin().await.unwrap();
    let day = local_time::date_of(vouchers[0].issued_at);
    let outcomes = tx.vouchers().issue(&batch, day, &vouchers).await.unwrap();
    tx.commit().await.unwrap();
    outcomes
        .into_iter()
        .filter(|outcome| *outcome == IssueOutcome::Issued)
        .count()
}

async fn accept(store: SqlStore, scan: NewRedemption) -> bool {
    let mut tx = store.begin().await.unwrap();
    let outcomes = tx.redemptions().accept(&[scan]).await.unwrap();
    tx.commit().await.unwrap();
    outcomes == [AcceptOutcome::Accepted]
}

pub async fn two_stores(kind: Kind) -> (TestDatabase, VoucherRows, SqlStore) {
    let database = TestDatabase::new(kind).await;
    let (one, two) = (database.store().await, database.store().await);
    (database, VoucherRows::new(one).await, two)
}
