//! The real thing: two processes on one database, real services, a clock that only steps move.

mod books;
mod decisions;
mod offline;
mod scans;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Actor, Clock, IdempotentRequest,
        id::{PersonId, RedemptionId, VoucherBatchId, VoucherId},
    },
    settlements::SettlementService,
    vouchers::{
        DeliveredSecret, ScanAnswer, ScanRequest, VoucherServices,
        collusion::{CollusionPolicy, CollusionService},
        reconciliation::ReconciliationService,
    },
};
use niangjia_infra::sheets::XlsxWriter;
use niangjia_tests::{rows::meal, servers::database::Kind, town::Town};
use sea_orm::ConnectionTrait;

use self::offline::Tablets;
use super::{
    reference::Batch,
    said::Said,
    steps::{ACCOUNTS, Step},
};

struct Held {
    id: VoucherId,
    holder: PersonId,
    phone: DeliveredSecret,
}

struct PastScan {
    staff: Actor,
    request: IdempotentRequest,
    scan: ScanRequest,
}

pub struct World {
    town: Town,
    /// The second one with pools of its own.
    processes: [VoucherServices; 2],
    staff: [Actor; 2],
    accounts: Vec<Actor>,
    batches: Vec<(VoucherBatchId, Batch)>,
    vouchers: Vec<Held>,
    redemptions: Vec<RedemptionId>,
    scans: Vec<PastScan>,
    collusion: CollusionService,
    books: ReconciliationService,
    settlements: SettlementService,
    tablets: Tablets,
}

impl World {
    pub async fn open(kind: Kind) -> Self {
        let town = Town::at_noon(kind).await;
        let processes = [
            town.services.vouchers.clone(),
            town.another_process().await.vouchers,
        ];
        let staff = [town.staff.clone(), town.another_staff().await];
        let mut accounts = Vec::new();
        for _ in 1..ACCOUNTS {
            accounts.push(town.worker().await);
        }
        accounts.push(town.same_person(&accounts[0]).await);
        let (foundation, policy) = (town.foundation(), CollusionPolicy::default());
        let collusion = CollusionService {
            foundation: foundation.clone(),
            policy,
        };
        let settlements = SettlementService {
            foundation: foundation.clone(),
            sheets: Arc::new(XlsxWriter),
            collusion: collusion.clone(),
        };
        let books = ReconciliationService { foundation };
        let tablets = Tablets::of(&town).await;
        let (batches, vouchers, redemptions, scans) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut world = Self {
            town,
            processes,
            staff,
            accounts,
            batches,
            vouchers,
            redemptions,
            scans,
            collusion,
            books,
            settlements,
            tablets,
        };
        // Room for four and a bit, though the quota says six; and three that are soon void.
        world.batch(1_500, 6, 6_900, 2, TimeDelta::hours(60)).await;
        world.batch(1_000, 3, 3_000, 1, TimeDelta::hours(12)).await;
        world
    }

    async fn batch(
        &mut self,
        face: i64,
        quota: i64,
        budget: i64,
        per_person: usize,
        lasts: TimeDelta,
    ) {
        let mut new = self.town.new_batch();
        (
            new.face_value_fen,
            new.quota,
            new.budget_fen,
            new.per_person_limit,
        ) = (face, quota, budget, per_person as i64);
        new.meals = vec![
            meal("午餐", "00:00", "12:00"),
            meal("晚餐", "12:00", "24:00"),
        ];
        new.valid_to = self.now() + lasts;
        let valid_to = new.valid_to;
        let id = self.town.running(new).await;
        let it = Batch {
            face,
            quota,
            budget,
            per_person,
            valid_to,
            paused: false,
            reserved: 0,
            spent: 0,
        };
        self.batches.push((id, it));
    }

    pub fn batches(&self) -> Vec<Batch> {
        self.batches
            .iter()
            .map(|(_, batch)| batch.clone())
            .collect()
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.town.clock.now()
    }

    pub async fn sabotage(&self, statements: &[&str]) {
        for statement in statements {
            self.town
                .store
                .writer()
                .execute_unprepared(statement)
                .await
                .unwrap();
        }
    }

    /// Seconds always pass; what is remembered for a second is never what a step is about.
    pub fn pass_time(&self, step: &Step) {
        let minutes = if let Step::Wait { minutes } = step {
            *minutes
        } else {
            0
        };
        self.town
            .clock
            .advance(TimeDelta::minutes(minutes) + TimeDelta::seconds(7));
    }

    pub async fn take(&mut self, step: &Step) -> Said {
        match *step {
            Step::Claim { account, batch } => self.claim(account, batch).await,
            Step::Scan { voucher, scanner } => self.scan(voucher, scanner).await,
            Step::Rescan { scan } => self.rescan(scan).await,
            Step::Replay { scan, scanner } => self.replay(scan, scanner).await,
            Step::Annul { redemption } => self.annul(redemption).await,
            Step::Sweep => {
                let given_back = self.processes[1].wallet.expire_unused(1_000).await.unwrap();
                Said::Swept(
                    given_back,
                    self.town.services.recalls.run_open(1_000).await.unwrap(),
                )
            }
            Step::Recall { account, batch } => self.recall(account, batch).await,
            Step::Settle => self.settle().await,
            Step::Hold { redemption, pair } => self.hold(redemption, pair).await,
            Step::Decide { redemption, reject } => self.decide(redemption, reject).await,
            Step::Switch { batch, pause } => self.switch(batch, pause).await,
            Step::Pack => self.pack().await,
            Step::Serve { voucher, scanner } => self.serve(voucher, scanner),
            Step::Report => self.report().await,
            Step::Upload(upload) => self.upload(upload).await,
            Step::Resolve { dispute, how } => self.resolve(dispute, how).await,
            Step::Wait { .. } => Said::Nothing,
        }
    }
}

fn told(answer: ScanAnswer) -> Said {
    match answer {
        ScanAnswer::Accepted { scan, .. } => Said::Accepted {
            amount: scan.amount.get(),
            copay: scan.copay.get(),
        },
        ScanAnswer::Refused { reason, .. } => Said::Refused(reason),
    }
}

fn agree(what: &str, stored: i64, expected: i64) -> Result<(), String> {
    (stored == expected)
        .then_some(())
        .ok_or_else(|| format!("{what}: {stored} stored, {expected} expected"))
}
