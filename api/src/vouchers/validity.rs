//! Where and at which meals a voucher is good: said the same way of a batch, an offer and a
//! voucher.

use niangjia_domain::vouchers::{StationName, batches::rules::meal::MealWindow};
use serde::Serialize;
use utoipa::ToSchema;

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
