//! Runs jobs until the process ends.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::{Interval, MissedTickBehavior, interval, sleep, timeout},
};

use super::{Job, Leases, Trouble, run_unit};

/// How many times longer a job rests than it worked, while there is more to do: people who wait for
/// an answer come first, and what slows the machine down slows the jobs down with it.
pub const REST: u32 = 4;

/// How long units that are under way may take once the process is asked to end. Then they are
/// dropped where they wait, and what they had not committed never happened: two seconds after the
/// signal all have stopped.
const GRACE: Duration = Duration::from_millis(1_500);
/// The longest that dropping them may take: until each comes to where it waits.
const DROPPING: Duration = Duration::from_millis(250);
/// The longest that handing the leases back may take; where it fails they end by themselves.
const FAREWELL: Duration = Duration::from_secs(1);

/// The running jobs of this process.
pub struct Jobs {
    units: JoinSet<()>,
    keeper: JoinHandle<()>,
    stop: watch::Sender<bool>,
    leases: Arc<Leases>,
}

impl Jobs {
    /// Runs each job whenever this process leads it.
    pub fn start<S>(
        jobs: impl IntoIterator<Item = Job<S>>,
        services: &S,
        leases: Arc<Leases>,
    ) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        let (stop, mut units) = (watch::channel(false).0, JoinSet::new());
        for job in jobs {
            let services = services.clone();
            units.spawn(work_on(job, services, leases.clone(), stop.subscribe()));
        }
        let kept = leases.clone();
        Self {
            units,
            keeper: tokio::spawn(async move { kept.keep().await }),
            stop,
            leases,
        }
    }

    /// Lets units end what they are at, for a moment; then hands the leases back, so that another
    /// process goes on at once.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let ended = timeout(GRACE, async {
            while self.units.join_next().await.is_some() {}
        });
        if ended.await.is_err() {
            tracing::warn!(
                units = self.units.len(),
                "units that take too long are dropped"
            );
            let _ = timeout(DROPPING, self.units.shutdown()).await;
        }
        self.keeper.abort();
        match timeout(FAREWELL, self.leases.step_down()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the leases of jobs were not handed back"),
            Err(_) => tracing::warn!("the leases of jobs were not handed back in time"),
        }
    }
}

