//! Group commit: requests that arrive while a commit is under way travel together in the next one.
//! One transaction carries many requests, each caller gets an answer of its own, and only after the
//! commit.
//!
//! Nobody waits for company: a request that finds the lane idle departs at once, alone. The longer
//! a commit takes, the more requests the next one carries, and that is what makes a storm cheap.
//!
//! A use case that wants this:
//! 1. writes `struct ClaimWork { store, clock, … }` and implements [`GroupWork`]: begin, decide on
//!    every request with set-based statements, commit, one answer each, in order. A refusal is an
//!    answer, not an error;
//! 2. holds an `Arc<GroupCommit<ClaimWork>>`, made with `GroupCommit::new(work, limits,
//!    background)`;
//! 3. calls `submit(request).await?`, and has `#[from] Turned` in its error enum.

pub mod replay;

#[cfg(test)]
mod rig;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use futures_channel::oneshot;
use futures_util::FutureExt;

use super::ports::background::Background;
use crate::store::StoreError;

/// What one transaction does for many requests.
#[async_trait]
pub trait GroupWork: Send + Sync + 'static {
    type Request: Send + Sync + 'static;
    type Answer: Send + 'static;

    /// Begins, decides, commits. One answer for each request, in order; requests that came first go
    /// first. An error means that nothing was committed, except `Unavailable`, which leaves that
    /// open. Whose row is locked elsewhere is for the work to find out: `Locked` is told to all.
    async fn carry(&self, requests: &[Self::Request]) -> Result<Vec<Self::Answer>, StoreError>;
}

/// How much a lane takes on.
#[derive(Debug, Clone, Copy)]
pub struct GroupLimits {
    /// Most requests of one transaction.
    pub group: usize,
    /// Most requests that wait for one.
    pub queue: usize,
}

impl Default for GroupLimits {
    /// A queue that is emptied within about a second, well before callers give up.
    fn default() -> Self {
        Self {
            group: 256,
            queue: 8_192,
        }
    }
}

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Turned {
    /// Too many wait already: come back in a moment. Nothing was done.
    #[error("too many requests wait")]
    Full,
    /// The work broke down. Whether it took effect is open; the same idempotency key will tell.
    #[error("the work broke down")]
    Lost,
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Outcome<W> = Result<<W as GroupWork>::Answer, Turned>;

/// One lane of traffic to the database: at most one group of it is under way at a time in this
/// process.
pub struct GroupCommit<W: GroupWork> {
    lane: Arc<Lane<W>>,
    background: Arc<dyn Background>,
}

impl<W: GroupWork> GroupCommit<W> {
    pub fn new(work: W, limits: GroupLimits, background: Arc<dyn Background>) -> Self {
        let queue = Mutex::new(Queue {
            waiting: VecDeque::new(),
            is_moving: false,
        });
        Self {
            lane: Arc::new(Lane {
                work,
                limits,
                queue,
            }),
            background,
        }
    }

    /// Waits for the commit that carries the request. A caller who leaves before departure is left
    /// behind; one who leaves later has been served all the same.
    pub async fn submit(&self, request: W::Request) -> Outcome<W> {
        let (reply, answer) = oneshot::channel();
        if self.lane.join(Waiting { request, reply })? {
            self.background.spawn(drive(self.lane.clone()).boxed());
        }
        answer.await.unwrap_or(Err(Turned::Lost))
    }
}

struct Lane<W: GroupWork> {
    work: W,
    limits: GroupLimits,
    queue: Mutex<Queue<W>>,
}

struct Queue<W: GroupWork> {
    waiting: VecDeque<Waiting<W>>,
    /// Whether somebody drives the lane.
    is_moving: bool,
}

struct Waiting<W: GroupWork> {
    request: W::Request,
    reply: oneshot::Sender<Outcome<W>>,
}

/// Requests of one departure, and who waits for each.
struct Group<W: GroupWork> {
    requests: Vec<W::Request>,
    replies: Vec<oneshot::Sender<Outcome<W>>>,
}

impl<W: GroupWork> Lane<W> {
    /// Whether the lane was idle: then somebody has to drive it.
    fn join(&self, one: Waiting<W>) -> Result<bool, Turned> {
        let mut queue = self.queue();
        if queue.waiting.len() >= self.limits.queue {
            return Err(Turned::Full);
        }
        queue.waiting.push_back(one);
        Ok(!std::mem::replace(&mut queue.is_moving, true))
    }

    /// The first of those who still wait; `None`: the lane is idle from now on.
    fn depart(&self) -> Option<Group<W>> {
        let mut queue = self.queue();
        let mut group = Group {
            requests: Vec::new(),
            replies: Vec::new(),
        };
        while group.requests.len() < self.limits.group {
            let Some(Waiting { request, reply }) = queue.waiting.pop_front() else {
                break;
            };
            if !reply.is_canceled() {
                group.requests.push(request);
                group.replies.push(reply);
            }
        }
        queue.is_moving = !group.requests.is_empty();
        queue.is_moving.then_some(group)
    }

    fn queue(&self) -> MutexGuard<'_, Queue<W>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A group that the database refuses for one member's sake is carried again in halves, until
    /// the culprit travels alone and fails alone.
    async fn carry(&self, group: Group<W>) {
        let mut replies = group.replies.into_iter();
        let mut parts = vec![group.requests.as_slice()];
        while let Some(part) = parts.pop() {
            // A panic ends what it broke and nothing else: these callers' channels are dropped, the
            // lane goes on.
            let carried = AssertUnwindSafe(self.work.carry(part)).catch_unwind().await;
            match carried {
                Ok(Err(refused)) if part.len() > 1 && is_somebodys(&refused) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    parts.extend([second, first]);
                }
                carried => tell(replies.by_ref().take(part.len()), carried.ok()),
            }
        }
    }
}

/// Whether one member may be to blame. Carrying halves again finds out, but not while each try waits
/// for a lock.
fn is_somebodys(refused: &StoreError) -> bool {
    !matches!(
        refused,
        StoreError::Unavailable(_) | StoreError::Locked { .. }
    )
}

async fn drive<W: GroupWork>(lane: Arc<Lane<W>>) {
    while let Some(group) = lane.depart() {
        lane.carry(group).await;
    }
}

/// Nobody minds a caller who has left.
fn tell<A>(
    replies: impl Iterator<Item = oneshot::Sender<Result<A, Turned>>>,
    carried: Option<Result<Vec<A>, StoreError>>,
) {
    match carried {
        None => replies.for_each(drop),
        Some(Ok(answers)) => replies.zip(answers).for_each(|(reply, answer)| {
            let _ = reply.send(Ok(answer));
        }),
        Some(Err(error)) => {
            let mut echo = echoes(error);
            replies.for_each(|reply| {
                let _ = reply.send(Err(Turned::Store(echo())));
            });
        }
    }
}

/// One error for many ears, each with the whole chain of causes.
fn echoes(error: StoreError) -> impl FnMut() -> StoreError {
    let cause = Arc::new(error);
    move || match &*cause {
        StoreError::Unavailable(_) => StoreError::Unavailable(Box::new(cause.clone())),
        StoreError::Locked { row, .. } => StoreError::Locked {
            row: *row,
            cause: Box::new(cause.clone()),
        },
        StoreError::Conflict { constraint } => StoreError::Conflict {
            constraint: constraint.clone(),
        },
        StoreError::Corrupt { table, id } => StoreError::Corrupt {
            table,
            id: id.clone(),
        },
        StoreError::Failed(_) => StoreError::Failed(Box::new(cause.clone())),
    }
}
