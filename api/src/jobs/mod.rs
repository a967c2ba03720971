//! Background work. Every job is safe to run in several processes at once: the database decides who
//! does what.

use std::time::Duration;

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, MissedTickBehavior, interval, sleep},
};

/// The running jobs of this process.
pub struct Jobs {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// How many times longer a job rests than it worked, while there is more to do: people who wait for
/// an answer come first, and what slows the machine down slows the jobs down with it.
const REST: u32 = 4;

/// One unit of a job's work: how much it did, or why it could not.
pub type Outcome = Result<u64, Box<dyn std::error::Error + Send + Sync>>;

impl Default for Jobs {
    fn default() -> Self {
        Self {
            tasks: JoinSet::new(),
            stop: watch::channel(false).0,
        }
    }
}

impl Jobs {
    /// Lets `service` do `work` every `pause`; again after a short rest while it finds something to
    /// do.
    pub fn every<S, W, F>(&mut self, name: &'static str, pause: Duration, service: &S, work: W)
    where
        S: Clone + Send + Sync + 'static,
        W: Fn(S) -> F + Send + Sync + 'static,
        F: Future<Output = Outcome> + Send,
    {
        let mut stop = self.stop.subscribe();
        let service = service.clone();
        self.tasks.spawn(async move {
            let mut ticks = interval(pause);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = ticks.tick() => {}
                    _ = stop.changed() => return,
                }
                while let Some(worked) = unit(name, work(service.clone())).await {
                    tokio::select! {
                        () = sleep(worked * REST) => {}
                        _ = stop.changed() => return,
                    }
                }
            }
        });
    }

    /// Lets every job finish the unit it is at.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// How long one unit took; `None`: there was nothing to do, or it failed.
async fn unit(name: &'static str, work: impl Future<Output = Outcome>) -> Option<Duration> {
    let started = Instant::now();
    let outcome = work.await;
    let result = if outcome.is_ok() { "done" } else { "failed" };
    metrics::counter!("job_runs_total", "job" => name, "result" => result).increment(1);
    match outcome {
        Ok(count) => (count > 0).then(|| started.elapsed()),
        Err(error) => {
            tracing::warn!(job = name, error = %error, "job failed; it runs again later");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn a_job_goes_on_while_there_is_work_and_stops_when_told() {
        let left = Arc::new(AtomicU64::new(5));
        let done = Arc::new(tokio::sync::Notify::new());
        let mut jobs = Jobs::default();
        jobs.every(
            "test",
            Duration::from_secs(3_600),
            &(left.clone(), done.clone()),
            |(left, done)| async move {
                let before = left.load(Ordering::SeqCst);
                if before == 0 {
                    done.notify_one();
                    return Ok(0);
                }
                left.store(before - 1, Ordering::SeqCst);
                if before == 3 {
                    Err("once".into())
                } else {
                    Ok(1)
                }
            },
        );
        // The failure at three ends the first round; nothing is left to do only after another tick.
        tokio::time::timeout(Duration::from_millis(200), done.notified())
            .await
            .unwrap_err();
        assert_eq!(left.load(Ordering::SeqCst), 2);
        jobs.stop().await;
    }

    #[tokio::test]
    async fn a_job_with_much_to_do_leaves_most_of_the_time_to_others() {
        const UNIT: Duration = Duration::from_millis(10);
        const UNITS: u64 = 5;
        let (done, told) = (
            Arc::new(AtomicU64::new(0)),
            Arc::new(tokio::sync::Notify::new()),
        );
        let mut jobs = Jobs::default();
        let started = Instant::now();
        jobs.every(
            "test",
            Duration::from_secs(3_600),
            &(done, told.clone()),
            |(done, told)| async move {
                sleep(UNIT).await;
                if done.fetch_add(1, Ordering::SeqCst) + 1 == UNITS {
                    told.notify_one();
                }
                Ok(1)
            },
        );
        told.notified().await;
        let rests = UNIT * REST * (UNITS as u32 - 1);
        assert!(
            started.elapsed() >= UNIT * UNITS as u32 + rests,
            "it rested too little: {:?}",
            started.elapsed()
        );
        jobs.stop().await;
    }
}
