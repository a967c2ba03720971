//! Requests of a group that are repetitions: of one that was answered before, of one that travels
//! with them, or of one that is answered elsewhere at this moment.
//!
//! A group looks its requests up with [`replays`], decides on the fresh ones, keeps their answers
//! and commits. It runs within [`until_kept`], and twins are told what [`twins_answer`] says.

use std::collections::HashMap;

use crate::{
    kernel::idempotency::{Answer, IdempotencyError, IdempotentRequest, Reservation},
    store::{StoreError, Tx},
};

/// How often a group starts over.
const ATTEMPTS: usize = 3;

/// What is known about one request of a group.
#[derive(Debug)]
pub enum Replay {
    Fresh,
    /// The first answer, as it was kept.
    Answered(serde_json::Value),
    /// The same request is in this group already, at that place.
    TwinOf(usize),
    Refused(IdempotencyError),
}

/// One word about each request, in order, with the place that its group gave it. Nothing is
/// reserved: the group keeps its answers at its end
/// ([`IdempotencyRepository::keep`](crate::kernel::idempotency::IdempotencyRepository::keep)).
pub async fn replays(
    tx: &mut dyn Tx,
    requests: &[(usize, &IdempotentRequest)],
) -> Result<Vec<(usize, Replay)>, StoreError> {
    let asked: Vec<_> = requests.iter().map(|(_, request)| *request).collect();
    let known = tx.idempotency().first_answers(&asked).await?;
    let (mut seen, mut words) = (HashMap::new(), Vec::with_capacity(requests.len()));
    for (&(place, request), reservation) in requests.iter().zip(known) {
        let key = (request.account_id, request.key.as_str());
        let &mut (first, same) = seen.entry(key).or_insert((place, request));
        let word = match reservation {
            Reservation::Answered(json) => Replay::Answered(json),
            Reservation::Fresh if first == place => Replay::Fresh,
            Reservation::Fresh if same.fingerprint == request.fingerprint => Replay::TwinOf(first),
            Reservation::Fresh | Reservation::OtherBody => {
                Replay::Refused(IdempotencyError::KeyReused)
            }
            Reservation::InFlight => Replay::Refused(IdempotencyError::InFlight),
        };
        words.push((place, word));
    }
    Ok(words)
}

/// What a twin hears once `first` has its answer: the same, as a repetition. A refusal is not kept,
/// so whether the twin's own try would end better is open: it may come again.
pub fn twins_answer<T: Clone, E: From<IdempotencyError>>(
    first: Option<&Result<Answer<T>, E>>,
) -> Result<Answer<T>, E> {
    match first {
        Some(Ok(answer)) => Ok(Answer::again(answer.value.clone())),
        _ => Err(IdempotencyError::InFlight.into()),
    }
}

/// Tries until a group's answers are kept. An attempt returns `None`, with nothing committed, when
/// a twin of one of its requests was answered elsewhere since it was looked up; the next attempt
/// finds that answer.
pub async fn until_kept<A, F>(mut attempt: impl FnMut() -> F + Send) -> Result<A, StoreError>
where
    F: Future<Output = Result<Option<A>, StoreError>> + Send,
{
    for _ in 0..ATTEMPTS {
        if let Some(answers) = attempt().await? {
            return Ok(answers);
        }
    }
    Err(StoreError::Conflict {
        constraint: "idempotency_keys".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use futures_util::FutureExt;
    use rstest::rstest;

    use super::*;

    /// An attempt that is overtaken so many times, and how many there were.
    fn overtaken(times: usize) -> (Result<&'static str, StoreError>, usize) {
        let mut attempts = 0;
        let told = until_kept(|| {
            attempts += 1;
            ready(Ok((attempts > times).then_some("told")))
        });
        let told = told.now_or_never().unwrap();
        (told, attempts)
    }

    #[rstest]
    #[case(0, 1)]
    #[case(2, 3)]
    fn a_group_that_is_overtaken_starts_over(#[case] times: usize, #[case] attempts: usize) {
        let (told, made) = overtaken(times);
        assert_eq!((told.unwrap(), made), ("told", attempts));
    }

    #[test]
    fn a_group_that_is_always_overtaken_gives_up() {
        let (told, made) = overtaken(usize::MAX);
        assert!(
            matches!(told, Err(StoreError::Conflict { constraint }) if constraint == "idempotency_keys")
        );
        assert_eq!(made, 3);
    }

    #[test]
    fn a_twin_hears_what_the_first_heard() {
        let first: Result<Answer<u8>, IdempotencyError> = Ok(Answer::fresh(7));
        let answer = twins_answer(Some(&first)).unwrap();
        assert_eq!((answer.value, answer.replayed), (7, true));
        let refused = Err::<Answer<u8>, _>(IdempotencyError::KeyReused);
        assert!(matches!(
            twins_answer(Some(&refused)),
            Err(IdempotencyError::InFlight)
        ));
    }
}
