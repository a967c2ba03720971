//! What a caller is told, in words that service and model share.

use niangjia_domain::vouchers::{
    VoucherError,
    offline::{ItemOutcome, OfflineError},
    scans::refusal::Refusal,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// There was nothing of the kind to act on.
    Nothing,
    Issued,
    NotRunning,
    Exhausted,
    PersonLimit,
    Accepted {
        amount: i64,
        copay: i64,
    },
    Refused(Refusal),
    /// The first answer once more.
    Again(Box<Said>),
    Annulled,
    AlreadyAnnulled,
    TooLate,
    AlreadySettled,
    /// How many vouchers and remainders were given back, and how many vouchers recalled after all.
    Swept(u64, u64),
    Recalled(i64),
    RecallRefused,
    /// So many lines.
    Settled(i64),
    NothingToSettle,
    AnnulmentOpen,
    PeriodTaken,
    Held(bool),
    Released,
    Rejected,
    NotOpen,
    NotFound,
    Switched,
    WrongState,
    /// One answer for each scan, in the order sent.
    Uploaded(Vec<Fate>),
    Honoured,
    /// The station bears it.
    Borne,
    RedeemedAfterAll,
    StillDisputed(Refusal),
    AlreadyResolved,
    NoBudget,
    /// Settlements wait: for a device, for a cadre's word.
    Unsynced,
    Undecided,
}

/// What became of an uploaded scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Accepted {
        amount: i64,
        copay: i64,
    },
    /// Parked, with the reason.
    Disputed(String),
}

impl Said {
    /// What was said, without the figures.
    pub fn kinds(&self) -> Vec<String> {
        let uploaded = |fate: &Fate| match fate {
            Fate::Accepted { .. } => "Uploaded(accepted)".to_owned(),
            Fate::Disputed(reason) => format!("Uploaded({reason})"),
        };
        match self {
            Self::Uploaded(fates) => fates.iter().map(uploaded).collect(),
            other => vec![other.kind()],
        }
    }

    fn kind(&self) -> String {
        let whole = format!("{self:?}");
        match self {
            Self::Accepted { .. } => "Accepted".to_owned(),
            Self::Again(_) => "Again".to_owned(),
            Self::Swept(0, 0) => "Swept(none)".to_owned(),
            Self::Swept(..) => "Swept(some)".to_owned(),
            Self::Recalled(count) => {
                format!("Recalled({})", if *count > 0 { "some" } else { "none" })
            }
            Self::Settled(_) => "Settled".to_owned(),
            _ => whole,
        }
    }

    /// Any other error is a failure of the run.
    pub fn of(error: VoucherError) -> Self {
        match error {
            VoucherError::BatchNotRunning => Self::NotRunning,
            VoucherError::BatchExhausted => Self::Exhausted,
            VoucherError::PersonLimitReached => Self::PersonLimit,
            VoucherError::AlreadyAnnulled => Self::AlreadyAnnulled,
            VoucherError::AnnulmentTooLate => Self::TooLate,
            VoucherError::AlreadySettled => Self::AlreadySettled,
            VoucherError::RecallRefused(_) => Self::RecallRefused,
            VoucherError::HoldNotOpen => Self::NotOpen,
            VoucherError::BatchState(_) => Self::WrongState,
            VoucherError::Access(niangjia_domain::kernel::AccessError::NotFound) => Self::NotFound,
            other => panic!("nobody expected {other:?}"),
        }
    }

    pub fn of_resolution(error: OfflineError) -> Self {
        match error {
            OfflineError::AlreadyResolved => Self::AlreadyResolved,
            OfflineError::StillDisputed(reason) => Self::StillDisputed(reason),
            OfflineError::NoBudget => Self::NoBudget,
            other => panic!("nobody expected {other:?}"),
        }
    }
}

impl From<&ItemOutcome> for Fate {
    fn from(outcome: &ItemOutcome) -> Self {
        match outcome {
            ItemOutcome::Accepted { amount, copay, .. } => Self::Accepted {
                amount: amount.get(),
                copay: copay.get(),
            },
            ItemOutcome::Disputed { reason, .. } => Self::Disputed(reason.clone()),
            ItemOutcome::Malformed { field } => panic!("nobody expected a malformed {field}"),
        }
    }
}
