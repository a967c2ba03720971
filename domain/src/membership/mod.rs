//! Joining the union in one tap: persons, unions, rosters, routing, review, standing.
//!
//! Nobody is a member twice (M1), every decision is compare-and-set on the old state (M8), and
//! everybody is told which union they were sent to and why (M10).

mod coded;

pub mod application;
pub mod card;
pub mod consent;
pub mod district;
pub mod error;
pub mod lifecycle;
pub mod member_number;
pub mod occupation;
pub mod person;
pub mod platform;
pub mod ports;
pub mod record;
pub mod roster_row;
pub mod routing;
pub mod standing;
pub mod union;
pub mod view;

mod admit;
mod check_card;
mod decide;
mod found_union;
mod give_consent;
mod identify;
mod import_roster;
mod join;
mod list_applications;
mod reveal;
mod seed;
mod send;
mod show_form;
mod show_own;
mod withdraw;

use std::sync::Arc;

pub use application::JoinForm;
pub use card::CardSigner;
pub use check_card::CardCheck;
pub use consent::ConsentPurpose;
pub use decide::Decision;
pub use error::MembershipError;
pub use found_union::NewUnion;
pub use give_consent::ConsentView;
pub use import_roster::{RefusedRow, RosterEntry, RosterReport};
pub use reveal::{Reveal, Revealed, RevealedField};
pub use seed::UnionSeed;
pub use show_form::{MembershipForm, Prefilled};
pub use show_own::CardView;

use crate::{
    identity::wechat::WechatGateway,
    kernel::{Clock, Random, cache::RateLimiter},
    store::Store,
};

/// Use cases on membership; each lives in the file of its verb.
#[derive(Clone)]
pub struct MembershipService {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub wechat: Arc<dyn WechatGateway>,
    pub limiter: Arc<dyn RateLimiter>,
    pub cards: Arc<CardSigner>,
}
