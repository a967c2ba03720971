//! What becomes of each claim of a group, from the asking to the answer.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::claim::ClaimRequest;
use crate::{
    kernel::{
        Actor, Answer,
        group_commit::replay::twins_answer,
        id::{PersonId, VoucherBatchId},
    },
    store::StoreError,
    vouchers::{
        VoucherError,
        batches::public::PublicBatch,
        wallet::{list::VoucherView, voucher::Voucher},
    },
};

pub(crate) type Told = Result<Answer<VoucherView>, VoucherError>;
pub(crate) type Batches = HashMap<VoucherBatchId, Arc<PublicBatch>>;
/// Vouchers to be issued, and the places of their claims.
pub(crate) type Waiting = BTreeMap<VoucherBatchId, Vec<(usize, Voucher)>>;

/// A claim and what is known of it so far.
pub(crate) struct Claim<'a> {
    pub asked: &'a ClaimRequest,
    /// Once session and role hold.
    pub actor: Option<Actor>,
    pub fate: Fate,
}

pub(crate) enum Fate {
    Open,
    Issued(Voucher),
    /// Issued before: the first answer again.
    Again(Voucher),
    /// The same request is in this group already, at that place.
    TwinOf(usize),
    Refused(VoucherError),
}

impl<'a> Claim<'a> {
    pub(crate) fn of(asked: &'a ClaimRequest) -> Self {
        Self {
            asked,
            actor: None,
            fate: Fate::Open,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        matches!(self.fate, Fate::Open)
    }

    pub(crate) fn refuse(&mut self, why: impl Into<VoucherError>) {
        self.fate = Fate::Refused(why.into());
    }

    pub(crate) fn person(&self) -> Option<PersonId> {
        self.actor.as_ref()?.person_id
    }

    pub(crate) fn issued(&self) -> Option<(&Actor, &Voucher)> {
        match (&self.actor, &self.fate) {
            (Some(actor), Fate::Issued(voucher)) => Some((actor, voucher)),
            _ => None,
        }
    }
}

/// After the commit: to each its own.
pub(crate) fn answers(claims: Vec<Claim<'_>>, batches: &Batches) -> Result<Vec<Told>, StoreError> {
    let mut told: Vec<Told> = Vec::with_capacity(claims.len());
    for claim in claims {
        let answer = match claim.fate {
            Fate::Issued(voucher) => Ok(Answer::fresh(view(voucher, batches)?)),
            Fate::Again(voucher) => Ok(Answer::again(view(voucher, batches)?)),
            Fate::Refused(error) => Err(error),
            Fate::TwinOf(first) => twins_answer(told.get(first)),
            Fate::Open => Err(VoucherError::ChangedMeanwhile),
        };
        told.push(answer);
    }
    Ok(told)
}

/// The voucher as it was when it was issued.
fn view(voucher: Voucher, batches: &Batches) -> Result<VoucherView, StoreError> {
    let lost = || StoreError::Corrupt {
        table: "vouchers",
        id: voucher.id.to_string(),
    };
    let shelved = batches.get(&voucher.batch_id).ok_or_else(lost)?;
    Ok(VoucherView {
        state: voucher.state_at(voucher.issued_at),
        batch: shelved.batch.clone(),
        stations: shelved.stations.clone(),
        voucher,
    })
}
