//! Who may do what: invitations and grants.

pub mod invitation;
pub mod ports;
pub mod staff_grant;

pub(crate) mod bind;
pub(crate) mod invite;
pub(crate) mod withdraw_grant;
