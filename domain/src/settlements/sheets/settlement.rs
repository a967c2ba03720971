//! A sheet: `open → frozen → confirmed → approved → paid → closed`, with `rejected` and `cancelled`
//! beside it. A sheet that the merchant disputes or the checker returns is open again, and its
//! lines are free. From approval on nothing goes back. Who made or froze a sheet neither confirms
//! nor approves it, and who confirmed it does not approve it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{line::Totals, period::Period};
use crate::{
    kernel::{
        DistrictCode,
        coded::coded,
        id::{SettlementId, StationId},
    },
    vouchers::batches::batch::{BatchDecision, Officer},
};

/// Who did something, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub by: Officer,
    pub at: DateTime<Utc>,
}

/// What was frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    pub frozen: Signature,
    pub totals: Totals,
    /// SHA-256 over the lines, hexadecimal.
    pub hash: String,
}

/// Why a sheet that was frozen is open again, or why it ended without payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    pub signature: Signature,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub signature: Signature,
    /// The bank's or the accounts' own number.
    pub reference: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Stage {
    Open {
        sent_back: Option<Objection>,
    },
    Frozen {
        sheet: Sheet,
    },
    Confirmed {
        sheet: Sheet,
        confirmed: Signature,
    },
    Approved {
        sheet: Sheet,
        confirmed: Signature,
        approved: Signature,
    },
    Paid {
        sheet: Sheet,
        confirmed: Signature,
        approved: Signature,
        payment: Payment,
    },
    Closed {
        sheet: Sheet,
        confirmed: Signature,
        approved: Signature,
        payment: Payment,
        closed: Signature,
    },
    Rejected {
        objection: Objection,
    },
    Cancelled {
        objection: Objection,
    },
}

coded! {
    /// A stage without its data.
    SettlementStatus {
        Open "open",
        Frozen "frozen",
        Confirmed "confirmed",
        Approved "approved",
        Paid "paid",
        Closed "closed",
        Rejected "rejected",
        Cancelled "cancelled",
    }
}

impl SettlementStatus {
    /// Whether its lines stay for good.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Approved | Self::Paid | Self::Closed)
    }

    /// Whether it ended without payment: its days are free for another sheet.
    pub const fn is_void(self) -> bool {
        matches!(self, Self::Rejected | Self::Cancelled)
    }
}

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StepRefused {
    #[error("a sheet that is {} does not allow this", .0.code())]
    State(SettlementStatus),
    #[error("two steps that need two people")]
    SamePerson,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    pub id: SettlementId,
    pub station_id: StationId,
    /// The station's.
    pub district: DistrictCode,
    pub period: Period,
    pub made_by: Officer,
    pub created_at: DateTime<Utc>,
    pub stage: Stage,
    /// Counts writes; whoever writes says which one they saw.
    pub revision: i64,
}

impl Settlement {
    pub fn status(&self) -> SettlementStatus {
        match self.stage {
            Stage::Open { .. } => SettlementStatus::Open,
            Stage::Frozen { .. } => SettlementStatus::Frozen,
            Stage::Confirmed { .. } => SettlementStatus::Confirmed,
            Stage::Approved { .. } => SettlementStatus::Approved,
            Stage::Paid { .. } => SettlementStatus::Paid,
            Stage::Closed { .. } => SettlementStatus::Closed,
            Stage::Rejected { .. } => SettlementStatus::Rejected,
            Stage::Cancelled { .. } => SettlementStatus::Cancelled,
        }
    }

    /// The frozen lines' totals and hash, while there are lines.
    pub fn sheet(&self) -> Option<&Sheet> {
        match &self.stage {
            Stage::Frozen { sheet }
            | Stage::Confirmed { sheet, .. }
            | Stage::Approved { sheet, .. }
            | Stage::Paid { sheet, .. }
            | Stage::Closed { sheet, .. } => Some(sheet),
            Stage::Open { .. } | Stage::Rejected { .. } | Stage::Cancelled { .. } => None,
        }
    }

