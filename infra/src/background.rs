//! Background work on the runtime of the process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use niangjia_domain::kernel::Background;
use tokio::{runtime::Handle, task::JoinSet};

/// Spawns on one runtime, whichever thread asks: HTTP workers have runtimes of their own, which end
/// with them.
#[derive(Debug)]
pub struct TokioBackground {
    runtime: Handle,
    running: Mutex<JoinSet<()>>,
}

impl TokioBackground {
    /// On the runtime of the caller.
    pub fn here() -> Self {
        Self {
            runtime: Handle::current(),
            running: Mutex::default(),
        }
    }

    /// Waits until everything that was spawned has come to its end.
    pub async fn finish(&self) {
        loop {
            let mut running = std::mem::take(&mut *self.running());
            if running.is_empty() {
                return;
            }
            while running.join_next().await.is_some() {}
        }
    }

    fn running(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Background for TokioBackground {
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        let mut running = self.running();
        while running.try_join_next().is_some() {}
        running.spawn_on(work, &self.runtime);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn the_end_waits_for_what_runs_and_for_what_that_spawns() {
        let background = Arc::new(TokioBackground::here());
        let done = Arc::new(AtomicBool::new(false));
        let (spawner, flag) = (background.clone(), done.clone());
        background.spawn(Box::pin(async move {
            tokio::task::yield_now().await;
            spawner.spawn(Box::pin(async move {
                tokio::task::yield_now().await;
                flag.store(true, Ordering::SeqCst);
            }));
        }));
        background.finish().await;
        assert!(done.load(Ordering::SeqCst));
    }

    #[test]
    fn other_threads_spawn_on_the_same_runtime() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let background = Arc::new(runtime.block_on(async { TokioBackground::here() }));
        let spawner = background.clone();
        std::thread::spawn(move || {
            spawner.spawn(Box::pin(async { tokio::task::yield_now().await }))
        })
        .join()
        .unwrap();
        runtime.block_on(background.finish());
        assert!(background.running().is_empty());
    }
}
