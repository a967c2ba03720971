//! Fields that many documents and queries have; what does not fit is refused by the field's name.

use chrono::{DateTime, Utc};
use niangjia_domain::kernel::{DistrictCode, Invalid, Place};

/// A six-digit district code.
pub fn district(text: &str) -> Result<DistrictCode, Invalid> {
    DistrictCode::parse(text)
        .map_err(|_| Invalid::field("district", "district_invalid", "区县代码应为六位数字"))
}

/// `lng,lat` in degrees.
pub fn near(text: &str) -> Result<Place, Invalid> {
    let parts = text
        .split_once(',')
        .and_then(|(lng, lat)| Some((lng.trim().parse().ok()?, lat.trim().parse().ok()?)));
    let (lng, lat) = parts
        .ok_or_else(|| Invalid::field("near", "near_invalid", "请按“经度,纬度”的格式提供位置"))?;
    Place::new(lng, lat)
        .map_err(|_| Invalid::field("near", "near_invalid", "位置超出范围，请重新定位"))
}

/// An instant, RFC 3339.
pub fn instant(field: &str, text: &str) -> Result<DateTime<Utc>, Invalid> {
    // A plus sign that was not percent-encoded arrives as a blank.
    DateTime::parse_from_rfc3339(&text.replace(' ', "+"))
        .map(|instant| instant.to_utc())
        .map_err(|_| {
            let mend = "时间格式应为 2026-06-12T10:00:00+08:00";
            Invalid::field(field, "time_invalid", mend)
        })
}

/// What a list is narrowed to, if anything. A word that nobody knows is refused with `code` and
/// `mend`.
pub fn chosen<T>(
    field: &str,
    code: &'static str,
    mend: &str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Invalid> {
    text.map(|text| parse(text).ok_or_else(|| Invalid::field(field, code, mend)))
        .transpose()
}
