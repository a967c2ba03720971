//! A closed loop: N connections, each asking the next request of a common list as soon as it has
//! its answer. All of it runs on one thread, whose processor time is measured with it.

pub(super) mod machine;
pub(super) mod spent;
pub(super) mod wire;

use std::{
    cell::Cell,
    collections::BTreeMap,
    net::SocketAddr,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::LocalSet;

use crate::bench::load::wire::{Line, leading_id};

/// What to ask, and how.
pub(super) struct Plan {
    pub(super) requests: Vec<Vec<u8>>,
    pub(super) doors: Vec<SocketAddr>,
    pub(super) connections: usize,
    /// Ends early when this is over.
    pub(super) at_most: Duration,
    /// Of each connection, from one request to the next; without it there is no pause.
    pub(super) pace: Option<Duration>,
    /// Ends early when somebody says so.
    pub(super) stop: Option<Arc<AtomicBool>>,
}

/// One answer.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) status: u16,
    pub(super) took: Duration,
    /// Since the beginning.
    pub(super) at: Duration,
    /// Of what was created.
    pub(super) id: Option<String>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) seen: Vec<Seen>,
    /// Connections that broke.
    pub(super) broken: Vec<String>,
    pub(super) wall: Duration,
    /// Processor time of the load itself.
    pub(super) cpu: Duration,
}

impl Plan {
    /// Blocks until the list is done, or the time is over.
    pub(super) fn run(self) -> Outcome {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let cpu = machine::thread_cpu();
        let mut outcome = LocalSet::new().block_on(&runtime, self.play());
        outcome.cpu = machine::thread_cpu().saturating_sub(cpu);
        outcome
    }

    async fn play(self) -> Outcome {
        let mut lines = Vec::with_capacity(self.connections);
        for number in 0..self.connections {
            lines.push(
                Line::open(self.doors[number % self.doors.len()])
                    .await
                    .expect("the server listens"),
            );
        }
        let (next, started) = (Rc::new(Cell::new(0)), Instant::now());
        let list = Rc::new(self.requests);
        let callers: Vec<_> = lines
            .into_iter()
            .map(|line| {
                let (next, list, stop) = (next.clone(), list.clone(), self.stop.clone());
                let caller = Caller {
                    next,
                    list,
                    stop,
                    started,
                    until: started + self.at_most,
                };
                tokio::task::spawn_local(caller.ask_all(line, self.pace))
            })
            .collect();
        let mut outcome = Outcome::default();
        for caller in callers {
            let (seen, broken) = caller.await.expect("a caller ends");
            outcome.seen.extend(seen);
            outcome.broken.extend(broken);
        }
        outcome.wall = started.elapsed();
        outcome
    }
}

struct Caller {
    next: Rc<Cell<usize>>,
    list: Rc<Vec<Vec<u8>>>,
    stop: Option<Arc<AtomicBool>>,
    started: Instant,
    until: Instant,
}

impl Caller {
    async fn ask_all(self, mut line: Line, pace: Option<Duration>) -> (Vec<Seen>, Option<String>) {
        let mut seen = Vec::new();
        let mut tick = pace.map(tokio::time::interval);
        loop {
            if let Some(tick) = &mut tick {
                tick.tick().await;
            }
            let number = self.next.replace(self.next.get() + 1);
            let Some(request) = self.list.get(number) else {
                return (seen, None);
            };
            let asked = Instant::now();
            if asked >= self.until || self.is_stopped() {
                return (seen, None);
            }
            match line.ask(request).await {
                Ok((status, body)) => {
                    let id = (status == 201).then(|| leading_id(body)).flatten();
                    seen.push(Seen {
                        status,
                        took: asked.elapsed(),
                        at: self.started.elapsed(),
                        id,
                    });
                }
                Err(error) => return (seen, Some(error.to_string())),
            }
        }
    }

    fn is_stopped(&self) -> bool {
        self.stop
            .as_ref()
            .is_some_and(|stop| stop.load(Ordering::Relaxed))
    }
}

impl Outcome {
    pub(super) fn count(&self, status: u16) -> usize {
        self.seen
            .iter()
            .filter(|seen| seen.status == status)
            .count()
    }

    /// Answers of this status a second, up to the last of them.
    pub(super) fn rate(&self, status: u16) -> f64 {
        let last = self
            .seen
            .iter()
            .filter(|seen| seen.status == status)
            .map(|seen| seen.at)
            .max();
        last.map_or(0.0, |last| self.count(status) as f64 / last.as_secs_f64())
    }

    pub(super) fn answers_a_second(&self) -> f64 {
        self.seen.len() as f64 / self.wall.as_secs_f64()
    }

    /// Of answers with this status.
    pub(super) fn percentile(&self, status: u16, share: f64) -> Duration {
        let of = self.seen.iter().filter(|seen| seen.status == status);
        percentile(of.map(|seen| seen.took).collect(), share)
    }

    /// `201×10000 409×10000`
    pub(super) fn statuses(&self) -> String {
        let mut counts = BTreeMap::<u16, usize>::new();
        for seen in &self.seen {
            *counts.entry(seen.status).or_default() += 1;
        }
        let mut words: Vec<_> = counts
            .iter()
            .map(|(status, count)| format!("{status}×{count}"))
            .collect();
        if let Some(first) = self.broken.first() {
            words.push(format!("broken×{} ({first})", self.broken.len()));
        }
        words.join(" ")
    }

    /// How much of one processor the load took.
    pub(super) fn load_share(&self) -> f64 {
        self.cpu.as_secs_f64() / self.wall.as_secs_f64()
    }
}

/// The smallest time that `share` of all do not exceed.
pub(super) fn percentile(mut times: Vec<Duration>, share: f64) -> Duration {
    times.sort_unstable();
    let rank = (times.len() as f64 * share).ceil() as usize;
    times
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// The middle one.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(status: u16, millis: u64) -> Seen {
        Seen {
            status,
            took: Duration::from_millis(millis),
            at: Duration::from_millis(millis * 10),
            id: None,
        }
    }

    #[test]
    fn percentiles_are_of_one_status_and_rates_end_with_its_last_answer() {
        let seen = (1..=100)
            .map(|n| seen(201, n))
            .chain([seen(409, 900)])
            .collect();
        let outcome = Outcome {
            seen,
            wall: Duration::from_secs(10),
            ..Outcome::default()
        };
        assert_eq!(outcome.percentile(201, 0.5), Duration::from_millis(50));
        assert_eq!(outcome.percentile(201, 0.99), Duration::from_millis(99));
        assert_eq!(outcome.percentile(500, 0.99), Duration::ZERO);
        assert!((outcome.rate(201) - 100.0).abs() < 1e-9);
        assert!((outcome.answers_a_second() - 10.1).abs() < 1e-9);
        assert_eq!(outcome.statuses(), "201×100 409×1");
    }

    #[test]
    fn the_median_does_not_care_for_order() {
        assert!((median(vec![3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
    }
}
