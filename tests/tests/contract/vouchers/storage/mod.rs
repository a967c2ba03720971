//! Contract of the voucher repositories, without people behind the rows.

mod batches;
mod claims;
mod codes;
mod expiry;
mod redemptions;
mod tables;

use chrono::{DateTime, Utc};
use niangjia_domain::{
    kernel::{PageRequest, values::local_time},
    store::Store,
    vouchers::{
        batches::{batch::Batch, rules::meal::Meal},
        ports::{AcceptOutcome, IssueOutcome},
        scans::redemption::{NewRedemption, Redemption},
        wallet::voucher::{Voucher, VoucherState},
    },
};
use niangjia_tests::{
    rows::{VoucherRows, account},
    servers::database::{Kind, TestDatabase},
};
use sea_orm::{ConnectionTrait, Statement};

const FIRST: PageRequest = PageRequest {
    limit: 20,
    after: None,
};

async fn rows(kind: Kind) -> (TestDatabase, VoucherRows) {
    let database = TestDatabase::new(kind).await;
    let rows = VoucherRows::new(database.store().await).await;
    (database, rows)
}

async fn issue(rows: &VoucherRows, batch: &Batch, vouchers: &[Voucher]) -> Vec<IssueOutcome> {
    issue_on(rows, batch, vouchers, rows.now).await
}

async fn issue_on(
    rows: &VoucherRows,
    batch: &Batch,
    vouchers: &[Voucher],
    at: DateTime<Utc>,
) -> Vec<IssueOutcome> {
    let mut tx = rows.store.begin().await.unwrap();
    let outcomes = tx
        .vouchers()
        .issue(batch, local_time::date_of(at), vouchers)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    outcomes
}

async fn accept(rows: &VoucherRows, redemptions: &[NewRedemption]) -> Vec<AcceptOutcome> {
    let mut tx = rows.store.begin().await.unwrap();
    let outcomes = tx.redemptions().accept(redemptions).await.unwrap();
    tx.commit().await.unwrap();
    outcomes
}

async fn annul(rows: &VoucherRows, redemption: &Redemption) -> bool {
    let annulled = redemption
        .clone()
        .annul(account(), "扫错".to_owned(), rows.now)
        .unwrap();
    let mut tx = rows.store.begin().await.unwrap();
    let done = tx.redemptions().annul(&annulled).await.unwrap();
    tx.commit().await.unwrap();
    done
}

async fn state_of(rows: &VoucherRows, voucher: &Voucher) -> VoucherState {
    let found = rows
        .store
        .read()
        .await
        .unwrap()
        .vouchers()
        .find_many(&[voucher.id])
        .await
        .unwrap();
    found[0].state
}

async fn count(rows: &VoucherRows, sql: &str) -> i64 {
    let statement = Statement::from_string(rows.store.writer().get_database_backend(), sql);
    let row = rows
        .store
        .writer()
        .query_one_raw(statement)
        .await
        .unwrap()
        .unwrap();
    row.try_get_by_index(0).unwrap()
}

async fn refused_by_the_table(rows: &VoucherRows, sql: &str) {
    assert!(
        rows.store.writer().execute_unprepared(sql).await.is_err(),
        "{sql}"
    );
}

fn meal(rows: &VoucherRows, window: &str) -> Meal {
    Meal {
        day: local_time::date_of(rows.now),
        window: window.to_owned(),
    }
}
