//! The rules once more, small and in plain Rust: what must be answered, and what the books must
//! show afterwards.

mod books;
mod offline;
mod scans;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Timelike, Utc};
use niangjia_domain::{kernel::values::local_time, vouchers::scans::refusal::Refusal};

pub use self::offline::CAPS;
use self::offline::Offline;
use super::{
    said::Said,
    steps::{ACCOUNTS, Scanner, Step},
};

const SKEW: TimeDelta = TimeDelta::minutes(5);
const ANNULMENT: TimeDelta = TimeDelta::minutes(15);
/// README: the one easiest to mend is told.
const EASIEST_FIRST: [Refusal; 7] = [
    Refusal::ClockSkew,
    Refusal::AlreadyRedeemed,
    Refusal::CodeExpired,
    Refusal::CodeReplayed,
    Refusal::PersonMealLimit,
    Refusal::BatchPaused,
    Refusal::Expired,
];

#[derive(Debug, Clone)]
pub struct Batch {
    pub face: i64,
    pub quota: i64,
    pub budget: i64,
    pub per_person: usize,
    pub valid_to: DateTime<Utc>,
    pub paused: bool,
    pub reserved: i64,
    pub spent: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Issued,
    Redeemed,
    Expired,
    Deactivated,
    Recalled,
}

#[derive(Debug, Clone)]
pub struct Voucher {
    pub batch: usize,
    pub person: usize,
    pub state: Use,
    issued_at: DateTime<Utc>,
}

/// Stays open for as long as a scan of before it can be annulled.
#[derive(Debug, Clone, Copy)]
struct Recall {
    batch: usize,
    person: usize,
    ordered_at: DateTime<Utc>,
    finished: bool,
}

#[derive(Debug, Clone)]
struct Redemption {
    voucher: usize,
    meal: (usize, NaiveDate, bool),
    amount: i64,
    left_over: i64,
    released: bool,
    at: DateTime<Utc>,
    annulled: bool,
    settled: bool,
    /// Same pair, burst: whether each has spoken.
    noticed: [bool; 2],
    /// Open, or decided.
    hold: Option<bool>,
}

#[derive(Debug, Clone)]
struct Scan {
    voucher: usize,
    step: i64,
    said: Said,
}

#[derive(Debug, Clone)]
pub struct Reference {
    pub batches: Vec<Batch>,
    pub vouchers: Vec<Voucher>,
    redemptions: Vec<Redemption>,
    scans: Vec<Scan>,
    meals: BTreeSet<(usize, NaiveDate, bool)>,
    used: BTreeSet<(usize, i64)>,
    recalls: Vec<Recall>,
    settled_days: BTreeSet<NaiveDate>,
    offline: Offline,
}

const fn person_of(account: usize) -> usize {
    account % (ACCOUNTS - 1)
}

fn step_of(instant: DateTime<Utc>) -> i64 {
    instant.timestamp().div_euclid(30)
}

fn pick<T>(of: &[T], index: usize) -> Option<usize> {
    (!of.is_empty()).then(|| index % of.len())
}

impl Reference {
    pub fn new(batches: &[Batch]) -> Self {
        let (vouchers, redemptions, scans) = (Vec::new(), Vec::new(), Vec::new());
        let (meals, used, recalls, settled_days) = (
            BTreeSet::new(),
            BTreeSet::new(),
            Vec::new(),
            BTreeSet::new(),
        );
        let (batches, offline) = (batches.to_vec(), Offline::default());
        Self {
            batches,
            vouchers,
            redemptions,
            scans,
            meals,
            used,
            recalls,
            settled_days,
            offline,
        }
    }

    /// Answers that are right.
    pub fn expect(&self, step: &Step, now: DateTime<Utc>) -> Vec<Said> {
        match *step {
            Step::Claim { account, batch } => self.claim(person_of(account), batch, now),
            Step::Scan { voucher, scanner } => match pick(&self.vouchers, voucher) {
                None => vec![Said::Nothing],
                Some(voucher) => vec![self.scan(voucher, step_of(at(scanner, now)), scanner, now)],
            },
            Step::Replay { scan, scanner } => match pick(&self.scans, scan) {
                None => vec![Said::Nothing],
                Some(scan) => vec![self.scan(
                    self.scans[scan].voucher,
                    self.scans[scan].step,
                    scanner,
                    now,
                )],
            },
            Step::Rescan { scan } => match pick(&self.scans, scan) {
                None => vec![Said::Nothing],
                Some(scan) => vec![Said::Again(Box::new(self.scans[scan].said.clone()))],
            },
            Step::Annul { redemption } => vec![self.on(redemption, |it| match it.annulled {
                true => Said::AlreadyAnnulled,
                false if it.settled => Said::AlreadySettled,
                false if now - it.at > ANNULMENT => Said::TooLate,
                false => Said::Annulled,
            })],
            Step::Sweep => {
                let given_back = self.void(now).len() + self.left_over(now).len();
                vec![Said::Swept(
                    given_back as u64,
                    self.recalled_after_all(now).len() as u64,
                )]
            }
            Step::Recall { account, batch } => vec![match now < self.batches[batch].valid_to {
                true => {
                    Said::Recalled(self.meant(batch, person_of(account), now, now).len() as i64)
                }
                false => Said::RecallRefused,
            }],
            Step::Settle => vec![self.settle(now)],
            Step::Hold { redemption, pair } => {
                vec![self.on(redemption, |it| {
                    Said::Held(!it.annulled && !it.settled && !it.noticed[usize::from(pair)])
                })]
            }
            Step::Decide { redemption, reject } => vec![self.ruling(redemption, reject)],
            Step::Switch { batch, pause } => vec![self.switching(batch, pause, now)],
            Step::Upload(upload) => vec![self.clone().upload(upload, now)],
            Step::Resolve { dispute, how } => vec![self.clone().resolve(dispute, how, now)],
            Step::Report | Step::Pack | Step::Serve { .. } | Step::Wait { .. } => {
                vec![Said::Nothing]
            }
        }
    }

