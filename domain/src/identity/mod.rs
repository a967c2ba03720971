//! Who is calling: accounts, sessions, passwords, second factors, invitations.
//!
//! A sign-in opens a session; a session is one refresh-token family. Access tokens are short-lived
//! and name their session, and every request reads that session, its account and its rights from
//! the database: signing out, and taking a role away, work at once.

pub mod account;
pub mod credential;
pub mod error;
pub mod invitation;
pub mod ports;
pub mod session;
pub mod staff_grant;
pub mod token;
pub mod wechat;

mod authenticate;
mod bind;
mod create;
mod enrol;
mod invite;
mod refresh;
mod set_phone;
mod sign_in;
mod sign_in_with_password;
mod sign_out;
mod throttle;
mod tidy;
mod view;
mod withdraw_grant;

use std::sync::Arc;

pub use account::{Account, AccountView, Username};
pub use enrol::Enrolment;
pub use error::IdentityError;
pub use invite::{InviteStaff, IssuedInvitation};
pub use sign_in::{SignedIn, Visitor};
pub use sign_in_with_password::PasswordSignIn;
pub use throttle::SignInLimits;

use crate::{
    kernel::{
        Clock, Random,
        cache::{RateLimiter, SharedValues},
    },
    store::Store,
};
use ports::{AccessTokens, OneTimePasswords, PasswordHasher, RefreshTokens};
use wechat::WechatGateway;

/// The use cases of identity. Each lives in the file named after its verb.
pub struct IdentityService {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub wechat: Arc<dyn WechatGateway>,
    pub access_tokens: Arc<dyn AccessTokens>,
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    pub passwords: Arc<dyn PasswordHasher>,
    pub one_time_passwords: Arc<dyn OneTimePasswords>,
    /// Revoked sessions, so that a lagging read replica cannot let one in.
    pub shared: Arc<dyn SharedValues>,
    pub limiter: Arc<dyn RateLimiter>,
    pub limits: SignInLimits,
}
