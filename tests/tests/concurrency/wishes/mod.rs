//! Races over wishes: many callers on two processes' pools, each limit with a control without its
//! guard.

mod claims;
mod handover;
mod limits;

use std::future::Future;

use futures_util::future::join_all;
use niangjia_domain::{kernel::Actor, wishes::WishService};
use niangjia_tests::town::Town;

const CALLERS: usize = 16;

/// Runs all callers at once, every other one in the second process.
async fn storm<F>(
    processes: [&WishService; 2],
    call: impl Fn(usize, WishService) -> F,
) -> Vec<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    let callers: Vec<_> = (0..CALLERS)
        .map(|n| tokio::spawn(call(n, processes[n % 2].clone())))
        .collect();
    join_all(callers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect()
}

async fn donors(town: &Town) -> Vec<Actor> {
    let mut donors = Vec::new();
    for _ in 0..CALLERS {
        donors.push(town.donor().await);
    }
    donors
}

fn successes<T, E>(results: &[Result<T, E>]) -> usize {
    results.iter().filter(|result| result.is_ok()).count()
}

const LIVE: &str = "status IN ('active', 'dispatched')";

async fn live_claims(town: &Town) -> i64 {
    town.count(&format!("SELECT COUNT(*) FROM wish_claims WHERE {LIVE}"))
        .await
}
