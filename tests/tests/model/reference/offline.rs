//! Tablets without a network: what they serve is judged when it is uploaded, as of then.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use niangjia_domain::{kernel::values::local_time, vouchers::scans::refusal::Refusal};

use super::{Reference, SKEW, at, meal, pick, step_of};
use crate::{
    said::{Fate, Said},
    steps::{Scanner, TABLETS, Upload, Word},
};

/// What a tablet may take on one day: meals, and fen.
pub const CAPS: (i64, i64) = (2, 1_500);

#[derive(Debug, Clone, Default)]
pub struct Offline {
    tablets: [Tablet; TABLETS],
    disputes: Vec<Dispute>,
    /// Honoured disputes that wait for a sheet.
    pub adjustments: i64,
}

#[derive(Debug, Clone, Default)]
struct Tablet {
    served: Vec<Served>,
    days: BTreeMap<NaiveDate, Day>,
    packed_through: Option<NaiveDate>,
    owed_from: Option<NaiveDate>,
    synced_through: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
struct Day {
    since: DateTime<Utc>,
    meals: i64,
    fen: i64,
}

#[derive(Debug, Clone)]
struct Served {
    voucher: usize,
    step: i64,
    at: DateTime<Utc>,
    price: Option<i64>,
    answer: Option<Fate>,
}

#[derive(Debug, Clone)]
struct Dispute {
    tablet: usize,
    scan: usize,
    is_open: bool,
}

impl Offline {
    pub fn owes(&self, last: NaiveDate) -> bool {
        self.tablets
            .iter()
            .any(|tablet| tablet.owed_from.is_some_and(|from| from <= last))
    }

    pub fn is_undecided(&self, last: NaiveDate) -> bool {
        let day = |it: &Dispute| local_time::date_of(self.tablets[it.tablet].served[it.scan].at);
        self.disputes.iter().any(|it| it.is_open && day(it) <= last)
    }
}

impl Tablet {
    /// Whether it had a pack then, and the time does not lie ahead of ours.
    fn could_scan(&self, at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        let since = self.days.get(&local_time::date_of(at)).map(|day| day.since);
        since.is_some_and(|since| at >= since - SKEW) && at <= now + SKEW
    }

    fn take(&mut self, day: NaiveDate, meals: i64, fen: i64) -> bool {
        let Some(it) = self.days.get_mut(&day) else {
            return false;
        };
        let fits = it.meals + meals <= CAPS.0 && it.fen + fen <= CAPS.1;
        if fits {
            (it.meals, it.fen) = (it.meals + meals, it.fen + fen);
        }
        fits
    }

    fn sync(&mut self, through: DateTime<Utc>) {
        let day = local_time::date_of(through);
        if self.synced_through.is_none_or(|before| before < through) {
            self.synced_through = Some(through);
            let all = self.packed_through.is_some_and(|packed| packed < day);
            self.owed_from = self.owed_from.filter(|_| !all).map(|from| from.max(day));
        }
    }
}

impl Reference {
    /// Meals and fen that tablets have taken from their days, and disputes that wait.
    pub fn taken_offline(&self) -> (i64, i64, i64) {
        let days = || {
            self.offline
                .tablets
                .iter()
                .flat_map(|tablet| tablet.days.values())
        };
        let open = self.offline.disputes.iter().filter(|it| it.is_open).count();
        (
            days().map(|day| day.meals).sum(),
            days().map(|day| day.fen).sum(),
            open as i64,
        )
    }

    pub(super) fn pack(&mut self, now: DateTime<Utc>) {
        let today = local_time::date_of(now);
        for it in &mut self.offline.tablets {
            it.days.entry(today).or_insert(Day {
                since: now,
                meals: 0,
                fen: 0,
            });
            it.packed_through = it.packed_through.max(Some(today));
            it.owed_from = Some(it.owed_from.map_or(today, |from| from.min(today)));
        }
    }

