//! Waiting for what happens by itself: a job's round, a notice on its way, a server's start.

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up, on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks again and again until there is something to see; what is looked for and when it is given
/// up stand in the panic's message.
pub async fn eventually<T>(what: &str, look: impl AsyncFnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, look).await
}

/// The same for what is or is not so.
pub async fn eventually_so(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    eventually(what, async || is_so().await.then_some(())).await;
}

/// The same, with a patience of its own.
pub async fn eventually_within<T>(
    patience: Duration,
    what: &str,
    look: impl AsyncFnMut() -> Option<T>,
) -> T {
    seen_within(patience, look)
        .await
        .unwrap_or_else(|| panic!("{}", gave_up(what, patience)))
}

/// The same for callers that go on without: `None` when nothing was seen in time.
pub async fn seen_within<T>(
    patience: Duration,
    mut look: impl AsyncFnMut() -> Option<T>,
) -> Option<T> {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(seen) = look().await {
            return Some(seen);
        }
        if Instant::now() >= deadline {
            return None;
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Without an asynchronous runtime, because tests' runtimes may be busy waiting for this.
pub fn eventually_blocking<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "{}", gave_up(what, PATIENCE));
        std::thread::sleep(PAUSE);
    }
}

fn gave_up(what: &str, patience: Duration) -> String {
    format!(
        "within {} seconds this did not happen: {what}",
        patience.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_comes_later_is_seen_and_what_never_comes_is_given_up() {
        let mut looks = 0;
        let third = eventually("a third look", async || {
            looks += 1;
            (looks == 3).then_some(looks)
        });
        assert_eq!(third.await, 3);
        let never = seen_within(Duration::from_millis(50), async || None::<()>);
        assert_eq!(never.await, None);
    }
}
