//! A sheet: `open → frozen → confirmed → approved → paid → closed`, with `rejected` and `cancelled`
//! beside it. A sheet that the merchant disputes or the checker returns is open again, and its
//! lines are free. From approval on nothing goes back. Who made or froze a sheet neither confirms
//! nor approves it, and who confirmed it does not approve it.

use chrono::{DateTime, Utc};

use super::{
    period::Period,
    stage::{Objection, Payment, SettlementStatus, Sheet, Signature, Stage},
};
use crate::{
    kernel::{
        DistrictCode,
        id::{SettlementId, StationId},
    },
    vouchers::batches::batch::{BatchDecision, Officer},
};

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
        self.stage.status()
    }

    /// See [`Stage::sheet`].
    pub fn sheet(&self) -> Option<&Sheet> {
        self.stage.sheet()
    }

    /// See [`Stage::objection`].
    pub fn objection(&self) -> Option<&Objection> {
        self.stage.objection()
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
