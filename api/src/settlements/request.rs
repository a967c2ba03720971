//! What comes in.

use chrono::NaiveDate;
use niangjia_domain::{
    kernel::{Invalid, id::StationId},
    settlements::{NewSettlement, SettlementStatus, ports::SettlementFilter},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::extract::chosen;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewSettlementDto {
    #[schema(value_type = String)]
    station_id: StationId,
    /// The first day, in Asia/Shanghai.
    #[schema(example = "2026-06-01")]
    from: NaiveDate,
    /// The last day, included; at most 92 days in all.
    #[schema(example = "2026-06-30")]
    to: NaiveDate,
}

impl From<NewSettlementDto> for NewSettlement {
    fn from(dto: NewSettlementDto) -> Self {
        Self {
            station_id: dto.station_id,
            from: dto.from,
            to: dto.to,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmationDto {
    /// The hash of the sheet that was looked at; another sheet is then not confirmed by mistake.
    pub hash: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettlementReasonDto {
    /// 2 to 200 characters.
    pub reason: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaymentDto {
    /// The bank's or the accounts' own number, 1 to 64 characters.
    pub reference: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AdjustmentDto {
    /// Negative takes back; all that was paid when absent.
    pub amount_fen: Option<i64>,
    /// 2 to 200 characters.
    pub reason: String,
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct SettlementQuery {
    station_id: Option<String>,
    /// One of `open frozen confirmed approved paid closed rejected cancelled`.
    status: Option<String>,
}

impl SettlementQuery {
    pub fn filter(&self) -> Result<SettlementFilter, Invalid> {
        let mend = "没有这个选项，请从列表中选择";
        let (station, status) = (self.station_id.as_deref(), self.status.as_deref());
        let station = chosen("stationId", "station_unknown", mend, station, |text| {
            text.parse().ok()
        })?;
        let status = chosen(
            "status",
            "status_unknown",
            mend,
            status,
            SettlementStatus::parse,
        )?;
        Ok(SettlementFilter { station, status })
    }
}
