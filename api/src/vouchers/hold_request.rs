//! What reviewers send.

use chrono::DateTime;
use niangjia_domain::{
    kernel::Invalid,
    vouchers::collusion::{HoldDecision, HoldDecisionInput, HoldQuery, HoldStatus, Signal},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::extract::chosen;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct HoldsQuery {
    /// open, released, rejected or moot
    status: Option<String>,
    /// same_pair, burst, impossible_travel or price_is_face_value
    signal: Option<String>,
    station_id: Option<String>,
    /// RFC 3339: holds that are due before then
    due_before: Option<String>,
}

impl HoldsQuery {
    pub fn checked(&self) -> Result<HoldQuery, Invalid> {
        let due = |text: &str| {
            DateTime::parse_from_rfc3339(text)
                .ok()
                .map(|instant| instant.to_utc())
        };
        let station = |text: &str| text.parse().ok();
        let (code, status, signal) = (
            "filter_unknown",
            self.status.as_deref(),
            self.signal.as_deref(),
        );
        let (place, before) = (self.station_id.as_deref(), self.due_before.as_deref());
        Ok(HoldQuery {
            status: chosen(
                "status",
                code,
                "没有这种状态，请从列表中选择",
                status,
                HoldStatus::parse,
            )?,
            signal: chosen(
                "signal",
                code,
                "没有这种信号，请从列表中选择",
                signal,
                Signal::parse,
            )?,
            station_id: chosen(
                "stationId",
                code,
                "驿站编号有误，请从列表中选择",
                place,
                station,
            )?,
            due_before: chosen(
                "dueBefore",
                code,
                "时间格式应为 2026-06-12T10:00:00+08:00",
                before,
                due,
            )?,
        })
    }
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldDecisionWord {
    Release,
    Reject,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HoldDecision)]
pub struct HoldDecisionDto {
    decision: HoldDecisionWord,
    /// What was looked at and found; kept with the decision.
    reason: String,
}

impl From<HoldDecisionDto> for HoldDecisionInput {
    fn from(dto: HoldDecisionDto) -> Self {
        let decision = match dto.decision {
            HoldDecisionWord::Release => HoldDecision::Release,
            HoldDecisionWord::Reject => HoldDecision::Reject,
        };
        Self {
            decision,
            reason: dto.reason,
        }
    }
}
