//! Which suspensions a reviewer asks for; a word that is not of the lists is refused by its field.

use chrono::DateTime;
use niangjia_domain::{
    kernel::Invalid,
    vouchers::collusion::{Signal, SuspensionQuery, SuspensionStatus},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::extract::chosen;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct SuspensionsQuery {
    /// open, released, rejected or moot
    status: Option<String>,
    /// same_pair, burst, impossible_travel or price_is_face_value
    signal: Option<String>,
    station_id: Option<String>,
    /// RFC 3339: suspensions that are due before then
    due_before: Option<String>,
}

impl SuspensionsQuery {
    pub fn checked(&self) -> Result<SuspensionQuery, Invalid> {
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
        Ok(SuspensionQuery {
            status: chosen(
                "status",
                code,
                "没有这种状态，请从列表中选择",
                status,
                SuspensionStatus::parse,
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
