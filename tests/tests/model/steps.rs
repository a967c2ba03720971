//! What can happen. Indices are taken modulo what is there.

use proptest::prelude::*;

/// Accounts; the last one is a second account of the first person.
pub const ACCOUNTS: usize = 4;
pub const BATCHES: usize = 2;
/// Devices that scan without a network.
pub const TABLETS: usize = 2;

#[derive(Debug, Clone)]
pub enum Step {
    Claim {
        account: usize,
        batch: usize,
    },
    /// The holder shows the code of the scanner's moment.
    Scan {
        voucher: usize,
        scanner: Scanner,
    },
    /// The same scan id again.
    Rescan {
        scan: usize,
    },
    /// A screenshot of an earlier code, with a new scan id.
    Replay {
        scan: usize,
        scanner: Scanner,
    },
    Annul {
        redemption: usize,
    },
    /// The jobs that give back what nobody will use, and go on with recalls.
    Sweep,
    /// Of one person, in one batch.
    Recall {
        account: usize,
        batch: usize,
    },
    /// A sheet of yesterday, frozen; called off when it cannot be.
    Settle,
    Hold {
        redemption: usize,
        pair: bool,
    },
    Decide {
        redemption: usize,
        reject: bool,
    },
    Switch {
        batch: usize,
        pause: bool,
    },
    /// The tablets fetch their packs of today.
    Pack,
    /// One of them serves without a network, by its own clock, whatever its pack would say.
    Serve {
        voucher: usize,
        scanner: Scanner,
    },
    Upload(Upload),
    /// The tablets say that they hold nothing any more, true or not: settlements wait for that.
    Report,
    /// A cadre's word on a disputed scan.
    Resolve {
        dispute: usize,
        how: Word,
    },
    Wait {
        minutes: i64,
    },
}

#[derive(Debug, Clone, Copy)]
pub struct Scanner {
    /// Which of the two processes and staff accounts.
    pub at: usize,
    /// How far its clock is off.
    pub skew_seconds: i64,
    pub price_fen: Option<i64>,
}

/// Some of what a tablet served so far, sent before or not.
#[derive(Debug, Clone, Copy)]
pub struct Upload {
    pub tablet: usize,
    pub first: usize,
    pub count: usize,
    pub backwards: bool,
}

impl Upload {
    /// Which of `served` are sent, in the order of the sending.
    pub fn picks(&self, served: usize) -> Vec<usize> {
        let picks = (0..self.count.min(served)).map(|n| (self.first + n) % served);
        if self.backwards {
            picks.rev().collect()
        } else {
            picks.collect()
        }
    }
}

#[derive(Debug, Clone, Copy)]
pub enum Word {
    Honour,
    Reject,
    Retry,
}

fn upload() -> impl Strategy<Value = Upload> {
    let any = (0..TABLETS, 0..1_000usize, 1..8usize, any_bool());
    any.prop_map(|(tablet, first, count, backwards)| Upload {
        tablet,
        first,
        count,
        backwards,
    })
}

fn scanner() -> impl Strategy<Value = Scanner> {
    let skews = prop_oneof![6 => Just(0), 1 => Just(-20), 1 => Just(25), 1 => Just(-240), 1 => Just(280), 1 => Just(301)];
    let prices = prop_oneof![2 => Just(None), 2 => Just(Some(800)), 1 => Just(Some(1_000)), 1 => Just(Some(2_300))];
    (0..2usize, skews, prices).prop_map(|(at, skew_seconds, price_fen)| Scanner {
        at,
        skew_seconds,
        price_fen,
    })
}

pub fn step() -> impl Strategy<Value = Step> {
    let any = any::<prop::sample::Index>;
    let one = move || any().prop_map(|index| index.index(1 << 20));
    prop_oneof![
        8 => (0..ACCOUNTS, 0..BATCHES).prop_map(|(account, batch)| Step::Claim { account, batch }),
        8 => (one(), scanner()).prop_map(|(voucher, scanner)| Step::Scan { voucher, scanner }),
        2 => one().prop_map(|scan| Step::Rescan { scan }),
        2 => (one(), scanner()).prop_map(|(scan, scanner)| Step::Replay { scan, scanner }),
        4 => one().prop_map(|redemption| Step::Annul { redemption }),
        2 => Just(Step::Sweep),
        1 => (0..ACCOUNTS, 0..BATCHES).prop_map(|(account, batch)| Step::Recall { account, batch }),
        3 => Just(Step::Settle),
        2 => (one(), any_bool()).prop_map(|(redemption, pair)| Step::Hold { redemption, pair }),
        2 => (one(), any_bool()).prop_map(|(redemption, reject)| Step::Decide { redemption, reject }),
        1 => (0..BATCHES, any_bool()).prop_map(|(batch, pause)| Step::Switch { batch, pause }),
        3 => Just(Step::Pack),
        8 => (one(), scanner()).prop_map(|(voucher, scanner)| Step::Serve { voucher, scanner }),
        6 => upload().prop_map(Step::Upload),
        2 => Just(Step::Report),
        3 => (one(), prop::sample::select(vec![Word::Honour, Word::Reject, Word::Retry, Word::Retry]))
            .prop_map(|(dispute, how)| Step::Resolve { dispute, how }),
        3 => prop::sample::select(vec![1, 1, 14, 16, 16, 60, 60, 400, 780]).prop_map(|minutes| Step::Wait { minutes }),
    ]
}

fn any_bool() -> impl Strategy<Value = bool> {
    any::<bool>()
}