    /// The phone shows the code of this moment; the tablet notes its own time.
    pub(super) fn serve(&mut self, voucher: usize, scanner: Scanner, now: DateTime<Utc>) {
        let Some(voucher) = pick(&self.vouchers, voucher) else {
            return;
        };
        let (step, at, price, answer) = (step_of(now), at(scanner, now), scanner.price_fen, None);
        self.offline.tablets[scanner.at].served.push(Served {
            voucher,
            step,
            at,
            price,
            answer,
        });
    }

    pub(super) fn report(&mut self, now: DateTime<Utc>) {
        self.offline
            .tablets
            .iter_mut()
            .for_each(|tablet| tablet.sync(now));
    }

    pub(super) fn upload(&mut self, upload: Upload, now: DateTime<Utc>) -> Said {
        let tablet = upload.tablet;
        let sent = upload.picks(self.served(tablet).len());
        if sent.is_empty() {
            return Said::Nothing;
        }
        let fresh: Vec<usize> = sent
            .iter()
            .copied()
            .filter(|n| self.served(tablet)[*n].answer.is_none())
            .collect();
        let before = self.redemptions.len();
        self.answer_all(tablet, fresh.clone(), now);
        self.tell_in_order(tablet, before, &fresh);
        let fate = |n: &usize| self.served(tablet)[*n].answer.clone().unwrap();
        let fates: Vec<Fate> = sent.iter().map(fate).collect();
        let disputed =
            |n: &usize| matches!(self.served(tablet)[*n].answer, Some(Fate::Disputed(_)));
        let new: Vec<_> = fresh.into_iter().filter(disputed).collect();
        self.offline
            .disputes
            .extend(new.into_iter().map(|scan| Dispute {
                tablet,
                scan,
                is_open: true,
            }));
        Said::Uploaded(fates)
    }

    /// The earlier of two that contradict each other counts; what is refused leaves its place to
    /// another.
    fn answer_all(&mut self, tablet: usize, mut open: Vec<usize>, now: DateTime<Utc>) {
        open.sort_by_key(|n| (self.served(tablet)[*n].at, *n));
        let (mut open, unbelieved): (Vec<_>, Vec<_>) = open.into_iter().partition(|n| {
            self.offline.tablets[tablet].could_scan(self.served(tablet)[*n].at, now)
        });
        self.dispute(tablet, unbelieved, Refusal::ClockSkew.code());
        while !open.is_empty() {
            let within = self.take_places(tablet, &open);
            open.retain(|n| !within.contains(n));
            let refused = self.admit(tablet, within, now);
            let nobody_left = refused.is_empty();
            for (n, reason) in refused {
                let (day, fen) = self.cost(tablet, n);
                self.offline.tablets[tablet].take(day, -1, -fen);
                self.dispute(tablet, vec![n], reason.code());
            }
            if nobody_left {
                break;
            }
        }
        self.dispute(tablet, open, "cap_exceeded");
    }

    /// Redemptions are told, and so known, in the order in which their scans were sent.
    fn tell_in_order(&mut self, tablet: usize, first: usize, sent: &[usize]) {
        let served = &self.offline.tablets[tablet].served;
        let accepted = |n: &&usize| matches!(served[**n].answer, Some(Fate::Accepted { .. }));
        let vouchers: Vec<usize> = sent
            .iter()
            .filter(accepted)
            .map(|n| served[*n].voucher)
            .collect();
        self.redemptions[first..]
            .sort_by_key(|it| vouchers.iter().position(|voucher| *voucher == it.voucher));
    }

    /// All of a day together if they fit, else one after the other.
    fn take_places(&mut self, tablet: usize, open: &[usize]) -> Vec<usize> {
        let mut days: BTreeMap<NaiveDate, Vec<(usize, i64)>> = BTreeMap::new();
        for n in open {
            let (day, fen) = self.cost(tablet, *n);
            days.entry(day).or_default().push((*n, fen));
        }
        let it = &mut self.offline.tablets[tablet];
        let mut within = Vec::new();
        for (day, scans) in days {
            let all = it.take(
                day,
                scans.len() as i64,
                scans.iter().map(|(_, fen)| fen).sum(),
            );
            within.extend(
                scans
                    .iter()
                    .filter(|(_, fen)| all || it.take(day, 1, *fen))
                    .map(|(n, _)| *n),
            );
        }
        within
    }