    fn ruling(&self, redemption: usize, reject: bool) -> Said {
        self.on(redemption, |it| match (it.hold, it.annulled) {
            (None, _) => Said::NotFound,
            (Some(true), false) if reject => Said::Rejected,
            (Some(true), false) => Said::Released,
            (Some(_), _) => Said::NotOpen,
        })
    }

    fn switching(&self, batch: usize, pause: bool, now: DateTime<Utc>) -> Said {
        let it = &self.batches[batch];
        match now < it.valid_to && it.paused != pause {
            true => Said::Switched,
            false => Said::WrongState,
        }
    }

    fn settle_day(&mut self, now: DateTime<Utc>) {
        let day = yesterday(now);
        for index in self.payable(day) {
            self.redemptions[index].settled = true;
        }
        self.offline.adjustments = 0;
        self.settled_days.insert(day);
    }

    /// Moves on after an answer that was right.
    pub fn follow(&mut self, step: &Step, said: &Said, now: DateTime<Utc>) {
        match (step, said) {
            (Step::Claim { account, batch }, Said::Issued) => {
                self.batches[*batch].reserved += self.batches[*batch].face;
                let (batch, person, state, issued_at) =
                    (*batch, person_of(*account), Use::Issued, now);
                self.vouchers.push(Voucher {
                    batch,
                    person,
                    state,
                    issued_at,
                });
            }
            (Step::Scan { voucher, scanner }, _) => {
                if let Some(voucher) = pick(&self.vouchers, *voucher) {
                    self.note_scan(voucher, step_of(at(*scanner, now)), *scanner, said, now);
                }
            }
            (Step::Replay { scan, scanner }, _) => {
                if let Some(scan) = pick(&self.scans, *scan) {
                    let (voucher, step) = (self.scans[scan].voucher, self.scans[scan].step);
                    self.note_scan(voucher, step, *scanner, said, now);
                }
            }
            (Step::Annul { redemption }, Said::Annulled) => self.undo(*redemption, Use::Issued),
            (Step::Decide { redemption, .. }, Said::Rejected) => {
                self.undo(*redemption, Use::Deactivated)
            }
            (Step::Decide { redemption, .. }, Said::Released) => {
                self.at(*redemption).hold = Some(false)
            }
            (Step::Hold { redemption, pair }, Said::Held(true)) => {
                let it = self.at(*redemption);
                (it.noticed[usize::from(*pair)], it.hold) = (true, Some(true));
            }
            (Step::Sweep, _) => self.sweep(now),
            (Step::Recall { account, batch }, Said::Recalled(_)) => {
                let (batch, person, ordered_at, finished) =
                    (*batch, person_of(*account), now, false);
                self.recall(self.meant(batch, person, now, now));
                self.recalls.push(Recall {
                    batch,
                    person,
                    ordered_at,
                    finished,
                });
            }
            (Step::Settle, Said::Settled(_)) => self.settle_day(now),
            (Step::Switch { batch, pause }, Said::Switched) => self.batches[*batch].paused = *pause,
            (Step::Pack, _) => self.pack(now),
            (Step::Serve { voucher, scanner }, _) => self.serve(*voucher, *scanner, now),
            (Step::Report, _) => self.report(now),
            (Step::Upload(upload), _) => drop(self.upload(*upload, now)),
            (Step::Resolve { dispute, how }, _) => drop(self.resolve(*dispute, *how, now)),
            _ => {}
        }
    }

    /// Good, unused, and issued before the order.
    fn meant(
        &self,
        batch: usize,
        person: usize,
        ordered_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Vec<usize> {
        let meant = |it: &Voucher| {
            it.state == Use::Issued
                && it.batch == batch
                && it.person == person
                && it.issued_at <= ordered_at
        };
        let good = now < self.batches[batch].valid_to;
        (0..self.vouchers.len())
            .filter(|index| good && meant(&self.vouchers[*index]))
            .collect()
    }

    /// Vouchers that came back by an annulment after they had been recalled.
    fn recalled_after_all(&self, now: DateTime<Utc>) -> BTreeSet<usize> {
        let open = self.recalls.iter().filter(|recall| !recall.finished);
        open.flat_map(|recall| self.meant(recall.batch, recall.person, recall.ordered_at, now))
            .collect()
    }

    fn recall(&mut self, vouchers: impl IntoIterator<Item = usize>) {
        for voucher in vouchers {
            self.vouchers[voucher].state = Use::Recalled;
            let batch = &mut self.batches[self.vouchers[voucher].batch];
            batch.reserved -= batch.face;
        }
    }

    fn on(&self, redemption: usize, say: impl Fn(&Redemption) -> Said) -> Said {
        pick(&self.redemptions, redemption)
            .map_or(Said::Nothing, |index| say(&self.redemptions[index]))
    }

    fn at(&mut self, redemption: usize) -> &mut Redemption {
        let index = redemption % self.redemptions.len();
        &mut self.redemptions[index]
    }
}

fn at(scanner: Scanner, now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::seconds(scanner.skew_seconds)
}

fn yesterday(now: DateTime<Utc>) -> NaiveDate {
    local_time::date_of(now) - TimeDelta::days(1)
}

/// Lunch until noon in Shanghai, dinner afterwards.
fn meal(person: usize, at: DateTime<Utc>) -> (usize, NaiveDate, bool) {
    (
        person,
        local_time::date_of(at),
        local_time::time_of(at).hour() < 12,
    )
}
