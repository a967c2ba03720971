//! What identity needs: its repositories, tokens and passwords, and a word from the rooms above.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::{
    accounts::account::{Account, Username},
    sessions::{
        credential::{Credential, Failure, PasswordHash},
        session::Session,
        token::{AccessClaims, RefreshClaims},
    },
    staff::{
        invitation::{Invitation, InvitationCode},
        staff_grant::StaffGrant,
    },
};
use crate::{
    kernel::{
        Actor, Bearer, DistrictCode, Grant, Jurisdiction, Page, PageRequest, Phone,
        id::{
            AccountId, GrantId, InvitationId, MembershipId, PersonId, SessionId, StationId, UnionId,
        },
    },
    store::{StoreError, Tx},
};

#[async_trait]
pub trait AccountRepository: Send {
    async fn find(&mut self, id: AccountId) -> Result<Option<Account>, StoreError>;
    /// Inserts unless the openid, or the user name, is known already; `false`: it is, and nothing
    /// changed. WeChat accounts bring their openid, which is stored sealed.
    async fn insert(&mut self, account: &Account, openid: Option<&str>)
    -> Result<bool, StoreError>;
    async fn find_by_openid(&mut self, openid: &str) -> Result<Option<AccountId>, StoreError>;
    async fn openid_of(&mut self, id: AccountId) -> Result<Option<String>, StoreError>;
    async fn phone_of(&mut self, id: AccountId) -> Result<Option<Phone>, StoreError>;
    async fn set_phone(&mut self, id: AccountId, phone: &Phone) -> Result<(), StoreError>;
    async fn person_of(&mut self, id: AccountId) -> Result<Option<PersonId>, StoreError>;
    /// Links the verified person; `false` when the account already belongs to another one.
    async fn link_person(&mut self, id: AccountId, person: PersonId) -> Result<bool, StoreError>;
}

