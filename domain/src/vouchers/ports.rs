//! What this context needs from outside. Methods take many requests and answer each of them, in
//! order: a transaction may carry one claim or a hundred, and one that fails never fails its
//! neighbours.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};

use super::{
    batches::{
        batch::{Batch, BatchStatus, Unfinished},
        rules::meal::Meal,
    },
    codes::code::{CodeSecret, CodeStep},
    reconciliation::conservation::BatchSums,
    scans::{
        redemption::{NewRedemption, Redemption},
        scan::RefusedScan,
    },
    wallet::voucher::{Voucher, VoucherState},
};
use crate::{
    kernel::{
        Jurisdiction, Page, PageRequest,
        id::{
            AccountId, CodeSecretId, PersonId, RedemptionId, StationId, VoucherBatchId, VoucherId,
        },
    },
    store::StoreError,
};

#[async_trait]
pub trait VoucherBatchRepository: Send {
    /// Adds a draft and its budget, shut.
    async fn add(&mut self, batch: &Batch) -> Result<(), StoreError>;
    async fn find_within(
        &mut self,
        id: VoucherBatchId,
        area: &Jurisdiction,
    ) -> Result<Option<Batch>, StoreError>;
    /// In no particular order; unknown ids are left out.
    async fn find_many(&mut self, ids: &[VoucherBatchId]) -> Result<Vec<Batch>, StoreError>;
    /// Writes the batch if its state is still that of `before`, and opens or shuts its budget to
    /// match; `false` when somebody else was first.
    async fn save(&mut self, before: &Batch, after: &Batch) -> Result<bool, StoreError>;
    /// Shuts the budget if no voucher is live, nothing is reserved and no redemption is
    /// unsettled.
    async fn shut_for_good(&mut self, id: VoucherBatchId) -> Result<bool, StoreError>;
    /// What `shut_for_good` found in its way.
    async fn unfinished(&mut self, id: VoucherBatchId) -> Result<Option<Unfinished>, StoreError>;
    /// Newest first.
    async fn list(
        &mut self,
        area: &Jurisdiction,
        status: Option<BatchStatus>,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Batch>, StoreError>;
    /// Batches that issue at `now`, newest first.
    async fn list_open(
        &mut self,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Batch>, StoreError>;
    /// Vouchers issued on a business day.
    async fn issued_on(
        &mut self,
        ids: &[VoucherBatchId],
        day: NaiveDate,
    ) -> Result<Vec<(VoucherBatchId, i64)>, StoreError>;
    /// Both sides of the conservation equations, seen at one instant (V12).
    async fn tally(
        &mut self,
        id: VoucherBatchId,
        now: DateTime<Utc>,
    ) -> Result<Option<BatchSums>, StoreError>;
}

/// What became of one request for a voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssueOutcome {
    Issued,
    /// The batch issues nothing at present.
    Shut,
    /// Quota or budget.
    Exhausted,
    ExhaustedToday,
    PersonLimit,
}

#[async_trait]
pub trait VoucherRepository: Send {
    /// Issues what quota, daily quota, budget and the persons' numbered slots allow, first come
    /// first (V1, V2), and books the reserve. One outcome for each voucher. All are of this batch;
    /// `day` is the business day.
    async fn issue(
        &mut self,
        batch: &Batch,
        day: NaiveDate,
        vouchers: &[Voucher],
    ) -> Result<Vec<IssueOutcome>, StoreError>;
    /// The accounts of everybody who was issued a voucher of the batch, in no particular order,
    /// perhaps more than once.
    async fn holders(&mut self, batch: VoucherBatchId) -> Result<Vec<AccountId>, StoreError>;
    /// The holder's own.
    async fn find_of(
        &mut self,
        id: VoucherId,
        holder: PersonId,
    ) -> Result<Option<Voucher>, StoreError>;
    /// In no particular order; unknown ids are left out.
    async fn find_many(&mut self, ids: &[VoucherId]) -> Result<Vec<Voucher>, StoreError>;
    /// Newest first. `state` is the one at `now`.
    async fn list_of(
        &mut self,
        holder: PersonId,
        state: Option<VoucherState>,
        now: DateTime<Utc>,
        page: PageRequest,
    ) -> Result<Page<Voucher>, StoreError>;
    /// How many slots of each batch the person has used; batches without any are left out.
    async fn slots_used(
        &mut self,
        person: PersonId,
        batches: &[VoucherBatchId],
    ) -> Result<Vec<(VoucherBatchId, i64)>, StoreError>;
    /// Marks up to `limit` unused vouchers that were void by `void_by`, and releases their reserve.
    /// Returns how many of which batch.
    async fn expire(
        &mut self,
        void_by: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<(VoucherBatchId, u64)>, StoreError>;
}

/// A secret on its way to a phone.
#[derive(Debug, Clone)]
pub struct NewSecret {
    pub id: CodeSecretId,
    pub voucher_id: VoucherId,
    pub device_no: u16,
    /// Empty for the server's own.
    pub device_id: String,
    pub secret: CodeSecret,
    pub created_at: DateTime<Utc>,
}

#[async_trait]
pub trait VoucherCodeRepository: Send {
    /// Phones that were told a secret of this voucher: (device number, device id), retired ones
    /// included.
    async fn devices(&mut self, voucher: VoucherId) -> Result<Vec<(u16, String)>, StoreError>;
    /// `false` when the number or the device id has one already.
    async fn add_secret(&mut self, secret: &NewSecret) -> Result<bool, StoreError>;
    /// Retires the secrets of the voucher's other phones; the server's own stays.
    async fn retire_others(
        &mut self,
        voucher: VoucherId,
        keep: u16,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
    /// Secrets in force for (voucher, device number), in no particular order.
    async fn secrets(
        &mut self,
        of: &[(VoucherId, u16)],
    ) -> Result<Vec<((VoucherId, u16), CodeSecret)>, StoreError>;
    /// Secrets of (voucher, device number) that were in force at an instant, in no particular
    /// order.
    async fn secrets_then(
        &mut self,
        of: &[(VoucherId, u16, DateTime<Utc>)],
    ) -> Result<Vec<((VoucherId, u16, DateTime<Utc>), CodeSecret)>, StoreError>;
    /// `false` when the digits are in use: draw others. Forgets those of the voucher that nobody
    /// can use any more.
    async fn add_short_code(&mut self, digits: &str, step: CodeStep) -> Result<bool, StoreError>;
    /// Which steps these digits stand for; unknown ones are left out.
    async fn steps_of(&mut self, digits: &[String]) -> Result<Vec<(String, CodeStep)>, StoreError>;
    /// Those of the steps that were accepted before.
    async fn used(&mut self, steps: &[CodeStep]) -> Result<Vec<CodeStep>, StoreError>;
    /// Forgets up to `limit` short codes of before `instant`; returns how many. Used steps stay:
    /// an upload is judged as of when its meal was served, however late it comes.
    async fn forget_short_codes(
        &mut self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<u64, StoreError>;
}

/// What became of one redemption in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptOutcome {
    Accepted,
    /// Another scan was first: with this code, with this voucher, or for this person's meal. Judge
    /// again.
    Lost,
}

#[async_trait]
pub trait RedemptionRepository: Send {
    /// Burns the codes, takes the persons' meals, uses up the vouchers and books the spending. One
    /// outcome for each.
    async fn accept(
        &mut self,
        redemptions: &[NewRedemption],
    ) -> Result<Vec<AcceptOutcome>, StoreError>;
    /// Accepted or annulled, at one of these stations.
    async fn find_at(
        &mut self,
        id: RedemptionId,
        stations: &[StationId],
    ) -> Result<Option<Redemption>, StoreError>;
    /// The live redemptions of these vouchers.
    async fn live_of(&mut self, vouchers: &[VoucherId]) -> Result<Vec<Redemption>, StoreError>;
    /// Those of the meals that the persons have had.
    async fn meals_taken(
        &mut self,
        meals: &[(PersonId, Meal)],
    ) -> Result<Vec<(PersonId, Meal)>, StoreError>;
    /// Writes an annulled redemption if it is still live and its remainder still reserved; gives
    /// back voucher, meal and budget. `false` otherwise.
    async fn annul(&mut self, annulled: &Redemption) -> Result<bool, StoreError>;
    /// Notes refused scans; append-only.
    async fn refuse(&mut self, scans: &[RefusedScan]) -> Result<(), StoreError>;
    /// Newest first.
    async fn list_at(
        &mut self,
        station: StationId,
        day: NaiveDate,
        page: PageRequest,
    ) -> Result<Page<Redemption>, StoreError>;
    /// Releases what up to `limit` redemptions accepted before `accepted_before` left of their face
    /// value. Returns how many of which batch.
    async fn release_remainders(
        &mut self,
        accepted_before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<(VoucherBatchId, u64)>, StoreError>;
}
