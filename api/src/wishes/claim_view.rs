//! Claims as they go out, to their donor and to the worker.

use niangjia_domain::{
    kernel::{
        id::{StationId, WishClaimId, WishId},
        values::local_time::rfc3339,
    },
    wishes::{
        ClaimReceipt, ClaimStep,
        claims::wish_claim::{ClaimState, ClaimStatus},
        wall::views::{DonorCard, OwnClaim, StationCard},
        wish::status::WishStatus,
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::wish_view::{ThanksDto, WishDto};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DonorDto {
    /// `null`: an anonymous well-wisher.
    display_name: Option<String>,
    #[schema(value_type = String)]
    status: ClaimStatus,
    claimed_at: String,
    lapses_at: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimReceiptDto {
    #[schema(value_type = String)]
    pub id: WishClaimId,
    #[schema(value_type = String)]
    wish_id: WishId,
    #[schema(value_type = String)]
    status: ClaimStatus,
    lapses_at: String,
    station: DeliveryStationDto,
}

/// Where a donor sends the goods.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryStationDto {
    #[schema(value_type = String)]
    id: StationId,
    name: String,
    district: String,
    address: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClaimStepDto {
    #[schema(value_type = String)]
    id: WishClaimId,
    #[schema(value_type = String)]
    wish_id: WishId,
    #[schema(value_type = String)]
    status: ClaimStatus,
    #[schema(value_type = String)]
    wish_status: WishStatus,
}

/// A claim as its donor sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OwnClaimDto {
    #[schema(value_type = String)]
    id: WishClaimId,
    #[schema(value_type = String)]
    status: ClaimStatus,
    claimed_at: String,
    lapses_at: String,
    carrier: Option<String>,
    tracking_no: Option<String>,
    station: DeliveryStationDto,
    wish: WishDto,
    thanks: Option<ThanksDto>,
}

impl From<StationCard> for DeliveryStationDto {
    fn from(station: StationCard) -> Self {
        Self {
            id: station.id,
            name: station.name,
            district: station.district.to_string(),
            address: station.address,
        }
    }
}

impl From<DonorCard> for DonorDto {
    fn from(donor: DonorCard) -> Self {
        Self {
            display_name: donor.display_name,
            status: donor.status,
            claimed_at: rfc3339(donor.claimed_at),
            lapses_at: rfc3339(donor.lapses_at),
        }
    }
}

impl From<ClaimReceipt> for ClaimReceiptDto {
    fn from(receipt: ClaimReceipt) -> Self {
        Self {
            id: receipt.id,
            wish_id: receipt.wish_id,
            status: receipt.status,
            lapses_at: rfc3339(receipt.lapses_at),
            station: receipt.station.into(),
        }
    }
}

impl From<ClaimStep> for ClaimStepDto {
    fn from(step: ClaimStep) -> Self {
        Self {
            id: step.id,
            wish_id: step.wish_id,
            status: step.status,
            wish_status: step.wish_status,
        }
    }
}

impl From<OwnClaim> for OwnClaimDto {
    fn from(view: OwnClaim) -> Self {
        let status = view.claim.status();
        let parcel = match view.claim.state {
            ClaimState::Dispatched { parcel, .. } => parcel,
            _ => Default::default(),
        };
        Self {
            id: view.claim.id,
            status,
            claimed_at: rfc3339(view.claim.claimed_at),
            lapses_at: rfc3339(view.claim.lapses_at),
            carrier: parcel.carrier,
            tracking_no: parcel.tracking_no,
            station: view.card.station.clone().into(),
            wish: view.card.into(),
            thanks: view.thanks.map(ThanksDto::from),
        }
    }
}
