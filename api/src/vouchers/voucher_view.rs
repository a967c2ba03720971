//! Vouchers and codes as they go out to their holder.

use niangjia_domain::{
    kernel::values::local_time::rfc3339,
    vouchers::{
        DeliveredSecret, ShownCode, StationName, VoucherView, batches::rules::meal::MealWindow,
        codes::code::STEP_SECONDS, wallet::voucher::VoucherState,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Voucher)]
pub struct VoucherDto {
    #[schema(example = "voucher_01jd3v7c9vf8ys2v4t0y3z5q7r")]
    pub id: String,
    batch: BatchNameDto,
    face_value_fen: i64,
    #[schema(value_type = String, example = "issued")]
    status: VoucherState,
    issued_at: String,
    valid_from: String,
    /// The first instant at which it is void.
    valid_to: String,
    meals: Vec<MealDto>,
    stations: Vec<StationNameDto>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VoucherBatchName)]
pub struct BatchNameDto {
    id: String,
    name: String,
}

/// `HH:MM` in Asia/Shanghai, half-open.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MealWindow)]
pub struct MealDto {
    name: String,
    from: String,
    to: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StationName)]
pub struct StationNameDto {
    id: String,
    name: String,
}

impl From<StationName> for StationNameDto {
    fn from(station: StationName) -> Self {
        Self {
            id: station.id.to_string(),
            name: station.name,
        }
    }
}

pub fn meals(windows: &[MealWindow]) -> Vec<MealDto> {
    let dto = |window: &MealWindow| MealDto {
        name: window.name.clone(),
        from: window.hours.from_text(),
        to: window.hours.to_text(),
    };
    windows.iter().map(dto).collect()
}

impl From<VoucherView> for VoucherDto {
    fn from(view: VoucherView) -> Self {
        Self {
            id: view.voucher.id.to_string(),
            batch: BatchNameDto {
                id: view.batch.id.to_string(),
                name: view.batch.name,
            },
            face_value_fen: view.voucher.face_value.get(),
            status: view.state,
            issued_at: rfc3339(view.voucher.issued_at),
            valid_from: rfc3339(view.voucher.valid_from),
            valid_to: rfc3339(view.voucher.valid_to),
            meals: meals(&view.batch.rules.meals),
            stations: view
                .stations
                .into_iter()
                .map(StationNameDto::from)
                .collect(),
        }
    }
}

/// Told once. How codes are computed from it is described with the source
/// (`domain/src/vouchers/README.md`).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CodeSecret)]
pub struct CodeSecretDto {
    /// For the payload that stations with a network read; any of the two is good there.
    #[schema(example = "NJ1")]
    algorithm: &'static str,
    /// For the payload that stations without a network can check as well.
    #[schema(example = "NJ2")]
    offline_algorithm: &'static str,
    device_no: u16,
    /// 32 bytes, base64url without padding.
    secret: String,
    step_seconds: i64,
    /// So that a phone with a wrong clock can correct its steps.
    server_time: String,
}

impl From<DeliveredSecret> for CodeSecretDto {
    fn from(delivered: DeliveredSecret) -> Self {
        Self {
            algorithm: "NJ1",
            offline_algorithm: "NJ2",
            device_no: delivered.device_no,
            secret: delivered.secret.expose(),
            step_seconds: STEP_SECONDS,
            server_time: rfc3339(delivered.server_time),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VoucherCode)]
pub struct CodeDto {
    /// The QR code's text.
    payload: String,
    /// Eight digits for a dead camera.
    short_code: String,
    expires_at: String,
}

impl From<ShownCode> for CodeDto {
    fn from(code: ShownCode) -> Self {
        Self {
            payload: code.payload,
            short_code: code.short_code,
            expires_at: rfc3339(code.expires_at),
        }
    }
}
