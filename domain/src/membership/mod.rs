//! Joining the union in one tap: persons, unions, rosters, routing, review, standing.
//!
//! Nobody is a member twice (M1), every decision is compare-and-set on the old state (M8), and everybody is told which
//! union they were sent to and why (M10).

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

pub mod check_card;
pub mod consenting;
pub mod decide;
pub mod found_union;
pub mod import_roster;
pub mod join;
pub mod list_applications;
pub mod reveal;
pub mod seed;
pub mod show_form;
pub mod show_own;
pub mod withdraw;

use std::sync::Arc;

pub use error::MembershipError;

use self::card::CardSigner;
use crate::{
    identity::wechat::WechatGateway,
    kernel::{Clock, Random, cache::RateLimiter},
    store::Store,
};

/// The use cases of this context; each lives in the file of its verb.
pub struct MembershipService {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    wechat: Arc<dyn WechatGateway>,
    limiter: Arc<dyn RateLimiter>,
    cards: CardSigner,
}

impl MembershipService {
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        wechat: Arc<dyn WechatGateway>,
        limiter: Arc<dyn RateLimiter>,
        cards: CardSigner,
    ) -> Self {
        Self { store, clock, random, wechat, limiter, cards }
    }
}
