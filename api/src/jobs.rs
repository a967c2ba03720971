//! Background work. Every job is safe to run in several processes at once: the database decides who does what.

use std::time::Duration;

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

/// The running jobs of this process.
pub struct Jobs {
    tasks: JoinSet<()>,
    stop: watch::Sender<bool>,
}

/// One unit of a job's work: how much it did, or why it could not.
pub type Outcome = Result<u64, Box<dyn std::error::Error + Send + Sync>>;

impl Default for Jobs {
    fn default() -> Self {
        Self { tasks: JoinSet::new(), stop: watch::channel(false).0 }
    }
}

impl Jobs {
    /// Lets `service` do `work` every `pause`, at once again while it finds something to do.
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
                while !*stop.borrow() && run(name, work(service.clone())).await > 0 {}
            }
        });
    }

    /// Lets every job finish the unit it is at.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

async fn run(name: &'static str, work: impl Future<Output = Outcome>) -> u64 {
    let outcome = work.await;
    let result = if outcome.is_ok() { "done" } else { "failed" };
    metrics::counter!("job_runs_total", "job" => name, "result" => result).increment(1);
    match outcome {
        Ok(count) => count,
        Err(error) => {
            tracing::warn!(job = name, error = %error, "job failed; it runs again later");
            0
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
        jobs.every("test", Duration::from_secs(3_600), &(left.clone(), done.clone()), |(left, done)| async move {
            let before = left.load(Ordering::SeqCst);
            if before == 0 {
                done.notify_one();
                return Ok(0);
            }
            left.store(before - 1, Ordering::SeqCst);
            if before == 3 { Err("once".into()) } else { Ok(1) }
        });
        // The failure at three ends the first round; nothing is left to do only after another tick.
        tokio::time::timeout(Duration::from_millis(200), done.notified()).await.unwrap_err();
        assert_eq!(left.load(Ordering::SeqCst), 2);
        jobs.stop().await;
    }
}
