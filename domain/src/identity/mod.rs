//! Who is calling: accounts, sessions, passwords, second factors, invitations.
//!
//! A sign-in opens a session; a session is one refresh-token family. Access tokens are short-lived
//! and name their session, and every request reads that session, its account and its rights from
//! the database: signing out, and taking a role away, work at once.

pub mod accounts;
pub mod error;
pub mod ports;
pub mod sessions;
pub mod staff;
pub mod wechat;

use std::sync::Arc;

pub use accounts::account::{Account, AccountView, Username};
pub use error::IdentityError;
pub use sessions::enrol::Enrolment;
pub use sessions::sign_in::{SignedIn, Visitor, with_password::PasswordSignIn};
pub use sessions::throttle::SignInLimits;
pub use staff::invite::{InviteStaff, IssuedInvitation};

use crate::kernel::{
    Foundation,
    ports::cache::{RateLimiter, SharedValues},
};
use ports::Affiliations;
use sessions::ports::{AccessTokens, OneTimePasswords, PasswordHasher, RefreshTokens};
use wechat::WechatGateway;

/// The use cases of identity. Each lives in the file named after its verb.
pub struct IdentityService {
    pub foundation: Foundation,
    pub wechat: Arc<dyn WechatGateway>,
    pub access_tokens: Arc<dyn AccessTokens>,
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    pub passwords: Arc<dyn PasswordHasher>,
    pub one_time_passwords: Arc<dyn OneTimePasswords>,
    /// Revoked sessions, so that a lagging read replica cannot let one in.
    pub shared: Arc<dyn SharedValues>,
    pub affiliations: Arc<dyn Affiliations>,
    pub limiter: Arc<dyn RateLimiter>,
    pub limits: SignInLimits,
}
