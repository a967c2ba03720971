//! What a caller is told, in words that service and model share.

use niangjia_domain::vouchers::{VoucherError, refusal::Refusal};

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
}

impl Said {
    /// Without the figures.
    pub fn kind(&self) -> String {
        let whole = format!("{self:?}");
        match self {
            Self::Accepted { .. } => "Accepted".to_owned(),
            Self::Again(_) => "Again".to_owned(),
            Self::Swept(0, 0) => "Swept(none)".to_owned(),
            Self::Swept(..) => "Swept(some)".to_owned(),
            Self::Recalled(count) => format!("Recalled({})", if *count > 0 { "some" } else { "none" }),
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
}
