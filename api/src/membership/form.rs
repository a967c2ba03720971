//! The form before joining: lists to choose from, texts to agree to, and what a roster already
//! knows of this phone.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::membership::{
    MembershipForm, MembershipService, Prefilled, consents::consent::ConsentText,
    occupation::Occupation, platform::Platform, unions::district::District,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::memberships::UnionRefDto;
use crate::http::{extract::Caller, problem::Problem, reply};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MembershipForm)]
pub struct FormDto {
    occupations: Vec<ChoiceDto>,
    platforms: Vec<ChoiceDto>,
    districts: Vec<DistrictDto>,
    /// What to agree to; send purpose and version back.
    consents: Vec<ConsentTextDto>,
    /// A union expects the phone of this account: joining needs no other field.
    #[serde(skip_serializing_if = "Option::is_none")]
    prefilled: Option<PrefilledDto>,
}

impl From<MembershipForm> for FormDto {
    fn from(form: MembershipForm) -> Self {
        let occupations = Occupation::ALL.iter().map(|one| ChoiceDto {
            code: one.code(),
            label: one.label(),
        });
        let platforms = Platform::ALL.iter().map(|one| ChoiceDto {
            code: one.code(),
            label: one.label(),
        });
        Self {
            occupations: occupations.collect(),
            platforms: platforms.collect(),
            districts: form.districts.into_iter().map(DistrictDto::from).collect(),
            consents: form
                .consents
                .into_iter()
                .map(ConsentTextDto::from)
                .collect(),
            prefilled: form.prefilled.map(PrefilledDto::from),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Choice)]
pub struct ChoiceDto {
    #[schema(example = "food_delivery_rider")]
    code: &'static str,
    #[schema(example = "外卖配送员")]
    label: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = District)]
pub struct DistrictDto {
    #[schema(example = "370811")]
    code: String,
    name: String,
    /// County seat, GCJ-02 degrees, approximate.
    lng: f64,
    lat: f64,
}

impl From<District> for DistrictDto {
    fn from(district: District) -> Self {
        let (lng, lat) = (district.centre.lng(), district.centre.lat());
        Self {
            code: district.code.to_string(),
            name: district.name,
            lng,
            lat,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsentText)]
pub struct ConsentTextDto {
    #[schema(example = "membership")]
    purpose: &'static str,
    #[schema(example = "1")]
    version: &'static str,
    title: &'static str,
    text: &'static str,
}

impl From<ConsentText> for ConsentTextDto {
    fn from(text: ConsentText) -> Self {
        Self {
            purpose: text.purpose.code(),
            version: text.version,
            title: text.title,
            text: text.body,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Prefilled)]
pub struct PrefilledDto {
    name_masked: String,
    id_number_masked: String,
    occupation: &'static str,
    union: UnionRefDto,
}

impl From<Prefilled> for PrefilledDto {
    fn from(prefilled: Prefilled) -> Self {
        Self {
            name_masked: prefilled.name_masked,
            id_number_masked: prefilled.id_number_masked,
            occupation: prefilled.occupation.code(),
            union: prefilled.union.into(),
        }
    }
}

/// Lists to choose from, texts to agree to, and what a roster already knows.
#[utoipa::path(tag = "membership", responses((status = 200, body = FormDto)), security(("bearer" = [])))]
#[get("/membership-form")]
pub async fn get_membership_form(
    membership: web::Data<MembershipService>,
    caller: Caller,
) -> Result<HttpResponse, Problem> {
    Ok(reply::ok(FormDto::from(membership.form(&caller.0).await?)))
}