/// Never ends by itself, whatever units do.
async fn work_on<S: Clone>(
    job: Job<S>,
    services: S,
    leases: Arc<Leases>,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = interval(job.period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut trouble = Trouble::default();
    loop {
        tokio::select! {
            biased;
            _ = stop.changed() => return,
            () = turn(&job, &leases, &mut ticks) => {}
        }
        while is_ours(&job, &leases) {
            let ran = run_unit(job.name, (job.unit)(services.clone())).await;
            trouble.note(job.name, &ran.result);
            leases.count(job.name, &ran.result);
            if !ran.found_work() {
                break;
            }
            tokio::select! {
                biased;
                _ = stop.changed() => return,
                () = sleep(ran.took * REST) => {}
            }
        }
    }
}

/// It is time, and the job is this process's. A new leader begins at once.
async fn turn<S>(job: &Job<S>, leases: &Leases, ticks: &mut Interval) {
    if !job.is_everybodys {
        leases.led(job.name).await;
    }
    ticks.tick().await;
}

fn is_ours<S>(job: &Job<S>, leases: &Leases) -> bool {
    job.is_everybodys || leases.leads(job.name)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use async_trait::async_trait;
    use chrono::DateTime;
    use futures_util::future::BoxFuture;
    use niangjia_domain::{
        jobs::Leadership,
        kernel::id::ProcessId,
        store::{Store, StoreError, Tx},
    };
    use niangjia_infra::system::SystemClock;
    use tokio::{sync::Notify, time::Instant};

    use super::*;
    use crate::jobs::Outcome;

    const HOUR: Duration = Duration::from_secs(3_600);
    const UNIT: Duration = Duration::from_millis(10);
    const UNITS: u64 = 5;

    /// A database that is away: jobs of everybody need none.
    struct Away;

    fn away<T>() -> Result<T, StoreError> {
        Err(StoreError::Unavailable("away".into()))
    }

    #[async_trait]
    impl Store for Away {
        async fn begin(&self) -> Result<Box<dyn Tx>, StoreError> {
            away()
        }

        async fn read(&self) -> Result<Box<dyn Tx>, StoreError> {
            away()
        }

        async fn begin_long(&self) -> Result<Box<dyn Tx>, StoreError> {
            away()
        }

        async fn read_long(&self) -> Result<Box<dyn Tx>, StoreError> {
            away()
        }

        async fn ping(&self) -> Result<(), StoreError> {
            away()
        }
    }

    fn leases() -> Arc<Leases> {
        let leadership = Leadership {
            store: Arc::new(Away),
            clock: Arc::new(SystemClock),
            process: ProcessId::earliest_at(DateTime::UNIX_EPOCH),
        };
        Arc::new(Leases::new(leadership, Vec::new()))
    }

    /// Units done or left, and a bell that a unit may ring.
    type Desk = (Arc<AtomicU64>, Arc<Notify>);

    fn start(period: Duration, unit: fn(Desk) -> Unit, desk: &Desk) -> Jobs {
        let job = Job::every(period, "runner_test", "is a test", unit).everybodys();
        Jobs::start([job], desk, leases())
    }

    type Unit = BoxFuture<'static, Outcome>;

    #[tokio::test]
    async fn a_job_goes_on_while_there_is_work_and_stops_when_told() {
        let desk = (Arc::new(AtomicU64::new(5)), Arc::new(Notify::new()));
        let unit: fn(Desk) -> Unit = |(left, bell)| {
            Box::pin(async move {
                let before = left.load(Ordering::SeqCst);
                if before == 0 {
                    bell.notify_one();
                    return Ok(0);
                }
                left.store(before - 1, Ordering::SeqCst);
                if before == 3 {
                    Err("once".into())
                } else {
                    Ok(1)
                }
            })
        };
        let jobs = start(HOUR, unit, &desk);
        // The failure at three ends the first round; nothing is left to do only after another tick.
        timeout(Duration::from_millis(200), desk.1.notified())
            .await
            .unwrap_err();
        assert_eq!(desk.0.load(Ordering::SeqCst), 2);
        jobs.stop().await;
    }

    #[tokio::test]
    async fn a_job_with_much_to_do_leaves_most_of_the_time_to_others() {
        let desk = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
        let unit: fn(Desk) -> Unit = |(done, bell)| {
            Box::pin(async move {
                sleep(UNIT).await;
                if done.fetch_add(1, Ordering::SeqCst) + 1 == UNITS {
                    bell.notify_one();
                }
                Ok(1)
            })
        };
        let started = Instant::now();
        let jobs = start(HOUR, unit, &desk);
        desk.1.notified().await;
        let rests = UNIT * REST * (UNITS as u32 - 1);
        assert!(
            started.elapsed() >= UNIT * UNITS as u32 + rests,
            "it rested too little: {:?}",
            started.elapsed()
        );
        jobs.stop().await;
    }

    #[tokio::test]
    async fn a_panic_ends_a_unit_and_never_the_job() {
        let desk = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
        let unit: fn(Desk) -> Unit = |(done, bell)| {
            Box::pin(async move {
                match done.fetch_add(1, Ordering::SeqCst) {
                    0..3 => panic!("on purpose"),
                    _ => bell.notify_one(),
                }
                Ok(0)
            })
        };
        let jobs = start(Duration::from_millis(1), unit, &desk);
        timeout(Duration::from_secs(10), desk.1.notified())
            .await
            .expect("the fourth unit came");
        jobs.stop().await;
    }

    #[tokio::test]
    async fn a_unit_that_hangs_is_dropped_within_two_seconds() {
        /// Tells that the unit's future is gone.
        struct Dropped(Arc<AtomicU64>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.store(1, Ordering::SeqCst);
            }
        }
        let desk = (Arc::new(AtomicU64::new(0)), Arc::new(Notify::new()));
        let unit: fn(Desk) -> Unit = |(gone, bell)| {
            Box::pin(async move {
                let _dropped = Dropped(gone);
                bell.notify_one();
                std::future::pending().await
            })
        };
        let jobs = start(HOUR, unit, &desk);
        desk.1.notified().await;
        let asked = Instant::now();
        jobs.stop().await;
        assert!(
            asked.elapsed() < Duration::from_secs(2),
            "{:?}",
            asked.elapsed()
        );
        assert_eq!(desk.0.load(Ordering::SeqCst), 1);
    }
}
