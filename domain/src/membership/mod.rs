//! Joining the union in one tap: persons, unions, rosters, routing, review, standing.
//!
//! Nobody is a member twice (M1), every decision is compare-and-set on the old state (M8), and
//! everybody is told which union they were sent to and why (M10).

pub mod affiliations;
pub mod applications;
pub mod cards;
pub mod consents;
pub mod error;
pub mod news;
pub mod occupation;
pub mod persons;
pub mod platform;
pub mod ports;
pub mod rosters;
pub mod standing;
pub mod unions;
pub mod view;

use std::sync::Arc;

pub use applications::application::JoinForm;
pub use applications::decide::ApplicationDecision;
pub use applications::show_form::{MembershipForm, Prefilled};
pub use cards::card::CardSigner;
pub use cards::check::CardCheck;
pub use consents::consent::ConsentPurpose;
pub use consents::give::ConsentView;
pub use error::MembershipError;
pub use persons::reveal::{Reveal, Revealed, RevealedField};
pub use rosters::import::{ROSTER, RosterTarget};
pub use standing::show_own::CardView;
pub use unions::found::NewUnion;
pub use unions::seed::UnionSeed;

use crate::{
    identity::wechat::WechatGateway,
    kernel::{Foundation, ports::cache::RateLimiter},
};

/// Use cases on membership; each lives in the file of its verb.
#[derive(Clone)]
pub struct MembershipService {
    pub foundation: Foundation,
    pub wechat: Arc<dyn WechatGateway>,
    pub limiter: Arc<dyn RateLimiter>,
    pub cards: Arc<CardSigner>,
}
