//! The real thing: two processes on one database, real services, a clock that only steps move.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{
        Actor, Clock, Foundation, IdempotentRequest,
        id::{PersonId, RedemptionId, VoucherBatchId, VoucherId},
        values::local_time,
    },
    settlements::{NewSettlement, SettlementError, SettlementService},
    store::Store,
    vouchers::{
        DeliveredSecret, ScanAnswer, ScanRequest, VoucherServices,
        batches::batch::Switch,
        codes::code::CodeStep,
        collusion::{
            CollusionPolicy, CollusionService, Finding, Signal, SuspensionDecision,
            SuspensionDecisionInput,
        },
        recall::Whom,
        reconciliation::ReconciliationService,
    },
};
use niangjia_infra::{sheets::XlsxWriter, system::SystemRandom};
use niangjia_tests::{
    canteen::{Canteen, bearer, meal},
    database::Kind,
    month::{self, revision_of},
    releases::Desk,
    wish_scene::once,
};
use sea_orm::{ConnectionTrait, Statement};

mod offline;

use self::offline::Tablets;
use super::{
    reference::{Batch, Reference},
    said::Said,
    steps::{ACCOUNTS, Scanner, Step},
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
    canteen: Canteen,
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
    desk: Desk,
    tablets: Tablets,
}

