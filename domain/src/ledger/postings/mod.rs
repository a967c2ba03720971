//! What may be booked, a file each. A posting is unique by what it is about, its kind and its
//! sequence: nothing is booked twice, however often it is tried.

pub mod adjust;
pub mod release;
pub mod reserve;
pub mod reverse;
pub mod spend;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

pub use self::{
    adjust::Adjust, release::Release, reserve::Reserve, reverse::Reverse, spend::Spend,
};
use super::budget::{Budget, Refused};
use crate::kernel::id::{BudgetId, SubjectId};

/// Where a posting stands in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub budget_id: BudgetId,
    /// What it is about.
    pub subject_id: SubjectId,
    /// The how-manieth of its kind about this subject; the context counts.
    pub sequence: i32,
    pub at: DateTime<Utc>,
}

/// What a posting adds to the counters of its budget. Signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moves {
    pub units: i64,
    pub reserved_fen: i64,
    pub spent_fen: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posting {
    Reserve(Reserve),
    Spend(Spend),
    Reverse(Reverse),
    Release(Release),
    Adjust(Adjust),
}

impl Posting {
    pub const fn entry(&self) -> Entry {
        match self {
            Self::Reserve(it) => it.entry,
            Self::Spend(it) => it.entry,
            Self::Reverse(it) => it.entry,
            Self::Release(it) => it.entry,
            Self::Adjust(it) => it.entry,
        }
    }

    /// The word that the ledger keeps.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Reserve(_) => "reserve",
            Self::Spend(_) => "spend",
            Self::Reverse(_) => "reverse",
            Self::Release(_) => "release",
            Self::Adjust(_) => "adjust",
        }
    }

    pub const fn moves(&self) -> Moves {
        match self {
            Self::Reserve(it) => it.moves(),
            Self::Spend(it) => it.moves(),
            Self::Reverse(it) => it.moves(),
            Self::Release(it) => it.moves(),
            Self::Adjust(it) => it.moves(),
        }
    }

    /// The budget with this posting in it.
    pub fn apply(&self, budget: &Budget) -> Result<Budget, Refused> {
        budget.after(self.moves())
    }
}

macro_rules! postings {
    ($($posting:ident),*) => {
        $(impl From<$posting> for Posting {
            fn from(posting: $posting) -> Self {
                Self::$posting(posting)
            }
        })*
    };
}

postings!(Reserve, Spend, Reverse, Release, Adjust);