#[async_trait]
pub trait CredentialRepository: Send {
    async fn insert(
        &mut self,
        account: AccountId,
        hash: &PasswordHash,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
    async fn find(&mut self, account: AccountId) -> Result<Option<Credential>, StoreError>;
    async fn find_by_username(
        &mut self,
        username: &Username,
    ) -> Result<Option<Credential>, StoreError>;
    /// Keeps a secret to be confirmed, in place of an unconfirmed one; `false` when one is
    /// confirmed already.
    async fn offer_totp(
        &mut self,
        account: AccountId,
        secret: &SecretString,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Confirms the secret offered at that very moment; `false` when it is no longer the one, or
    /// confirmed already.
    async fn confirm_totp(
        &mut self,
        account: AccountId,
        offered_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Uses up a time step and all before it; `false` when it was used before.
    async fn burn_totp_step(&mut self, account: AccountId, step: u64) -> Result<bool, StoreError>;

    /// Counts one more wrong try, known user or not, and locks the user name at the limit.
    async fn note_failure(
        &mut self,
        username: &Username,
        now: DateTime<Utc>,
    ) -> Result<Failure, StoreError>;
    /// Until when the user name is locked, if it is.
    async fn locked_until(
        &mut self,
        username: &Username,
        now: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, StoreError>;
    /// Forgets wrong tries unless they locked the user name.
    async fn forgive(&mut self, username: &Username, now: DateTime<Utc>) -> Result<(), StoreError>;
    /// Forgets wrong tries that no longer count, of up to `limit` names; returns of how many.
    async fn forget_stale_failures(
        &mut self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;
}

/// Stored roles; those that come with the account itself (`AccountKind::inborn_grants`) are not
/// among them.
#[async_trait]
pub trait GrantRepository: Send {
    /// `false` when the account holds it already.
    async fn add(&mut self, grant: &StaffGrant) -> Result<bool, StoreError>;
    async fn of(&mut self, account: AccountId) -> Result<Vec<Grant>, StoreError>;
    async fn find(
        &mut self,
        id: GrantId,
        area: &Jurisdiction,
    ) -> Result<Option<StaffGrant>, StoreError>;
    /// Newest first, inside the reader's area.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<StaffGrant>, StoreError>;
    /// Cadres of exactly this area, each once, with the verified person behind the account; those
    /// who act everywhere include admins.
    async fn cadres_of(
        &mut self,
        area: Jurisdiction,
    ) -> Result<Vec<(AccountId, Option<PersonId>)>, StoreError>;
    /// `false` when it was gone.
    async fn remove(&mut self, id: GrantId) -> Result<bool, StoreError>;
}

#[async_trait]
pub trait SessionRepository: Send {
    async fn insert(&mut self, session: &Session) -> Result<(), StoreError>;
    async fn find(&mut self, id: SessionId) -> Result<Option<Session>, StoreError>;
    /// The caller behind a live session, with all rights, in one query.
    async fn actor(
        &mut self,
        claims: &AccessClaims,
        request_id: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Actor>, StoreError>;
    /// The same for many callers, each in its place; `None`: no live session of that account.
    async fn actors(
        &mut self,
        bearers: &[&Bearer],
        now: DateTime<Utc>,
    ) -> Result<Vec<Option<Actor>>, StoreError>;
    /// Moves a live session on to its next token; `false` when `generation` is no longer the good
    /// one.
    async fn rotate(
        &mut self,
        id: SessionId,
        generation: u32,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// `false` when it was revoked before.
    async fn revoke(&mut self, id: SessionId, now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// Forgets up to `limit` sessions that expired before `instant`; returns how many.
    async fn forget_expired_before(
        &mut self,
        instant: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;
}

#[async_trait]
pub trait InvitationRepository: Send {
    async fn insert(
        &mut self,
        invitation: &Invitation,
        code: &InvitationCode,
    ) -> Result<(), StoreError>;
    async fn find_by_code(
        &mut self,
        code: &InvitationCode,
    ) -> Result<Option<Invitation>, StoreError>;
    /// Uses up a live, unused invitation; `false` when somebody was first or it has expired.
    async fn consume(
        &mut self,
        id: InvitationId,
        by: AccountId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Ends whatever `account` sent out that nobody has used yet.
    async fn void_unused_of(
        &mut self,
        account: AccountId,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;
}

/// Signs and checks access tokens. The key decides the algorithm, never the token.
pub trait AccessTokens: Send + Sync {
    fn issue(&self, claims: &AccessClaims, now: DateTime<Utc>)
    -> Result<SecretString, TokenFailed>;
    /// `None` for anything but a genuine access token of ours that is good at `now`.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<AccessClaims>;
}

/// Derives refresh tokens: the same claims always give the same token, and nobody else can make
/// one.
pub trait RefreshTokens: Send + Sync {
    fn issue(&self, claims: &RefreshClaims) -> SecretString;
    /// `None` for anything but a genuine token.
    fn verify(&self, token: &SecretString) -> Option<RefreshClaims>;
}

/// Slow on purpose, so it runs away from the threads that serve requests.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    async fn hash(&self, password: SecretString) -> Result<PasswordHash, HashingFailed>;
    /// Costs the same without a hash (unknown user), and is then `false`.
    async fn verify(
        &self,
        password: SecretString,
        hash: Option<PasswordHash>,
    ) -> Result<bool, HashingFailed>;
}

/// RFC 6238 codes of an authenticator app.
pub trait OneTimePasswords: Send + Sync {
    /// A new secret in base 32.
    fn new_secret(&self) -> SecretString;
    /// The time step a code belongs to, one step of clock drift either way; `None` when it fits
    /// none.
    fn step_of(&self, secret: &SecretString, code: &str, now: DateTime<Utc>) -> Option<u64>;
    /// `otpauth://…` for the app to scan.
    fn enrolment_url(&self, secret: &SecretString, username: &Username) -> SecretString;
}

/// The token cannot be signed: a defect of ours or of the key.
#[derive(Debug, thiserror::Error)]
#[error("cannot sign token: {0}")]
pub struct TokenFailed(pub String);

/// The stored hash is damaged, or there is no memory to compute one.
#[derive(Debug, thiserror::Error)]
#[error("cannot hash password: {0}")]
pub struct HashingFailed(pub String);

/// The live membership in a few words, for other contexts' views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipSummary {
    pub id: MembershipId,
    pub status: String,
    pub member_no: Option<String>,
    pub union_id: UnionId,
    pub union_name: String,
}

/// What identity asks of the rooms above it: they know members, unions and stations.
#[async_trait]
pub trait Affiliations: Send + Sync {
    /// The live membership of a person, as their account shows it.
    async fn membership_of(
        &self,
        tx: &mut dyn Tx,
        person: PersonId,
    ) -> Result<Option<MembershipSummary>, StoreError>;
    /// Whether there is such a station inside the area.
    async fn has_station(
        &self,
        tx: &mut dyn Tx,
        station: StationId,
        area: &Jurisdiction,
    ) -> Result<bool, StoreError>;
    /// Where a station is; `None` where there is none.
    async fn station_district(
        &self,
        tx: &mut dyn Tx,
        station: StationId,
    ) -> Result<Option<DistrictCode>, StoreError>;
    /// Where a union is; `None` where there is none.
    async fn union_district(
        &self,
        tx: &mut dyn Tx,
        union: UnionId,
    ) -> Result<Option<DistrictCode>, StoreError>;
    /// Whether there is such a union inside the area.
    async fn has_union(
        &self,
        tx: &mut dyn Tx,
        union: UnionId,
        area: &Jurisdiction,
    ) -> Result<bool, StoreError>;
}
