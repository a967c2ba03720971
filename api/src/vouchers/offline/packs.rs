//! What a scanner takes along when the network goes.

use actix_web::{HttpRequest, HttpResponse, get, web};
use niangjia_domain::{
    kernel::id::{VoucherId, kind},
    vouchers::offline::OfflineService,
};

use super::pack_view::{PackKeyDto, PackPageDto, PackQuery};
use crate::http::{
    extract::{Caller, IdPath, Paging},
    problem::Problem,
    reply,
};

/// A page of the signed pack by which an enrolled scanner of the caller's station verifies today's
/// codes alone. Only `cursor` pages; the pages' size is fixed.
#[utoipa::path(tag = "vouchers", params(("id" = String, Path), PackQuery, ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PackPageDto)), security(("bearer" = [])))]
#[get("/stations/{id}/scan-pack")]
pub async fn get_scan_pack(
    offline: web::Data<OfflineService>,
    caller: Caller,
    id: IdPath<kind::Station>,
    query: web::Query<PackQuery>,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let after = page.0.after.map(VoucherId::from_uuid);
    // Without a name the field is refused, but only where the station is the caller's.
    let device = query.device_id.as_deref().unwrap_or_default();
    let page = offline.scan_pack(&caller.0, id.0, device, after).await?;
    Ok(reply::ok(PackPageDto::new(page, &offline.pack_key())))
}

/// The public key that scanners check packs with.
#[utoipa::path(tag = "vouchers", responses((status = 200, body = PackKeyDto)))]
#[get("/scan-pack-key")]
pub async fn get_scan_pack_key(
    request: HttpRequest,
    offline: web::Data<OfflineService>,
) -> Result<HttpResponse, Problem> {
    reply::cached(&request, &PackKeyDto::from(offline.pack_key()))
}
