//! The life of a membership: `applied → provisional | under_review → active`, with the sides
//! returned (mended and applied again), rejected and withdrawn. Transitions consume the state; one
//! that may not be made says so.

use chrono::{DateTime, Utc};

use super::member_number::Enrolment;
use crate::kernel::coded::coded;

coded! {
    /// A state without its data: what the database filters by and clients see.
    Status {
        Applied "applied" "已申请",
        Provisional "provisional" "预备会员",
        UnderReview "under_review" "审核中",
        Active "active" "正式会员",
        Returned "returned" "待补正",
        Rejected "rejected" "未通过",
        Withdrawn "withdrawn" "已退会",
    }
}

impl Status {
    /// Holds the person's one place (M1) and the phone (M7).
    pub const LIVE: [Self; 5] = [
        Self::Applied,
        Self::Provisional,
        Self::UnderReview,
        Self::Active,
        Self::Returned,
    ];

    /// Waits for a cadre.
    pub const WAITING: [Self; 2] = [Self::Provisional, Self::UnderReview];

    /// Opens benefits and has a card.
    pub const fn is_member(self) -> bool {
        matches!(self, Self::Provisional | Self::Active)
    }
}

/// Where a membership stands. An enrolment, once there, goes along to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Submitted and not yet sent to a union; lasts no longer than the transaction it is made in.
    Applied {
        enrolment: Option<Enrolment>,
    },
    /// In a holding pool, a member already, waiting for a cadre.
    Provisional {
        enrolment: Enrolment,
        due_at: DateTime<Utc>,
    },
    /// Before a grass-roots union, waiting for its decision.
    UnderReview {
        enrolment: Option<Enrolment>,
        due_at: DateTime<Utc>,
    },
    Active {
        enrolment: Enrolment,
    },
    /// To be corrected by the worker and applied for again.
    Returned {
        enrolment: Option<Enrolment>,
        reason: String,
    },
    Rejected {
        enrolment: Option<Enrolment>,
        reason: String,
    },
    Withdrawn {
        enrolment: Option<Enrolment>,
    },
}

/// The step is not allowed from here.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("{step} is not possible from {}", .from.code())]
pub struct InvalidTransition {
    pub from: Status,
    pub step: &'static str,
}

impl State {
    pub const fn status(&self) -> Status {
        match self {
            Self::Applied { .. } => Status::Applied,
            Self::Provisional { .. } => Status::Provisional,
            Self::UnderReview { .. } => Status::UnderReview,
            Self::Active { .. } => Status::Active,
            Self::Returned { .. } => Status::Returned,
            Self::Rejected { .. } => Status::Rejected,
            Self::Withdrawn { .. } => Status::Withdrawn,
        }
    }

    pub const fn enrolment(&self) -> Option<&Enrolment> {
        match self {
            Self::Provisional { enrolment, .. } | Self::Active { enrolment } => Some(enrolment),
            Self::Applied { enrolment }
            | Self::UnderReview { enrolment, .. }
            | Self::Returned { enrolment, .. }
            | Self::Rejected { enrolment, .. }
            | Self::Withdrawn { enrolment } => enrolment.as_ref(),
        }
    }

