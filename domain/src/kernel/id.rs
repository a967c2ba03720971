//! Typed ids. On the wire a TypeID (`wish_01j…`, <https://github.com/jetify-com/typeid>), in the
//! database a UUIDv7. An id of one kind cannot be used, or parsed, as an id of another.

use std::{fmt, hash, marker::PhantomData, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use type_safe_id::{DynamicType, TypeSafeId};
use uuid::Uuid;

use super::ports::random::Random;

/// What an id belongs to; `PREFIX` is the text before the underscore.
pub trait Kind: 'static {
    const PREFIX: &'static str;
}

/// The one registry of id kinds.
macro_rules! registry {
    ($($(#[$doc:meta])* $kind:ident $alias:ident $prefix:literal;)*) => {
        /// Marker types, one per kind of id.
        pub mod kind {
            $($(#[$doc])* #[derive(Debug)] pub enum $kind {}
              impl super::Kind for $kind { const PREFIX: &'static str = $prefix; })*
        }
        $($(#[$doc])* pub type $alias = Id<kind::$kind>;)*

        /// What ids begin with, all kinds of them.
        pub const PREFIXES: &[&str] = &[$($prefix),*];
    };
}

registry! {
    /// A sign-in: one WeChat openid, or a back-office user name.
    Account AccountId "acct";
    /// A signed-in device: the family of one refresh token.
    Session SessionId "sess";
    /// A role that an account holds, with its scope.
    Grant GrantId "grant";
    /// An invitation that binds a role to an account.
    Invitation InvitationId "invite";
    /// One consent given for a purpose and version.
    Consent ConsentId "consent";
    /// A real human, keyed by ID number.
    Person PersonId "pers";
    /// A trade union at any level.
    Union UnionId "union";
    /// The relation of a person to one union.
    Membership MembershipId "mem";
    /// One row of an imported list of expected members.
    RosterRow RosterRowId "roster";
    /// A file of rows that an office hands in.
    Import ImportId "import";
    /// A place that serves workers.
    Station StationId "stn";
    /// A worker's report about a station.
    StationReport StationReportId "stnrep";
    /// A photo on its way to the object store.
    Upload UploadId "upl";
    /// A micro-wish.
    Wish WishId "wish";
    /// A donor's claim on a wish.
    WishClaim WishClaimId "wclaim";
    /// A report about a published wish.
    WishReport WishReportId "wishrep";
    /// Money that postings reserve and spend.
    Budget BudgetId "budget";
    /// What a posting of the ledger is about: a voucher, an adjustment, a budget.
    Subject SubjectId "subject";
    /// One issue of meal vouchers.
    VoucherBatch VoucherBatchId "vbatch";
    /// One meal voucher.
    Voucher VoucherId "voucher";
    /// An order to take unused vouchers back.
    VoucherRecall VoucherRecallId "vrecall";
    /// One person's chance in a draw.
    DrawEntry DrawEntryId "entry";
    /// The consumption of one voucher by a scan.
    Redemption RedemptionId "redeem";
    /// A scan that was refused.
    RefusedScan RefusedScanId "refscan";
    /// What a station is paid for a period.
    Settlement SettlementId "settle";
    /// A correction in a settlement.
    Adjustment AdjustmentId "adjust";
    /// An offline scan that contradicts what is known, until somebody decides.
    DisputedScan DisputedScanId "dispscan";
    /// A scanner of a station.
    StationDevice StationDeviceId "sdev";
    /// One night's look at whether the books are right.
    Reconciliation ReconciliationId "recon";
    /// The secret of one voucher on one phone.
    CodeSecret CodeSecretId "vsecret";
    /// A health-check programme.
    Campaign CampaignId "camp";
    /// A health-check van at a place on a date.
    CheckupSession CheckupSessionId "csess";
    /// A time band of a check-up session.
    Slot SlotId "slot";
    /// A booked seat in a slot.
    Booking BookingId "booking";
    /// Something a person must decide by a due time.
    Task TaskId "task";
    /// A message in an inbox.
    Notice NoticeId "notice";
    /// Something to deliver after commit.
    OutboxEvent OutboxEventId "evt";
    /// One line of the audit trail.
    AuditEntry AuditEntryId "audit";
    /// One run of the program.
    Process ProcessId "proc";
}

/// A UUIDv7 that knows what it identifies.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

/// The text is not an id of this kind.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a {expected} id")]
pub struct InvalidId {
    pub expected: &'static str,
}

impl<K: Kind> Id<K> {
    /// A new id that sorts by `now`.
    pub fn generate(now: DateTime<Utc>, random: &dyn Random) -> Self {
        let mut tail = [0u8; 10];
        random.fill(&mut tail);
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
        Self::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }

    /// Sorts before every id that was generated at `instant` or later, and after all earlier ones:
    /// for walking a table by age along its primary key.
    pub fn earliest_at(instant: DateTime<Utc>) -> Self {
        let millis = u128::try_from(instant.timestamp_millis()).unwrap_or_default();
        Self::from_uuid(Uuid::from_u128(millis << 80))
    }

    /// The id stored in a database column of this kind.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self {
            uuid,
            kind: PhantomData,
        }
    }

    /// The database form.
    pub const fn uuid(&self) -> Uuid {
        self.uuid
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = DynamicType::new(K::PREFIX).map_err(|_| fmt::Error)?;
        write!(f, "{}", TypeSafeId::from_type_and_uuid(kind, self.uuid))
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId {
            expected: K::PREFIX,
        };
        let id: TypeSafeId<DynamicType> = text.parse().map_err(|_| InvalidId {
            expected: K::PREFIX,
        })?;
        if id.type_prefix() == K::PREFIX {
            Ok(Self::from_uuid(id.uuid()))
        } else {
            Err(invalid)
        }
    }
}

impl<K: Kind> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

// Written out because a derive would ask the same of the marker type.
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.uuid.cmp(&other.uuid)
    }
}
impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_refuses_another_kind() {
        let id = WishId::from_uuid(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001));
        let text = id.to_string();
        assert!(text.starts_with("wish_"));
        assert_eq!(text.parse::<WishId>(), Ok(id));
        assert_eq!(
            text.parse::<VoucherId>(),
            Err(InvalidId {
                expected: "voucher"
            })
        );
        assert!("wish_../../etc".parse::<WishId>().is_err());
    }
}
