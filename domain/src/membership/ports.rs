//! What this context needs from outside. Guarded writes report whether they took effect.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{
    consents::consent::{Consent, ConsentPurpose},
    persons::person::Person,
    rosters::roster_row::RosterRow,
    standing::{Standing, lifecycle::Status, member_number::MemberNumber, record::Membership},
    unions::{
        district::District,
        union::{Union, UnionKind},
    },
    view::ApplicationLine,
};
use crate::{
    identity::ports::MembershipSummary,
    imports::RowOutcome,
    kernel::{
        DistrictCode, IdNumber, Jurisdiction, Page, PageRequest, Phone,
        id::{AccountId, MembershipId, PersonId, RosterRowId, UnionId},
    },
    store::StoreError,
};

#[async_trait]
pub trait PersonRepository: Send {
    /// `false` when the ID number is known already: then `find_by_id_number` finds who it is.
    async fn add(&mut self, person: &Person) -> Result<bool, StoreError>;
    async fn find(&mut self, id: PersonId) -> Result<Option<Person>, StoreError>;
    /// Names of many as anybody may see them, in no particular order; unknown ids are left out.
    async fn masked_names(
        &mut self,
        ids: &[PersonId],
    ) -> Result<Vec<(PersonId, String)>, StoreError>;
    async fn find_by_id_number(
        &mut self,
        id_number: &IdNumber,
    ) -> Result<Option<Person>, StoreError>;
    /// Inside the area of a cadre: the person has, or had, a membership there.
    async fn find_within(
        &mut self,
        id: PersonId,
        area: &Jurisdiction,
    ) -> Result<Option<Person>, StoreError>;
    async fn rename(&mut self, id: PersonId, name: &str) -> Result<(), StoreError>;
}

#[async_trait]
pub trait ConsentRepository: Send {
    async fn append(&mut self, consent: &Consent) -> Result<(), StoreError>;
    /// The consent in force: the latest act about the purpose, if it is not a withdrawal.
    async fn in_force(
        &mut self,
        account: AccountId,
        purpose: ConsentPurpose,
    ) -> Result<Option<Consent>, StoreError>;
}

/// Which unions a list shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct UnionFilter {
    pub district: Option<DistrictCode>,
    pub kind: Option<UnionKind>,
}

#[async_trait]
pub trait UnionRepository: Send {
    /// `false` when the name is taken.
    async fn add(&mut self, union: &Union) -> Result<bool, StoreError>;
    async fn find(&mut self, id: UnionId) -> Result<Option<Union>, StoreError>;
    async fn find_within(
        &mut self,
        id: UnionId,
        area: &Jurisdiction,
    ) -> Result<Option<Union>, StoreError>;
    async fn find_by_name(&mut self, name: &str) -> Result<Option<Union>, StoreError>;
    /// All unions that may take a worker of this district: the county's own, and the cities' pools.
    async fn serving(&mut self, district: Option<DistrictCode>) -> Result<Vec<Union>, StoreError>;
    async fn list(
        &mut self,
        area: &Jurisdiction,
        filter: UnionFilter,
        page: PageRequest,
    ) -> Result<Page<Union>, StoreError>;
    /// `false` when the code is known already.
    async fn add_district(&mut self, district: &District) -> Result<bool, StoreError>;
    /// By code.
    async fn districts(&mut self) -> Result<Vec<District>, StoreError>;
}

#[async_trait]
pub trait RosterRepository: Send {
    /// Adds rows, imported `now`. Union, phone and ID number together are one row: listed again, it
    /// takes the new name and occupation and counts as imported `now`, unless it is used up.
    async fn enlist(
        &mut self,
        rows: &[RosterRow],
        now: DateTime<Utc>,
    ) -> Result<Vec<RowOutcome>, StoreError>;
    /// The newest row for this phone that has admitted nobody yet.
    async fn waiting_for(&mut self, phone: &Phone) -> Result<Option<RosterRow>, StoreError>;
    /// Uses the row up; `false` when another application was first.
    async fn consume(
        &mut self,
        id: RosterRowId,
        by: MembershipId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
}

/// Which applications the queue shows.
#[derive(Debug, Clone, Copy, Default)]
pub struct ApplicationFilter {
    /// `None`: those that wait for a cadre.
    pub status: Option<Status>,
    pub due_before: Option<DateTime<Utc>>,
}

#[async_trait]
pub trait MembershipRepository: Send {
    /// The live standing that benefits may rest on; `None` for everybody else (M9: never cached).
    async fn standing_of(&mut self, person: PersonId) -> Result<Option<Standing>, StoreError>;
    /// The same for many; persons without one are left out.
    async fn standings_of(&mut self, persons: &[PersonId]) -> Result<Vec<Standing>, StoreError>;
    /// The live membership in a few words.
    async fn summary_of(
        &mut self,
        person: PersonId,
    ) -> Result<Option<MembershipSummary>, StoreError>;
    /// `false` when the person's or the phone's one place is taken (M1, M7).
    async fn add(&mut self, membership: &Membership) -> Result<bool, StoreError>;
    /// Writes account, filing and state if the revision is still the one read; `false`: changed
    /// meanwhile.
    async fn save(&mut self, membership: &Membership) -> Result<bool, StoreError>;
    async fn live_of(&mut self, person: PersonId) -> Result<Option<Membership>, StoreError>;
    /// The newest of the person, live or ended.
    async fn latest_of(&mut self, person: PersonId) -> Result<Option<Membership>, StoreError>;
    async fn find_by_number(
        &mut self,
        number: &MemberNumber,
    ) -> Result<Option<Membership>, StoreError>;
    async fn find_within(
        &mut self,
        id: MembershipId,
        area: &Jurisdiction,
    ) -> Result<Option<Membership>, StoreError>;
    /// Live memberships of other persons bound to this phone.
    async fn others_with_phone(
        &mut self,
        phone: &Phone,
        person: PersonId,
    ) -> Result<Vec<Membership>, StoreError>;
    /// The next count of a district's year; no two callers get the same.
    async fn next_number(&mut self, district: DistrictCode, year: i32) -> Result<i64, StoreError>;
    /// Those of the ids that there are, masked, in no particular order.
    async fn lines_of(&mut self, ids: &[MembershipId]) -> Result<Vec<ApplicationLine>, StoreError>;
    async fn list(
        &mut self,
        area: &Jurisdiction,
        filter: ApplicationFilter,
        page: PageRequest,
    ) -> Result<Page<ApplicationLine>, StoreError>;
}
