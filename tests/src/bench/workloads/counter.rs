//! S2 and S7: scans at the counter by 64 devices, each with staff of its own.

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use niangjia_domain::kernel::id::VoucherBatchId;
use serde_json::json;

use crate::{
    bench::{
        installation::{
            people::Somebody,
            stage::Stage,
            wallets::{self, Carried},
        },
        load::{Outcome, Plan, wire::request},
        workloads::storm::balance,
    },
    client::fresh_key,
};

pub(in crate::bench) const DEVICES: usize = 64;
/// Codes are computed before the load starts and are good for half a minute at least.
const AT_MOST: Duration = Duration::from_secs(20);

/// Holders in line, and who scans them.
pub(in crate::bench) struct Queue {
    batch: VoucherBatchId,
    carried: Vec<Carried>,
    staff: Vec<Somebody>,
}

impl Queue {
    /// Everybody holds a voucher of a batch made for this.
    pub(in crate::bench) async fn form(stage: &Stage, holders: &[Somebody]) -> Self {
        let batch = stage.batch(holders.len() as i64).await;
        let carried = wallets::fill(stage, batch, holders).await;
        Self {
            batch,
            carried,
            staff: stage.registry().staff(DEVICES, stage.station()).await,
        }
    }

    /// As fast as 64 devices can.
    pub(in crate::bench) async fn rush(&self, stage: &Stage) -> Outcome {
        let plan = Plan {
            requests: self.requests(stage, 0..self.carried.len()),
            doors: stage.doors(),
            connections: DEVICES,
            at_most: AT_MOST,
            pace: None,
            stop: None,
        };
        tokio::task::spawn_blocking(|| plan.run())
            .await
            .expect("the load ends")
    }

    /// A hundred a second, until told to stop: the latency of a scan in a queue that moves.
    pub(in crate::bench) async fn stroll(
        &self,
        stage: &Stage,
        people: std::ops::Range<usize>,
        stop: Arc<AtomicBool>,
    ) -> Outcome {
        let plan = Plan {
            requests: self.requests(stage, people),
            doors: stage.doors(),
            connections: 8,
            at_most: AT_MOST,
            pace: Some(Duration::from_millis(80)),
            stop: Some(stop),
        };
        tokio::task::spawn_blocking(|| plan.run())
            .await
            .expect("the load ends")
    }

    /// Each acknowledged scan is one redemption of one voucher, and the books balance.
    pub(in crate::bench) async fn check(&self, stage: &Stage, acknowledged: usize) {
        let batch = self.batch.uuid();
        let sql = |what: &str| {
            format!("SELECT COUNT({what}) FROM redemptions WHERE batch_id = '{batch}'")
        };
        let rows = [
            stage.number(&sql("*")).await,
            stage.number(&sql("DISTINCT voucher_id")).await,
        ];
        assert_eq!(
            rows, [acknowledged as i64; 2],
            "redemptions and their vouchers"
        );
        balance(stage, self.batch).await;
    }

    fn requests(&self, stage: &Stage, people: std::ops::Range<usize>) -> Vec<Vec<u8>> {
        let tokens: Vec<_> = self.staff.iter().map(|one| stage.token(one)).collect();
        let scan = |(number, one): (usize, &Carried)| {
            let device = number % DEVICES;
            let body = json!({
                "code": one.payload(), "stationId": stage.town.station, "deviceId": format!("bench-{device}"),
            });
            request(
                "POST",
                "/redemptions",
                &tokens[device],
                Some(&fresh_key()),
                &body.to_string(),
            )
        };
        self.carried[people].iter().enumerate().map(scan).collect()
    }
}