    /// When a cadre's decision is due.
    pub const fn due_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Provisional { due_at, .. } | Self::UnderReview { due_at, .. } => Some(*due_at),
            Self::Applied { .. }
            | Self::Active { .. }
            | Self::Returned { .. }
            | Self::Rejected { .. }
            | Self::Withdrawn { .. } => None,
        }
    }

    /// What the cadre wrote to the worker.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Returned { reason, .. } | Self::Rejected { reason, .. } => Some(reason),
            Self::Applied { .. }
            | Self::Provisional { .. }
            | Self::UnderReview { .. }
            | Self::Active { .. }
            | Self::Withdrawn { .. } => None,
        }
    }

    /// Into a holding pool. `fresh` is used where there is no enrolment yet.
    pub fn hold(self, fresh: Enrolment, due_at: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        match self {
            Self::Applied { enrolment } => Ok(Self::Provisional {
                enrolment: enrolment.unwrap_or(fresh),
                due_at,
            }),
            other => Err(other.refuses("hold")),
        }
    }

    /// Before a grass-roots union.
    pub fn queue(self, due_at: DateTime<Utc>) -> Result<Self, InvalidTransition> {
        match self {
            Self::Applied { enrolment } => Ok(Self::UnderReview { enrolment, due_at }),
            other => Err(other.refuses("queue")),
        }
    }

    /// Expected by a roster: a member at once.
    pub fn welcome(self, fresh: Enrolment) -> Result<Self, InvalidTransition> {
        match self {
            Self::Applied { enrolment } => Ok(Self::Active {
                enrolment: enrolment.unwrap_or(fresh),
            }),
            other => Err(other.refuses("welcome")),
        }
    }

    /// A cadre's yes.
    pub fn accept(self, fresh: Enrolment) -> Result<Self, InvalidTransition> {
        match self {
            Self::Provisional { enrolment, .. } => Ok(Self::Active { enrolment }),
            Self::UnderReview { enrolment, .. } => Ok(Self::Active {
                enrolment: enrolment.unwrap_or(fresh),
            }),
            other => Err(other.refuses("accept")),
        }
    }

    /// A cadre's "please correct".
    pub fn send_back(self, reason: String) -> Result<Self, InvalidTransition> {
        let enrolment = self.waiting("return")?;
        Ok(Self::Returned { enrolment, reason })
    }

    /// A cadre's no.
    pub fn reject(self, reason: String) -> Result<Self, InvalidTransition> {
        let enrolment = self.waiting("reject")?;
        Ok(Self::Rejected { enrolment, reason })
    }

    /// The worker applies again with corrections.
    pub fn resubmit(self) -> Result<Self, InvalidTransition> {
        match self {
            Self::Returned { enrolment, .. } => Ok(Self::Applied { enrolment }),
            other => Err(other.refuses("resubmit")),
        }
    }

    /// The worker leaves, or takes the application back.
    pub fn withdraw(self) -> Result<Self, InvalidTransition> {
        match self {
            Self::Applied { enrolment }
            | Self::UnderReview { enrolment, .. }
            | Self::Returned { enrolment, .. } => Ok(Self::Withdrawn { enrolment }),
            Self::Provisional { enrolment, .. } | Self::Active { enrolment } => {
                Ok(Self::Withdrawn {
                    enrolment: Some(enrolment),
                })
            }
            other => Err(other.refuses("withdraw")),
        }
    }

    fn waiting(self, step: &'static str) -> Result<Option<Enrolment>, InvalidTransition> {
        match self {
            Self::Provisional { enrolment, .. } => Ok(Some(enrolment)),
            Self::UnderReview { enrolment, .. } => Ok(enrolment),
            other => Err(other.refuses(step)),
        }
    }

    const fn refuses(&self, step: &'static str) -> InvalidTransition {
        InvalidTransition {
            from: self.status(),
            step,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use rstest::rstest;

    use super::*;
    use crate::kernel::DistrictCode;

    fn due() -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(7)
    }

    fn enrolment(count: i64) -> Enrolment {
        Enrolment::new(
            DistrictCode::parse("370811").unwrap(),
            count,
            DateTime::UNIX_EPOCH,
        )
    }

    fn state(status: Status, enrolled: Option<Enrolment>) -> State {
        let sure = enrolled.clone().unwrap_or_else(|| enrolment(1));
        match status {
            Status::Applied => State::Applied {
                enrolment: enrolled,
            },
            Status::Provisional => State::Provisional {
                enrolment: sure,
                due_at: due(),
            },
            Status::UnderReview => State::UnderReview {
                enrolment: enrolled,
                due_at: due(),
            },
            Status::Active => State::Active { enrolment: sure },
            Status::Returned => State::Returned {
                enrolment: enrolled,
                reason: "请补正".to_owned(),
            },
            Status::Rejected => State::Rejected {
                enrolment: enrolled,
                reason: "不符合".to_owned(),
            },
            Status::Withdrawn => State::Withdrawn {
                enrolment: enrolled,
            },
        }
    }

    fn step(state: State, name: &str) -> Result<State, InvalidTransition> {
        match name {
            "hold" => state.hold(enrolment(2), due()),
            "queue" => state.queue(due()),
            "welcome" => state.welcome(enrolment(2)),
            "accept" => state.accept(enrolment(2)),
            "return" => state.send_back("请补正".to_owned()),
            "reject" => state.reject("不符合".to_owned()),
            "resubmit" => state.resubmit(),
            "withdraw" => state.withdraw(),
            other => panic!("no step {other}"),
        }
    }

    // Every state × every step; what is not named here is refused.
    #[rstest]
    #[case(Status::Applied, &[("hold", Status::Provisional), ("queue", Status::UnderReview), ("welcome", Status::Active), ("withdraw", Status::Withdrawn)])]
    #[case(Status::Provisional, &[("accept", Status::Active), ("return", Status::Returned), ("reject", Status::Rejected), ("withdraw", Status::Withdrawn)])]
    #[case(Status::UnderReview, &[("accept", Status::Active), ("return", Status::Returned), ("reject", Status::Rejected), ("withdraw", Status::Withdrawn)])]
    #[case(Status::Active, &[("withdraw", Status::Withdrawn)])]
    #[case(Status::Returned, &[("resubmit", Status::Applied), ("withdraw", Status::Withdrawn)])]
    #[case(Status::Rejected, &[])]
    #[case(Status::Withdrawn, &[])]
    fn each_state_allows_its_own_steps_only(
        #[case] from: Status,
        #[case] allowed: &[(&str, Status)],
    ) {
        for name in [
            "hold", "queue", "welcome", "accept", "return", "reject", "resubmit", "withdraw",
        ] {
            let to = step(state(from, None), name).map(|next| next.status()).ok();
            let expected = allowed
                .iter()
                .find(|(step, _)| *step == name)
                .map(|(_, to)| *to);
            assert_eq!(to, expected, "{name} from {}", from.code());
        }
    }

    #[test]
    fn an_enrolment_once_given_is_never_replaced() {
        for from in Status::ALL {
            for name in [
                "hold", "queue", "welcome", "accept", "return", "reject", "resubmit", "withdraw",
            ] {
                if let Ok(next) = step(state(*from, Some(enrolment(1))), name) {
                    assert_eq!(
                        next.enrolment(),
                        Some(&enrolment(1)),
                        "{name} from {}",
                        from.code()
                    );
                }
            }
        }
    }

    #[test]
    fn only_waiting_states_have_a_due_time() {
        for status in Status::ALL {
            assert_eq!(
                state(*status, None).due_at().is_some(),
                Status::WAITING.contains(status)
            );
        }
    }
}
