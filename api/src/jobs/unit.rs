//! One unit of work: whatever happens in it is counted, and told once.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::Poll,
    time::Duration,
};

use niangjia_domain::kernel::cause;
use tokio::time::Instant;

use super::Outcome;

/// The longest cause that is kept.
const CAUSE_CHARACTERS: usize = 500;

/// How a unit ended.
#[derive(Debug)]
pub struct Ran {
    /// How much it did, or the error with its causes.
    pub result: Result<u64, String>,
    pub took: Duration,
}

impl Ran {
    /// Whether there may be more to do.
    pub fn found_work(&self) -> bool {
        self.result.as_ref().is_ok_and(|count| *count > 0)
    }
}

/// Runs one unit. A panic is an error like others: the hook has logged its place.
pub async fn run(job: &'static str, work: impl Future<Output = Outcome>) -> Ran {
    let started = Instant::now();
    let (result, word) = match unpanicked(work).await {
        Some(Ok(count)) => (Ok(count), "done"),
        Some(Err(error)) => (Err(cause::chain(&*error)), "failed"),
        None => {
            metrics::counter!("job_panics_total", "job" => job).increment(1);
            (
                Err("it panicked; the log says where".to_owned()),
                "panicked",
            )
        }
    };
    metrics::counter!("job_runs_total", "job" => job, "result" => word).increment(1);
    Ran {
        result: result.map_err(|cause| cause.chars().take(CAUSE_CHARACTERS).collect()),
        took: started.elapsed(),
    }
}

/// `None`: it panicked, and is never polled again.
async fn unpanicked<T>(work: impl Future<Output = T>) -> Option<T> {
    let mut work = Box::pin(work);
    std::future::poll_fn(move |context| {
        let work: Pin<&mut _> = work.as_mut();
        match catch_unwind(AssertUnwindSafe(|| work.poll(context))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
    .await
}

/// What is wrong with a job at present. The same trouble is logged once, when it begins, and its
/// end is told with how often it came.
#[derive(Debug, Default)]
pub struct Trouble {
    cause: Option<String>,
    times: u64,
}

impl Trouble {
    /// Takes note of how a unit ended; whether that was news.
    pub fn note(&mut self, job: &str, result: &Result<u64, String>) -> bool {
        match result {
            Ok(_) => self.ends(job),
            Err(cause) if self.cause.as_ref() == Some(cause) => {
                self.times += 1;
                false
            }
            Err(cause) => {
                tracing::warn!(job, cause, "job failed; it runs again later");
                (self.cause, self.times) = (Some(cause.clone()), 1);
                true
            }
        }
    }

    fn ends(&mut self, job: &str) -> bool {
        let Some(cause) = self.cause.take() else {
            return false;
        };
        tracing::info!(job, cause, times = self.times, "job works again");
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_and_an_error_are_results_like_others() {
        let ran = run("unit_test", async { panic!("on purpose") }).await;
        assert_eq!(
            ran.result,
            Err("it panicked; the log says where".to_owned())
        );
        let ran = run("unit_test", async { Err("no such table".into()) }).await;
        assert_eq!(ran.result, Err("no such table".to_owned()));
        assert!(!ran.found_work());
        assert!(run("unit_test", async { Ok(2) }).await.found_work());
        assert!(!run("unit_test", async { Ok(0) }).await.found_work());
    }

    #[test]
    fn the_same_trouble_is_news_once_and_so_is_its_end() {
        let (mut trouble, failed) = (Trouble::default(), |cause: &str| Err(cause.to_owned()));
        let results = [
            (Ok(1), false),
            (failed("disk full"), true),
            (failed("disk full"), false),
            (failed("no such table"), true),
            (Ok(0), true),
            (Ok(0), false),
            (failed("no such table"), true),
        ];
        for (result, is_news) in results {
            assert_eq!(trouble.note("unit_test", &result), is_news, "{result:?}");
        }
    }
}
