//! Which requests of a group are repetitions: of one that was answered before, or of one that travels with them.

use std::collections::HashMap;

use super::idempotency::{IdempotencyError, IdempotentRequest, Reservation};
use crate::store::{StoreError, Tx};

/// What is known about one request of a group.
#[derive(Debug)]
pub enum Recalled {
    Fresh,
    /// The first answer, as it was kept.
    Answered(serde_json::Value),
    /// The same request is in this group already, at that place.
    TwinOf(usize),
    Refused(IdempotencyError),
}

/// One word about each request, in order. Nothing is reserved: the group keeps its answers at its end
/// ([`IdempotencyRepository::keep`](super::idempotency::IdempotencyRepository::keep)).
pub async fn recall(tx: &mut dyn Tx, requests: &[&IdempotentRequest]) -> Result<Vec<Recalled>, StoreError> {
    let known = tx.idempotency().first_answers(requests).await?;
    let (mut seen, mut words) = (HashMap::new(), Vec::with_capacity(requests.len()));
    for (n, (request, reservation)) in requests.iter().zip(known).enumerate() {
        let first: usize = *seen.entry((request.account_id, request.key.as_str())).or_insert(n);
        words.push(match reservation {
            Reservation::Answered(json) => Recalled::Answered(json),
            Reservation::Fresh if first == n => Recalled::Fresh,
            Reservation::Fresh if requests[first].fingerprint == request.fingerprint => Recalled::TwinOf(first),
            Reservation::Fresh | Reservation::OtherBody => Recalled::Refused(IdempotencyError::KeyReused),
            Reservation::InFlight => Recalled::Refused(IdempotencyError::InFlight),
        });
    }
    Ok(words)
}