    /// Why it is open again or void.
    pub fn objection(&self) -> Option<&Objection> {
        match &self.stage {
            Stage::Open { sent_back } => sent_back.as_ref(),
            Stage::Rejected { objection } | Stage::Cancelled { objection } => Some(objection),
            Stage::Frozen { .. }
            | Stage::Confirmed { .. }
            | Stage::Approved { .. }
            | Stage::Paid { .. }
            | Stage::Closed { .. } => None,
        }
    }

    pub fn require_open(&self) -> Result<(), StepRefused> {
        match self.stage {
            Stage::Open { .. } => Ok(()),
            _ => Err(self.refusal()),
        }
    }

    pub fn freeze(self, sheet: Sheet) -> Result<Self, StepRefused> {
        self.require_open()?;
        Ok(Self {
            stage: Stage::Frozen { sheet },
            ..self
        })
    }

    pub fn confirm(self, confirmed: Signature) -> Result<Self, StepRefused> {
        let Stage::Frozen { sheet } = self.stage else {
            return Err(self.refusal());
        };
        let makers = [self.made_by, sheet.frozen.by];
        require_another(confirmed.by, &makers)?;
        Ok(Self {
            stage: Stage::Confirmed { sheet, confirmed },
            ..self
        })
    }

    /// The merchant does not agree.
    pub fn dispute(self, objection: Objection) -> Result<Self, StepRefused> {
        match self.stage {
            Stage::Frozen { .. } => Ok(Self {
                stage: Stage::Open {
                    sent_back: Some(objection),
                },
                ..self
            }),
            _ => Err(self.refusal()),
        }
    }

    /// `adjusters` made adjustments that are lines of the sheet; they do not approve them either.
    pub fn decide(
        self,
        decision: BatchDecision,
        by: Signature,
        adjusters: &[Officer],
    ) -> Result<Self, StepRefused> {
        let Stage::Confirmed { sheet, confirmed } = self.stage else {
            return Err(self.refusal());
        };
        require_another(by.by, &[self.made_by, sheet.frozen.by, confirmed.by])?;
        require_another(by.by, adjusters)?;
        let objection = |reason| Objection {
            signature: by,
            reason,
        };
        let stage = match decision {
            BatchDecision::Approve => Stage::Approved {
                sheet,
                confirmed,
                approved: by,
            },
            BatchDecision::Return(reason) => Stage::Open {
                sent_back: Some(objection(reason)),
            },
            BatchDecision::Reject(reason) => Stage::Rejected {
                objection: objection(reason),
            },
        };
        Ok(Self { stage, ..self })
    }

    pub fn pay(self, payment: Payment) -> Result<Self, StepRefused> {
        let Stage::Approved {
            sheet,
            confirmed,
            approved,
        } = self.stage
        else {
            return Err(self.refusal());
        };
        Ok(Self {
            stage: Stage::Paid {
                sheet,
                confirmed,
                approved,
                payment,
            },
            ..self
        })
    }

    pub fn close(self, closed: Signature) -> Result<Self, StepRefused> {
        let Stage::Paid {
            sheet,
            confirmed,
            approved,
            payment,
        } = self.stage
        else {
            return Err(self.refusal());
        };
        Ok(Self {
            stage: Stage::Closed {
                sheet,
                confirmed,
                approved,
                payment,
                closed,
            },
            ..self
        })
    }

    /// Before the merchant has confirmed.
    pub fn cancel(self, objection: Objection) -> Result<Self, StepRefused> {
        match self.stage {
            Stage::Open { .. } | Stage::Frozen { .. } => Ok(Self {
                stage: Stage::Cancelled { objection },
                ..self
            }),
            _ => Err(self.refusal()),
        }
    }

    fn refusal(&self) -> StepRefused {
        StepRefused::State(self.status())
    }
}

fn require_another(by: Officer, others: &[Officer]) -> Result<(), StepRefused> {
    if others.iter().any(|other| by.is_same_human(other)) {
        Err(StepRefused::SamePerson)
    } else {
        Ok(())
    }
}

#[cfg(test)]
#[path = "settlement_tests.rs"]
mod tests;
