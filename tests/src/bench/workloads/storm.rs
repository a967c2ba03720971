//! S1: twenty thousand people, one batch of ten thousand vouchers. What the servers acknowledged is
//! compared with what the database holds afterwards.

use std::{collections::HashSet, time::Duration};

use niangjia_domain::kernel::id::{VoucherBatchId, VoucherId};
use sea_orm::{ConnectionTrait, Statement};

use crate::{
    bench::{
        installation::{people::Somebody, stage::Stage},
        load::{Outcome, Plan, wire::request},
    },
    client::fresh_key,
};

pub(in crate::bench) const PEOPLE: usize = 20_000;
pub(in crate::bench) const QUOTA: i64 = 10_000;
/// Over all doors together: phones that ask at the same moment.
pub(in crate::bench) fn connections() -> usize {
    std::env::var("BENCH_CONNECTIONS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_024)
}

/// A storm that is ready to break: a new batch, and everybody's request.
pub(in crate::bench) struct Storm {
    batch: VoucherBatchId,
    plan: Plan,
}

/// One storm on a new batch, played and checked.
pub(in crate::bench) async fn play(stage: &Stage, crowd: &[Somebody]) -> Outcome {
    Storm::gather(stage, crowd).await.play(stage).await
}

impl Storm {
    pub(in crate::bench) async fn gather(stage: &Stage, crowd: &[Somebody]) -> Self {
        let batch = stage.batch(QUOTA).await;
        let path = format!("/voucher-batches/{batch}/claims");
        let claim =
            |one: &Somebody| request("POST", &path, &stage.token(one), Some(&fresh_key()), "{}");
        let plan = Plan {
            requests: crowd.iter().map(claim).collect(),
            doors: stage.doors(),
            connections: connections(),
            at_most: Duration::from_secs(120),
            pace: None,
            stop: None,
        };
        Self { batch, plan }
    }

    pub(in crate::bench) async fn play(self, stage: &Stage) -> Outcome {
        let outcome = tokio::task::spawn_blocking(|| self.plan.run())
            .await
            .expect("the load ends");
        check(stage, self.batch, &outcome).await;
        outcome
    }
}

/// Exactly the quota, nobody twice, nothing acknowledged that is not there, and the books balance.
async fn check(stage: &Stage, batch: VoucherBatchId, outcome: &Outcome) {
    let (issued, refused) = (outcome.count(201), outcome.count(409));
    assert!(
        outcome.broken.is_empty(),
        "connections broke: {}",
        outcome.statuses()
    );
    assert_eq!(
        (issued, issued + refused),
        (QUOTA as usize, outcome.seen.len()),
        "{}",
        outcome.statuses()
    );
    let sql = "SELECT id, person_id FROM vouchers WHERE batch_id = $1";
    let statement =
        Statement::from_sql_and_values(stage.db.get_database_backend(), sql, [batch.uuid().into()]);
    let rows = stage
        .db
        .query_all_raw(statement)
        .await
        .expect("the database answers");
    let column = |name| {
        rows.iter()
            .map(|row| row.try_get::<uuid::Uuid>("", name).expect("an id"))
            .collect()
    };
    let (vouchers, holders): (HashSet<_>, HashSet<_>) = (column("id"), column("person_id"));
    assert_eq!(
        (vouchers.len(), holders.len()),
        (issued, issued),
        "vouchers and their holders"
    );
    let acknowledged = outcome.seen.iter().filter_map(|seen| seen.id.as_ref());
    for id in acknowledged {
        let id: VoucherId = id.parse().expect("a voucher's id");
        assert!(
            vouchers.contains(&id.uuid()),
            "{id} was acknowledged and is not there"
        );
    }
    balance(stage, batch).await;
}

/// The conservation equations, as the cadre sees them.
pub(in crate::bench) async fn balance(stage: &Stage, batch: VoucherBatchId) {
    let path = format!("/admin/voucher-batches/{batch}/conservation");
    let tally = stage
        .town
        .checker
        .get(&path)
        .await
        .expect_status(200)
        .expect("the equations")
        .body;
    assert_eq!(tally["balanced"], true, "{tally}");
}
