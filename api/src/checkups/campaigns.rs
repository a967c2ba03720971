//! A health-check programme of a district, with its first and last day.

use actix_web::{HttpResponse, get, post, web};
use chrono::NaiveDate;
use niangjia_domain::{
    checkups::{
        CheckupService,
        sessions::campaign::{Campaign, CampaignPlan},
    },
    kernel::{Answer, Invalid, invalid::FieldCheck},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{incomplete, times::day};
use crate::http::{
    extract::{Caller, Paging, Strict, district},
    problem::Problem,
    reply::{self, PageView},
};

#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCampaignDto {
    name: String,
    district: String,
    /// First day.
    #[schema(format = Date)]
    from: String,
    /// Last day, included.
    #[schema(format = Date)]
    to: String,
}

impl TryFrom<NewCampaignDto> for CampaignPlan {
    type Error = Invalid;

    fn try_from(dto: NewCampaignDto) -> Result<Self, Invalid> {
        let mut check = FieldCheck::default();
        let district = check.take(district(&dto.district));
        let (from, to) = (
            check.take(day("from", &dto.from)),
            check.take(day("to", &dto.to)),
        );
        check.finish()?;
        let whole = || district.zip(from).zip(to);
        let ((district, from), to) = whole().ok_or_else(incomplete)?;
        Ok(Self {
            name: dto.name,
            district,
            from,
            to,
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckupCampaign)]
pub struct CampaignDto {
    id: String,
    name: String,
    district: String,
    from: NaiveDate,
    /// Included.
    to: NaiveDate,
}

impl From<Campaign> for CampaignDto {
    fn from(campaign: Campaign) -> Self {
        Self {
            id: campaign.id.to_string(),
            name: campaign.name,
            district: campaign.district.to_string(),
            from: campaign.from,
            to: campaign.to,
        }
    }
}

/// Opens a health-check programme in the caller's area.
#[utoipa::path(tag = "checkups", request_body = NewCampaignDto, responses((status = 201, body = CampaignDto)), security(("bearer" = [])))]
#[post("/admin/checkup-campaigns")]
pub async fn open_checkup_campaign(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    body: Strict<NewCampaignDto>,
) -> Result<HttpResponse, Problem> {
    let campaign = checkups
        .open_campaign(&caller.0, CampaignPlan::try_from(body.0)?)
        .await?;
    let campaign = CampaignDto::from(campaign);
    Ok(reply::created(
        format!("/api/v1/admin/checkup-campaigns/{}", campaign.id),
        Answer::fresh(campaign),
    ))
}

/// Programmes of the caller's area, newest first.
#[utoipa::path(tag = "checkups", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)),
    responses((status = 200, body = PageView<CampaignDto>)), security(("bearer" = [])))]
#[get("/admin/checkup-campaigns")]
pub async fn list_checkup_campaigns(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    page: Paging,
) -> Result<HttpResponse, Problem> {
    let page = checkups.campaigns(&caller.0, page.0).await?;
    Ok(reply::ok(PageView::of(page, CampaignDto::from)))
}
