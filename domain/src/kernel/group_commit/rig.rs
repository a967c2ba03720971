//! A lane moved by hand: a test decides when a commit is under way and when it ends.

use std::{
    pin::Pin,
    sync::atomic::{AtomicUsize, Ordering},
};

use futures_util::{FutureExt, future::BoxFuture};

use super::*;

/// What a request asks of [`Ledger`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    Number(u32),
    /// Is refused, without harm to its neighbours.
    Refused,
    /// Fails the transaction it is in.
    Poison,
    /// The database goes away during the commit.
    Outage,
    /// Waits for a row in vain.
    Locked,
    Panic,
}

use Ask::Number;

pub(super) type Told = Result<u32, &'static str>;

/// Commits groups one by one; each commit waits until the test lets it through.
#[derive(Default)]
pub(super) struct Ledger {
    committed: Mutex<Vec<Vec<Ask>>>,
    gates: Mutex<VecDeque<oneshot::Receiver<()>>>,
    waits: AtomicUsize,
}

#[async_trait]
impl GroupWork for Arc<Ledger> {
    type Request = Ask;
    type Answer = Told;

    async fn carry(&self, requests: &[Ask]) -> Result<Vec<Told>, StoreError> {
        let gate = self.gates.lock().unwrap().pop_front();
        if let Some(gate) = gate {
            let _ = gate.await;
        }
        assert!(!requests.contains(&Ask::Panic), "as asked");
        if requests.contains(&Ask::Outage) {
            return Err(StoreError::Unavailable("connection reset".into()));
        }
        if requests.contains(&Ask::Locked) {
            self.waits.fetch_add(1, Ordering::Relaxed);
            return Err(StoreError::Locked {
                row: None,
                cause: "lock timeout".into(),
            });
        }
        if requests.contains(&Ask::Poison) {
            return Err(StoreError::Conflict {
                constraint: "poison".to_owned(),
            });
        }
        self.committed.lock().unwrap().push(requests.to_vec());
        Ok(requests
            .iter()
            .map(|ask| {
                if let Number(n) = ask {
                    Ok(*n)
                } else {
                    Err("refused")
                }
            })
            .collect())
    }
}

/// Keeps what is spawned; the test runs it.
#[derive(Default)]
pub(super) struct Bench(Mutex<Vec<BoxFuture<'static, ()>>>);

impl Background for Bench {
    fn spawn(&self, work: BoxFuture<'static, ()>) {
        self.0.lock().unwrap().push(work);
    }
}

pub(super) type Caller<'a> = Pin<Box<dyn Future<Output = Result<Told, Turned>> + Send + 'a>>;

pub(super) struct Station {
    ledger: Arc<Ledger>,
    bench: Arc<Bench>,
    lane: GroupCommit<Arc<Ledger>>,
}

impl Station {
    pub(super) fn new(group: usize, queue: usize) -> Self {
        let (ledger, bench) = (Arc::new(Ledger::default()), Arc::new(Bench::default()));
        let lane = GroupCommit::new(ledger.clone(), GroupLimits { group, queue }, bench.clone());
        Self {
            ledger,
            bench,
            lane,
        }
    }

    /// A caller who has joined the queue, or was turned away.
    pub(super) fn call(&self, ask: Ask) -> Caller<'_> {
        let mut caller: Caller<'_> = Box::pin(self.lane.submit(ask));
        if let Some(outcome) = (&mut caller).now_or_never() {
            return Box::pin(async { outcome });
        }
        caller
    }

    pub(super) fn calls(&self, asks: &[Ask]) -> Vec<Caller<'_>> {
        asks.iter().map(|ask| self.call(*ask)).collect()
    }

    /// The next commit takes until the answer of this is dropped or used.
    pub(super) fn slow_commit(&self) -> oneshot::Sender<()> {
        let (open, gate) = oneshot::channel();
        self.ledger.gates.lock().unwrap().push_back(gate);
        open
    }

    /// How often a group waited for a lock in vain.
    pub(super) fn waits(&self) -> usize {
        self.ledger.waits.load(Ordering::Relaxed)
    }

    /// Everything spawned moves as far as it can; what has ended is gone.
    pub(super) fn run(&self) {
        let mut work = std::mem::take(&mut *self.bench.0.lock().unwrap());
        work.retain_mut(|work| work.now_or_never().is_none());
        self.bench.0.lock().unwrap().extend(work);
    }

    pub(super) fn drivers(&self) -> usize {
        self.bench.0.lock().unwrap().len()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.bench.0.lock().unwrap().is_empty()
    }

    pub(super) fn committed(&self) -> Vec<Vec<Ask>> {
        self.ledger.committed.lock().unwrap().clone()
    }
}

pub(super) fn told(caller: Caller<'_>) -> Result<Told, Turned> {
    caller.now_or_never().expect("an answer")
}

pub(super) fn numbers(range: std::ops::Range<u32>) -> Vec<Ask> {
    range.map(Number).collect()
}
