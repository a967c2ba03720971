//! What a batch promises: frozen from the moment it is submitted.

pub mod eligibility;
pub mod meal;
pub mod new_batch;

pub(crate) mod contradictions;

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::kernel::{Fen, id::StationId};
use eligibility::Eligibility;
use meal::MealWindow;

pub use meal::NewMeal;
pub use new_batch::NewBatch;

const MAX_BUDGET_FEN: i64 = 1_000_000_000_000;

/// How many vouchers a batch can have, now or after a change.
pub const QUOTAS: RangeInclusive<i64> = 1..=10_000_000;
pub(crate) const QUOTA_RANGE: &str = "发放总量应在 1 到 10000000 张之间";

/// How vouchers reach people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    FirstCome,
    Draw,
    Allotment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRules {
    pub face_value: Fen,
    /// As the checker saw it; the number in force is the budget's.
    pub quota: i64,
    pub daily_quota: Option<i64>,
    pub budget: Fen,
    pub per_person_limit: i64,
    pub meals: Vec<MealWindow>,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which vouchers are void.
    pub valid_to: DateTime<Utc>,
    /// When it begins to issue; at once if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims_from: Option<DateTime<Utc>>,
    pub station_ids: Vec<StationId>,
    pub eligibility: Eligibility,
    pub distribution: Distribution,
    /// When entries close and lots are drawn; draws have it, others do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw_at: Option<DateTime<Utc>>,
}

impl BatchRules {
    /// Sums that the budget can be set to, in fen: at least one voucher's worth.
    pub fn budgets(&self) -> RangeInclusive<i64> {
        budgets_for(self.face_value.get())
    }
}

const fn budgets_for(face_value_fen: i64) -> RangeInclusive<i64> {
    face_value_fen..=MAX_BUDGET_FEN
}
