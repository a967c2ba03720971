//! A scan from code to redemption, or to one stable refusal (invariants V7, V8).

pub mod judge;
pub mod redemption;
pub mod refusal;

pub(crate) mod accept;
pub(crate) mod annul;
pub(crate) mod facts;
pub(crate) mod group;
pub(crate) mod recognise;
pub(crate) mod redeem;
pub(crate) mod scan;
