//! What a worker asks for, once it has passed the rules of form: the draft of a wish.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use crate::kernel::{
    Fen, Invalid,
    id::{StationId, UploadId},
    invalid::FieldCheck,
    values::text,
};

/// Most a wish may cost (W2), in fen: ¥300.
pub const CEILING_FEN: i64 = 30_000;
/// Most photos of a wish, and of its thanks.
pub const MAX_PHOTOS: usize = 6;
/// As many digits in a row as a mobile number has.
const CONTACT_DIGITS: usize = 11;

/// A wish as it was typed.
#[derive(Debug, Clone)]
pub struct WishForm {
    pub title: String,
    pub story: String,
    pub category: String,
    pub estimate_fen: i64,
    pub photo_ids: Vec<UploadId>,
    pub station_id: StationId,
}

/// A wish that may be submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishContent {
    pub title: String,
    pub story: String,
    pub category: String,
    pub estimate: Fen,
    pub photo_ids: Vec<UploadId>,
}

impl WishContent {
    /// Reports every field to mend at once.
    pub fn parse(form: &WishForm) -> Result<Self, Invalid> {
        let mut check = FieldCheck::default();
        let title = check.take(published_text(
            "title",
            text::line("title", &form.title, 1, 40),
        ));
        let story = check.take(published_text(
            "story",
            text::paragraphs("story", &form.story, 1, 1_000),
        ));
        let category = check.take(text::line("category", &form.category, 1, 20));
        let estimate = check.take(estimate(form.estimate_fen));
        let photo_ids = check.take(photos("photoIds", &form.photo_ids));
        check.finish()?;
        let parts = title.zip(story).zip(category).zip(estimate).zip(photo_ids);
        let ((((title, story), category), estimate), photo_ids) =
            parts.ok_or_else(|| Invalid::field("title", "text_length", "请填写完整的心愿"))?;
        Ok(Self {
            title,
            story,
            category,
            estimate,
            photo_ids,
        })
    }
}

/// At most six photos, each once.
pub fn photos(field: &str, ids: &[UploadId]) -> Result<Vec<UploadId>, Invalid> {
    let distinct: BTreeSet<_> = ids.iter().collect();
    if ids.len() > MAX_PHOTOS || distinct.len() != ids.len() {
        let detail = format!("最多上传 {MAX_PHOTOS} 张照片，且不能重复，请调整后重新提交");
        return Err(Invalid::field(field, "photo_count", detail));
    }
    Ok(ids.to_vec())
}

/// Donors never receive a phone or ID number (W5), so the public text must not carry one.
pub fn published_text(field: &str, text: Result<String, Invalid>) -> Result<String, Invalid> {
    let text = text?;
    if carries_contact(&text) {
        return Err(Invalid::field(
            field,
            "contact_in_text",
            "请勿填写手机号、身份证号等联系方式，删除后重新提交",
        ));
    }
    Ok(text)
}

fn estimate(fen: i64) -> Result<Fen, Invalid> {
    let estimate = Fen::new(fen).filter(|estimate| *estimate > Fen::ZERO);
    let estimate = estimate.ok_or_else(|| {
        Invalid::field(
            "estimateFen",
            "estimate_not_positive",
            "预计金额应大于 0 元",
        )
    })?;
    if fen > CEILING_FEN {
        let detail = format!("单个心愿不超过 {} 元，请调整后重新提交", CEILING_FEN / 100);
        return Err(Invalid::field(
            "estimateFen",
            "estimate_over_ceiling",
            detail,
        ));
    }
    Ok(estimate)
}

/// Digits count as neighbours across spaces and dashes, and in full width.
fn carries_contact(text: &str) -> bool {
    let mut run = 0;
    for c in text
        .nfkc()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '—' | '_' | '.'))
    {
        run = if c.is_ascii_digit() { run + 1 } else { 0 };
        if run >= CONTACT_DIGITS {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn form() -> WishForm {
        WishForm {
            title: "保温杯".to_owned(),
            story: "冬天送餐，想喝口热水".to_owned(),
            category: "生活用品".to_owned(),
            estimate_fen: 9_900,
            photo_ids: Vec::new(),
            station_id: StationId::from_uuid(Uuid::nil()),
        }
    }

    fn codes(form: &WishForm) -> Vec<(String, &'static str)> {
        let errors = WishContent::parse(form)
            .err()
            .map(|invalid| invalid.errors)
            .unwrap_or_default();
        errors
            .into_iter()
            .map(|error| (error.field, error.code))
            .collect()
    }

    #[rstest]
    #[case(-1, Some("estimate_not_positive"))]
    #[case(0, Some("estimate_not_positive"))]
    #[case(1, None)]
    #[case(CEILING_FEN, None)]
    #[case(CEILING_FEN + 1, Some("estimate_over_ceiling"))]
    #[case(i64::MAX, Some("estimate_over_ceiling"))]
    fn the_ceiling_is_inclusive(#[case] estimate_fen: i64, #[case] code: Option<&'static str>) {
        let found = codes(&WishForm {
            estimate_fen,
            ..form()
        });
        assert_eq!(
            found,
            code.map(|code| ("estimateFen".to_owned(), code))
                .into_iter()
                .collect::<Vec<_>>()
        );
    }

    #[rstest]
    #[case("请打 13800138000", true)]
    #[case("请打 138-0013 8000", true)]
    #[case("１３８００１３８０００", true)]
    #[case("身份证11010519491231002X", true)]
    #[case("预算 99 元，2026 年 1 月前", false)]
    fn contacts_stay_out_of_the_story(#[case] story: &str, #[case] refused: bool) {
        let found = codes(&WishForm {
            story: story.to_owned(),
            ..form()
        });
        assert_eq!(
            found.iter().any(|(_, code)| *code == "contact_in_text"),
            refused
        );
    }

    #[test]
    fn every_broken_field_is_named_at_once() {
        let twice = UploadId::from_uuid(Uuid::nil());
        let broken = WishForm {
            title: " ".to_owned(),
            estimate_fen: 0,
            photo_ids: vec![twice, twice],
            ..form()
        };
        let fields: Vec<_> = codes(&broken).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["title", "estimateFen", "photoIds"]);
    }
}
