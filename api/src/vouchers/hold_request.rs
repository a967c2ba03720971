//! What reviewers send.

use chrono::DateTime;
use niangjia_domain::{
    kernel::Invalid,
    vouchers::collusion::{HoldDecision, HoldDecisionInput, HoldQuery, HoldStatus, Signal},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

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
        let due = |text: &str| DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc());
        let station = |text: &str| text.parse().ok();
        Ok(HoldQuery {
            status: known("status", "没有这种状态，请从列表中选择", self.status.as_deref(), HoldStatus::parse)?,
            signal: known("signal", "没有这种信号，请从列表中选择", self.signal.as_deref(), Signal::parse)?,
            station_id: known("stationId", "驿站编号有误，请从列表中选择", self.station_id.as_deref(), station)?,
            due_before: known("dueBefore", "时间格式应为 2026-06-12T10:00:00+08:00", self.due_before.as_deref(), due)?,
        })
    }
}

fn known<T>(
    field: &str,
    mend: &str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Invalid> {
    text.map(|text| parse(text).ok_or_else(|| Invalid::field(field, "filter_unknown", mend))).transpose()
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
        Self { decision, reason: dto.reason }
    }
}
