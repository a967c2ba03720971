//! Callers of use cases who never signed in: nothing is stored of them.

use niangjia_domain::kernel::{
    Actor, Grant, IdempotencyKey, IdempotentRequest, Jurisdiction,
    id::{AccountId, SessionId},
};

use crate::{people, places::district, rows};

/// The owner of an account, with these rights.
pub fn actor(account_id: AccountId, grants: Vec<Grant>) -> Actor {
    Actor {
        account_id,
        person_id: None,
        session_id: SessionId::from_uuid(account_id.uuid()),
        grants,
        request_id: "test".to_owned(),
    }
}

/// Somebody whom nobody has given any right.
pub fn stranger() -> Actor {
    actor(rows::account(), vec![Grant::Worker])
}

/// A cadre who acts inside an area.
pub fn cadre(area: Jurisdiction) -> Actor {
    actor(rows::account(), vec![Grant::Cadre(area)])
}

/// A cadre of a district.
pub fn cadre_of(code: &str) -> Actor {
    cadre(Jurisdiction::District(district(code)))
}

/// Somebody who may see everything and decide on nothing.
pub fn auditor() -> Actor {
    actor(
        rows::account(),
        vec![Grant::Auditor(Jurisdiction::Everywhere)],
    )
}

/// A request that was never made before.
pub fn once(actor: &Actor) -> IdempotentRequest {
    let key = IdempotencyKey::parse(&people::token()).unwrap();
    IdempotentRequest {
        account_id: actor.account_id,
        key,
        fingerprint: [1; 32],
    }
}