impl World {
    pub async fn open(kind: Kind) -> Self {
        let canteen = Canteen::open(kind).await;
        let processes = [canteen.vouchers.clone(), canteen.another_process().await];
        let staff = [canteen.staff.clone(), canteen.scene.staff().await];
        let mut accounts = Vec::new();
        for _ in 1..ACCOUNTS {
            accounts.push(canteen.scene.worker().await);
        }
        accounts.push(canteen.scene.same_person(&accounts[0]).await);
        let (store, clock) = (canteen.scene.store.clone(), canteen.scene.clock.clone());
        let random = Arc::new(SystemRandom);
        let policy = CollusionPolicy::default();
        let collusion = CollusionService {
            foundation: Foundation {
                store: store.clone(),
                clock: clock.clone(),
                random: random.clone(),
            },
            policy,
        };
        let sheets = Arc::new(XlsxWriter);
        let settlements = SettlementService {
            foundation: Foundation {
                store: store.clone(),
                clock: clock.clone(),
                random: random.clone(),
            },
            sheets,
            collusion: collusion.clone(),
        };
        let books = ReconciliationService {
            foundation: Foundation {
                store,
                clock,
                random,
            },
        };
        let (desk, tablets) = (Desk::of(&canteen), Tablets::of(&canteen).await);
        let (batches, vouchers, redemptions, scans) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut world = Self {
            canteen,
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
            desk,
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
        let mut new = self.canteen.new_batch();
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
        let id = self.canteen.running(new).await;
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
        self.canteen.scene.clock.now()
    }

    pub async fn sabotage(&self, statements: &[&str]) {
        for statement in statements {
            self.canteen
                .scene
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
        self.canteen
            .scene
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
                Said::Swept(given_back, self.desk.recalls.run_open(1_000).await.unwrap())
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

    async fn claim(&mut self, account: usize, batch: usize) -> Said {
        let (holder, process) = (&self.accounts[account], &self.processes[account % 2]);
        match process
            .claims
            .claim(bearer(holder), once(holder), self.batches[batch].0)
            .await
        {
            Err(error) => Said::of(error),
            Ok(answer) => {
                let id = answer.value.voucher.id;
                let phone = process
                    .codes
                    .deliver_secret(holder, id, "phone-1")
                    .await
                    .unwrap();
                self.vouchers.push(Held {
                    id,
                    holder: holder.person_id.unwrap(),
                    phone,
                });
                Said::Issued
            }
        }
    }

    async fn scan(&mut self, voucher: usize, scanner: Scanner) -> Said {
        let Some(held) = self.vouchers.get(voucher % self.vouchers.len().max(1)) else {
            return Said::Nothing;
        };
        let at = self.now() + TimeDelta::seconds(scanner.skew_seconds);
        let code = CodeStep::at(held.id, held.phone.device_no, at).payload(&held.phone.secret);
        self.present(code, scanner).await
    }

    async fn replay(&mut self, scan: usize, scanner: Scanner) -> Said {
        let Some(past) = self.scans.get(scan % self.scans.len().max(1)) else {
            return Said::Nothing;
        };
        self.present(past.scan.code.clone(), scanner).await
    }

    async fn present(&mut self, code: String, scanner: Scanner) -> Said {
        let staff = self.staff[scanner.at].clone();
        let scan = ScanRequest {
            scanned_at: Some(self.now() + TimeDelta::seconds(scanner.skew_seconds)),
            price_fen: scanner.price_fen,
            device_id: format!("scanner-{}", scanner.at),
            ..self.canteen.scan_of(code)
        };
        let request = once(&staff);
        let answer = self.processes[scanner.at]
            .scans
            .redeem(bearer(&staff), request.clone(), scan.clone())
            .await
            .unwrap();
        assert!(!answer.replayed);
        if let ScanAnswer::Accepted { scan, .. } = &answer.value {
            self.redemptions.push(scan.redemption_id);
        }
        self.scans.push(PastScan {
            staff,
            request,
            scan,
        });
        told(answer.value)
    }

    /// At the other process.
    async fn rescan(&mut self, scan: usize) -> Said {
        let Some(past) = self.scans.get(scan % self.scans.len().max(1)) else {
            return Said::Nothing;
        };
        let answer = self.processes[scan % 2]
            .scans
            .redeem(bearer(&past.staff), past.request.clone(), past.scan.clone())
            .await
            .unwrap();
        assert!(answer.replayed);
        Said::Again(Box::new(told(answer.value)))
    }

    fn redemption(&self, index: usize) -> Option<RedemptionId> {
        self.redemptions
            .get(index % self.redemptions.len().max(1))
            .copied()
    }

    async fn annul(&self, redemption: usize) -> Said {
        let Some(id) = self.redemption(redemption) else {
            return Said::Nothing;
        };
        let done = self.processes[0]
            .scans
            .annul(&self.staff[1], id, "扫错了人")
            .await;
        done.map_or_else(Said::of, |_| Said::Annulled)
    }

    async fn hold(&self, redemption: usize, pair: bool) -> Said {
        let Some(id) = self.redemption(redemption) else {
            return Said::Nothing;
        };
        let signal = if pair {
            Signal::SamePair
        } else {
            Signal::Burst
        };
        let finding = Finding {
            signal,
            redemption_id: id,
            evidence: serde_json::json!({}),
        };
        let held = month::suspend(&self.canteen.scene.store, &[finding], self.now()).await;
        Said::Held(held > 0)
    }

    async fn decide(&self, redemption: usize, reject: bool) -> Said {
        let Some(id) = self.redemption(redemption) else {
            return Said::Nothing;
        };
        let (decision, said) = if reject {
            (SuspensionDecision::Reject, Said::Rejected)
        } else {
            (SuspensionDecision::Lift, Said::Released)
        };
        let input = SuspensionDecisionInput {
            decision,
            reason: "已核对".to_owned(),
        };
        let revision = revision_of(&self.collusion, id).await;
        let done = self
            .collusion
            .decide(&self.canteen.checker, id, input, revision)
            .await;
        done.map_or_else(Said::of, |_| said)
    }

    async fn switch(&self, batch: usize, pause: bool) -> Said {
        let switch = if pause { Switch::Pause } else { Switch::Resume };
        let done = self.processes[0]
            .batches
            .switch(&self.canteen.maker, self.batches[batch].0, switch)
            .await;
        done.map_or_else(Said::of, |_| Said::Switched)
    }

    async fn recall(&self, account: usize, batch: usize) -> Said {
        let whom = Whom::Person(self.accounts[account].person_id.unwrap());
        let done = self
            .desk
            .recalls
            .order(&self.canteen.maker, self.batches[batch].0, whom, "发放有误")
            .await;
        done.map_or_else(Said::of, |recall| Said::Recalled(recall.recalled))
    }

    async fn settle(&self) -> Said {
        let yesterday = local_time::date_of(self.now()) - TimeDelta::days(1);
        let new = NewSettlement {
            station_id: self.canteen.scene.station.id,
            from: yesterday,
            to: yesterday,
        };
        let open = match self.settlements.open(&self.canteen.maker, new).await {
            Ok(open) => open.id,
            Err(SettlementError::PeriodTaken) => return Said::PeriodTaken,
            Err(other) => panic!("nobody expected {other:?}"),
        };
        let said = match self.settlements.freeze(&self.canteen.maker, open).await {
            Ok(frozen) => {
                return Said::Settled(frozen.sheet().map_or(0, |sheet| sheet.totals.lines()));
            }
            Err(SettlementError::NothingToSettle) => Said::NothingToSettle,
            Err(SettlementError::AnnulmentOpen { .. }) => Said::AnnulmentOpen,
            Err(SettlementError::Unsynced(_)) => Said::Unsynced,
            Err(SettlementError::Disputed(_)) => Said::Undecided,
            Err(other) => panic!("nobody expected {other:?}"),
        };
        self.settlements
            .cancel(&self.canteen.maker, open, "先不结算")
            .await
            .unwrap();
        said
    }

    /// The books balance, and say what the model says.
    pub async fn check(&self, reference: &Reference) -> Result<(), String> {
        let report = self.books.check().await.unwrap();
        if !report.is_balanced() {
            return Err(format!("the books differ: {:?}", report.differences));
        }
        for (index, (id, _)) in self.batches.iter().enumerate() {
            let expected = &reference.batches[index];
            let tally = self.canteen.tally(*id).await;
            agree("issued", tally.issued, reference.issued(index))?;
            agree("reserved", tally.reserved_fen, expected.reserved)?;
            agree("spent", tally.spent_fen, expected.spent)?;
            let states = self.states(*id).await;
            let expected: BTreeMap<_, _> = reference
                .states(index)
                .into_iter()
                .filter(|(_, count)| *count > 0)
                .collect();
            if states
                .iter()
                .map(|(word, count)| (word.as_str(), *count))
                .ne(expected)
            {
                return Err(format!(
                    "states {states:?}, expected {:?}",
                    reference.states(index)
                ));
            }
        }
        let (meals, standing) = reference.eaten();
        agree(
            "meals",
            self.canteen
                .scene
                .count("SELECT COUNT(*) FROM person_meals")
                .await,
            meals,
        )?;
        agree("meals of standing redemptions", meals, standing)?;
        self.check_offline(reference.taken_offline()).await?;
        self.holders_are_the_same().await
    }

    async fn states(&self, batch: VoucherBatchId) -> BTreeMap<String, i64> {
        let database = self.canteen.scene.store.writer();
        let sql = "SELECT state, COUNT(*) AS many FROM vouchers WHERE batch_id = $1 GROUP BY state";
        let statement = Statement::from_sql_and_values(
            database.get_database_backend(),
            sql,
            [batch.uuid().into()],
        );
        let rows = database.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| {
                (
                    row.try_get("", "state").unwrap(),
                    row.try_get("", "many").unwrap(),
                )
            })
            .collect()
    }

    /// V3: never reassigned.
    async fn holders_are_the_same(&self) -> Result<(), String> {
        let ids: Vec<_> = self.vouchers.iter().map(|held| held.id).collect();
        let stored = self
            .canteen
            .scene
            .store
            .read()
            .await
            .unwrap()
            .vouchers()
            .find_many(&ids)
            .await
            .unwrap();
        agree("vouchers", stored.len() as i64, ids.len() as i64)?;
        let moved = stored.iter().find(|voucher| {
            self.vouchers
                .iter()
                .any(|held| held.id == voucher.id && held.holder != voucher.person_id)
        });
        moved.map_or(Ok(()), |voucher| {
            Err(format!("{} has another holder", voucher.id))
        })
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
