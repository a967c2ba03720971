//! A holder's own vouchers; somebody else's is not found.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    kernel::{Invalid, id::kind, values::local_time::rfc3339},
    vouchers::{VoucherView, WalletService, wallet::voucher::VoucherState},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    known,
    validity::{MealDto, StationNameDto, meals},
};
use crate::http::{
    extract::{Caller, IdPath, Paging},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct VoucherQuery {
    /// One of `issued redeemed expired deactivated recalled`.
    status: Option<String>,
}

impl VoucherQuery {
    fn state(&self) -> Result<Option<VoucherState>, Invalid> {
        known(self.status.as_deref(), VoucherState::parse)
    }
}

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

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VoucherBatchName)]
pub struct BatchNameDto {
    id: String,
    name: String,
}

/// The caller's vouchers, newest first.
#[utoipa::path(tag = "vouchers",
    params(VoucherQuery, ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<VoucherDto>)), security(("bearer" = [])))]
#[get("/me/vouchers")]
pub async fn list_my_vouchers(
    wallet: web::Data<WalletService>,
    caller: Caller,
    query: web::Query<VoucherQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = wallet
        .my_vouchers(&caller.0, query.state()?, page.0)
        .await?;
    Ok(reply::ok(PageView::of(page, VoucherDto::from)))
}

/// One of the caller's vouchers.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path)), responses((status = 200, body = VoucherDto)),
    security(("bearer" = [])))]
#[get("/vouchers/{id}")]
pub async fn get_voucher(
    wallet: web::Data<WalletService>,
    caller: Caller,
    id: IdPath<kind::Voucher>,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(VoucherDto::from(
        wallet.my_voucher(&caller.0, id.0).await?,
    )))
}