    /// Everybody is judged by what is there; of those who then take the same code, meal or voucher,
    /// the first wins and the others are judged again.
    fn admit(
        &mut self,
        tablet: usize,
        mut open: Vec<usize>,
        now: DateTime<Utc>,
    ) -> Vec<(usize, Refusal)> {
        let mut refused = Vec::new();
        while !open.is_empty() {
            let judged = |n: &usize| self.judged(tablet, *n);
            refused.extend(open.iter().filter_map(|n| Some((*n, judged(n)?))));
            open.retain(|n| judged(n).is_none());
            let winners = self.winners(tablet, &open);
            open.retain(|n| !winners.contains(n));
            for n in winners {
                let Served {
                    voucher,
                    step,
                    at,
                    price,
                    ..
                } = self.served(tablet)[n];
                let (amount, copay) = self.payment(voucher, price);
                self.redeem(voucher, step, at, amount, now);
                self.offline.tablets[tablet].served[n].answer =
                    Some(Fate::Accepted { amount, copay });
            }
        }
        refused
    }

    fn winners(&self, tablet: usize, sound: &[usize]) -> Vec<usize> {
        let of = |n: &usize| &self.served(tablet)[*n];
        let burning = firsts(sound, |n| (of(n).voucher, of(n).step));
        let eating = firsts(&burning, |n| {
            meal(self.vouchers[of(n).voucher].person, of(n).at)
        });
        firsts(&eating, |n| of(n).voucher)
    }

    pub(super) fn resolve(&mut self, dispute: usize, how: Word, now: DateTime<Utc>) -> Said {
        let Some(index) = pick(&self.offline.disputes, dispute) else {
            return Said::Nothing;
        };
        let Dispute {
            tablet,
            scan,
            is_open,
        } = self.offline.disputes[index];
        if !is_open {
            return Said::AlreadyResolved;
        }
        let Served {
            voucher,
            step,
            at,
            price,
            ..
        } = self.served(tablet)[scan];
        let (amount, _) = self.payment(voucher, price);
        let said = match (how, self.judged(tablet, scan)) {
            (Word::Reject, _) => Said::Borne,
            (Word::Retry, Some(refusal)) => return Said::StillDisputed(refusal),
            (Word::Retry, None) => {
                self.redeem(voucher, step, at, amount, now);
                Said::RedeemedAfterAll
            }
            (Word::Honour, _) => {
                let batch = &mut self.batches[self.vouchers[voucher].batch];
                if batch.reserved + batch.spent + amount > batch.budget {
                    return Said::NoBudget;
                }
                batch.spent += amount;
                self.offline.adjustments += 1;
                Said::Honoured
            }
        };
        self.offline.disputes[index].is_open = false;
        said
    }

    fn served(&self, tablet: usize) -> &[Served] {
        &self.offline.tablets[tablet].served
    }

    fn judged(&self, tablet: usize, scan: usize) -> Option<Refusal> {
        let Served {
            voucher, step, at, ..
        } = self.served(tablet)[scan];
        self.judge(voucher, step, at)
    }

    fn cost(&self, tablet: usize, scan: usize) -> (NaiveDate, i64) {
        let it = &self.served(tablet)[scan];
        (
            local_time::date_of(it.at),
            self.payment(it.voucher, it.price).0,
        )
    }

    fn dispute(&mut self, tablet: usize, scans: Vec<usize>, reason: &str) {
        for n in scans {
            self.offline.tablets[tablet].served[n].answer = Some(Fate::Disputed(reason.to_owned()));
        }
    }
}

/// The first of each kind.
fn firsts<K: Ord>(of: &[usize], kind: impl Fn(&usize) -> K) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    of.iter()
        .copied()
        .filter(|n| seen.insert(kind(n)))
        .collect()
}
