//! What a batch promises: frozen from the moment it is submitted. Rules that contradict each other
//! are refused with the field to mend.

pub mod eligibility;
pub mod meal;

pub(crate) mod contradictions;

use std::ops::RangeInclusive;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    kernel::{DistrictCode, Fen, Invalid, id::StationId, invalid::FieldCheck, values::text},
    membership::{occupation::Occupation, standing::StandingLevel},
};
use eligibility::Eligibility;
use meal::MealWindow;

const MAX_FACE_VALUE_FEN: i64 = 100_000;
const MAX_BUDGET_FEN: i64 = 1_000_000_000_000;
const MAX_PER_PERSON: i64 = 366;
const MAX_MEALS: usize = 8;
const MAX_AHEAD: TimeDelta = TimeDelta::days(2 * 366);
const MAX_STATIONS: usize = 500;

/// How many vouchers a batch can have, now or after a change.
pub const QUOTAS: RangeInclusive<i64> = 1..=10_000_000;
pub(crate) const QUOTA_RANGE: &str = "发放总量应在 1 到 10000000 张之间";

/// How vouchers reach people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Distribution {
    FirstCome,
    Draw,
    Allotment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchRules {
    pub face_value: Fen,
    /// As the checker saw it; the number in force is the budget's.
    pub quota: i64,
    pub daily_quota: Option<i64>,
    pub budget: Fen,
    pub per_person_limit: i64,
    pub meals: Vec<MealWindow>,
    pub valid_from: DateTime<Utc>,
    /// The first instant at which vouchers are void.
    pub valid_to: DateTime<Utc>,
    /// When it begins to issue; at once if `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims_from: Option<DateTime<Utc>>,
    pub station_ids: Vec<StationId>,
    pub eligibility: Eligibility,
    pub distribution: Distribution,
    /// When entries close and lots are drawn; draws have it, others do not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub draw_at: Option<DateTime<Utc>>,
}

impl BatchRules {
    /// Sums that the budget can be set to, in fen: at least one voucher's worth.
    pub fn budgets(&self) -> RangeInclusive<i64> {
        budgets_for(self.face_value.get())
    }
}

const fn budgets_for(face_value_fen: i64) -> RangeInclusive<i64> {
    face_value_fen..=MAX_BUDGET_FEN
}

/// A meal window as the cadre typed it.
#[derive(Debug, Clone)]
pub struct NewMeal {
    pub name: String,
    pub from: String,
    pub to: String,
}

/// A batch as the cadre typed it.
#[derive(Debug, Clone)]
pub struct NewBatch {
    pub name: String,
    pub district: DistrictCode,
    pub face_value_fen: i64,
    pub quota: i64,
    pub daily_quota: Option<i64>,
    pub budget_fen: i64,
    pub per_person_limit: i64,
    pub meals: Vec<NewMeal>,
    pub valid_from: DateTime<Utc>,
    pub valid_to: DateTime<Utc>,
    pub claims_from: Option<DateTime<Utc>>,
    pub station_ids: Vec<StationId>,
    pub standings: Vec<StandingLevel>,
    pub occupations: Vec<String>,
    pub districts: Vec<DistrictCode>,
    pub distribution: Distribution,
    pub draw_at: Option<DateTime<Utc>>,
}

impl NewBatch {
    /// The name and the rules, or every field to mend.
    pub fn checked(self, now: DateTime<Utc>) -> Result<(String, BatchRules), Invalid> {
        let mut check = FieldCheck::default();
        let name = check.take(text::line("name", &self.name, 2, 40));
        self.check_numbers(&mut check);
        self.check_time_and_place(&mut check, now);
        self.check_distribution(&mut check, now);
        let meals = check.take(meals(&self.meals));
        let occupations = check.take(occupations(&self.occupations));
        self.check_repetitions(&mut check);
        check.finish()?;
        let rules = BatchRules {
            face_value: Fen::new(self.face_value_fen).unwrap_or_default(),
            quota: self.quota,
            daily_quota: self.daily_quota,
            budget: Fen::new(self.budget_fen).unwrap_or_default(),
            per_person_limit: self.per_person_limit,
            meals: meals.unwrap_or_default(),
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            claims_from: self.claims_from,
            station_ids: self.station_ids,
            eligibility: Eligibility {
                standings: self.standings,
                occupations: occupations.unwrap_or_default(),
                districts: self.districts,
            },
            distribution: self.distribution,
            draw_at: self.draw_at,
        };
        Ok((name.unwrap_or_default(), rules))
    }

    fn check_numbers(&self, check: &mut FieldCheck) {
        let range = "number_out_of_range";
        let face = (1..=MAX_FACE_VALUE_FEN).contains(&self.face_value_fen);
        check.require(face, "faceValueFen", range, "面额应大于 0 且不超过 1000 元");
        check.require(QUOTAS.contains(&self.quota), "quota", range, QUOTA_RANGE);
        let daily = self
            .daily_quota
            .is_none_or(|daily| (1..=self.quota).contains(&daily));
        check.require(
            daily,
            "dailyQuota",
            range,
            "每日份额应大于 0 且不超过发放总量",
        );
        let budget = budgets_for(self.face_value_fen).contains(&self.budget_fen);
        check.require(budget, "budgetFen", range, "预算应不低于一张餐券的面额");
        let limit = (1..=MAX_PER_PERSON.min(self.quota.max(1))).contains(&self.per_person_limit);
        check.require(
            limit,
            "perPersonLimit",
            range,
            "每人可领数量应在 1 到 366 张之间，且不超过发放总量",
        );
    }

    /// A draw has its hour; draws and grants give one voucher to a person, and not day by day.
    fn check_distribution(&self, check: &mut FieldCheck, now: DateTime<Utc>) {
        let draw_at_fits = match (self.distribution, self.draw_at) {
            (Distribution::Draw, Some(at)) => {
                now.max(self.claims_from.unwrap_or(now)) < at && at < self.valid_to
            }
            (Distribution::Draw, None)
            | (Distribution::FirstCome | Distribution::Allotment, Some(_)) => false,
            (Distribution::FirstCome | Distribution::Allotment, None) => true,
        };
        let detail = "抽签批次须填写抽签时间，应晚于现在和开始报名的时间且早于有效期结束；其他发放方式请勿填写";
        check.require(draw_at_fits, "drawAt", "draw_at_invalid", detail);
        if self.distribution != Distribution::FirstCome {
            let (code, detail) = (
                "distribution_contradiction",
                "抽签和自动发放的批次每人一张，且不设每日份额",
            );
            check.require(self.per_person_limit == 1, "perPersonLimit", code, detail);
            check.require(self.daily_quota.is_none(), "dailyQuota", code, detail);
        }
    }

    fn check_repetitions(&self, check: &mut FieldCheck) {
        let detail = "请勿重复选择";
        for (field, repeats) in [
            ("eligibility.standings", repeats(&self.standings)),
            ("eligibility.occupations", repeats(&self.occupations)),
            ("eligibility.districts", repeats(&self.districts)),
        ] {
            check.require(!repeats, field, "repeated", detail);
        }
    }

    fn check_time_and_place(&self, check: &mut FieldCheck, now: DateTime<Utc>) {
        let order = self.valid_from < self.valid_to;
        check.require(order, "validTo", "period_order", "结束时间应晚于开始时间");
        check.require(
            self.valid_to > now,
            "validTo",
            "period_over",
            "结束时间应晚于现在",
        );
        let soon = self.valid_to <= now + MAX_AHEAD && self.valid_from >= now - MAX_AHEAD;
        check.require(soon, "validTo", "period_too_long", "有效期应在前后两年之内");
        let opens = self.claims_from.is_none_or(|from| from < self.valid_to);
        check.require(
            opens,
            "claimsFrom",
            "claims_after_end",
            "开始领取的时间应早于结束时间",
        );
        let mut ids = self.station_ids.clone();
        ids.sort_unstable();
        ids.dedup();
        let stations =
            !ids.is_empty() && ids.len() == self.station_ids.len() && ids.len() <= MAX_STATIONS;
        check.require(
            stations,
            "stationIds",
            "stations_invalid",
            "请选择 1 到 500 个不重复的驿站",
        );
    }
}

fn repeats<T: PartialEq>(list: &[T]) -> bool {
    list.iter()
        .enumerate()
        .any(|(index, item)| list.iter().take(index).any(|earlier| earlier == item))
}

fn meals(typed: &[NewMeal]) -> Result<Vec<MealWindow>, Invalid> {
    let mut check = FieldCheck::default();
    check.require(
        (1..=MAX_MEALS).contains(&typed.len()),
        "meals",
        "meals_count",
        "请设置 1 到 8 个就餐时段",
    );
    let mut windows: Vec<MealWindow> = Vec::with_capacity(typed.len());
    for (index, meal) in typed.iter().enumerate() {
        let field = format!("meals[{index}]");
        let Some(window) = check.take(MealWindow::parse(&field, &meal.name, &meal.from, &meal.to))
        else {
            continue;
        };
        let apart = windows
            .iter()
            .all(|other| !other.hours.overlaps(window.hours));
        check.require(
            apart,
            &field,
            "meals_overlap",
            "就餐时段之间不能重叠，请调整时间",
        );
        let named = windows
            .iter()
            .all(|other| other.identity() != window.identity());
        check.require(
            named,
            &format!("{field}.name"),
            "meal_name_repeated",
            "就餐时段的名称不能重复",
        );
        windows.push(window);
    }
    check.finish()?;
    Ok(windows)
}

fn occupations(typed: &[String]) -> Result<Vec<String>, Invalid> {
    let unknown = || {
        Invalid::field(
            "eligibility.occupations",
            "occupation_unknown",
            "没有这种职业，请从列表中选择",
        )
    };
    let known = |occupation: &String| Some(Occupation::parse(occupation)?.code().to_owned());
    typed
        .iter()
        .map(|occupation| known(occupation).ok_or_else(unknown))
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::vouchers::testing::{NOW, new_batch};

    #[test]
    fn a_sound_batch_passes() {
        let (name, rules) = new_batch().checked(NOW).unwrap();
        assert_eq!(name, "夏日爱心餐");
        assert_eq!(rules.meals.len(), 2);
    }

    type Change = fn(&mut NewBatch);

    #[rstest]
    #[case("name", |batch: &mut NewBatch| batch.name = "\u{202e}餐".to_owned())]
    #[case("faceValueFen", |batch: &mut NewBatch| batch.face_value_fen = 0)]
    #[case("faceValueFen", |batch: &mut NewBatch| batch.face_value_fen = 100_001)]
    #[case("quota", |batch: &mut NewBatch| batch.quota = 0)]
    #[case("dailyQuota", |batch: &mut NewBatch| batch.daily_quota = Some(101))]
    #[case("budgetFen", |batch: &mut NewBatch| batch.budget_fen = 1_499)]
    #[case("perPersonLimit", |batch: &mut NewBatch| batch.per_person_limit = 0)]
    #[case("perPersonLimit", |batch: &mut NewBatch| (batch.quota, batch.daily_quota, batch.per_person_limit) = (3, None, 4))]
    #[case("validTo", |batch: &mut NewBatch| batch.valid_to = batch.valid_from)]
    #[case("validTo", |batch: &mut NewBatch| (batch.valid_from, batch.valid_to) = (NOW - TimeDelta::days(2), NOW))]
    #[case("validTo", |batch: &mut NewBatch| batch.valid_to = DateTime::<Utc>::MAX_UTC)]
    #[case("claimsFrom", |batch: &mut NewBatch| batch.claims_from = Some(batch.valid_to))]
    #[case("stationIds", |batch: &mut NewBatch| batch.station_ids.clear())]
    #[case("stationIds", |batch: &mut NewBatch| batch.station_ids.push(batch.station_ids[0]))]
    #[case("drawAt", |batch: &mut NewBatch| batch.distribution = Distribution::Draw)]
    #[case("drawAt", |batch: &mut NewBatch| {
        let at = Some(NOW + TimeDelta::days(1));
        (batch.distribution, batch.draw_at, batch.claims_from) = (Distribution::Draw, at, at);
    })]
    #[case("drawAt", |batch: &mut NewBatch| (batch.distribution, batch.draw_at) = (Distribution::Draw, Some(NOW)))]
    #[case("drawAt", |batch: &mut NewBatch| (batch.distribution, batch.draw_at) = (Distribution::Draw, Some(batch.valid_to)))]
    #[case("drawAt", |batch: &mut NewBatch| (batch.distribution, batch.draw_at) = (Distribution::Allotment, Some(batch.valid_from)))]
    #[case("drawAt", |batch: &mut NewBatch| batch.draw_at = Some(NOW + TimeDelta::days(1)))]
    #[case("perPersonLimit", |batch: &mut NewBatch| batch.distribution = Distribution::Allotment)]
    #[case("dailyQuota", |batch: &mut NewBatch| batch.distribution = Distribution::Allotment)]
    #[case("meals", |batch: &mut NewBatch| batch.meals.clear())]
    #[case("meals[0].from", |batch: &mut NewBatch| batch.meals[0].to = "10:00".to_owned())]
    #[case("meals[1]", |batch: &mut NewBatch| batch.meals[1].from = "12:00".to_owned())]
    #[case("meals[1].name", |batch: &mut NewBatch| batch.meals[1].name = "午餐".to_owned())]
    #[case("eligibility.occupations", |batch: &mut NewBatch| batch.occupations.push("astronaut".to_owned()))]
    #[case("eligibility.occupations", |batch: &mut NewBatch| batch.occupations = vec!["courier".to_owned(); 2])]
    #[case("eligibility.standings", |batch: &mut NewBatch| batch.standings = vec![StandingLevel::Active; 2])]
    #[case("eligibility.districts", |batch: &mut NewBatch| batch.districts = vec![batch.district; 2])]
    fn contradictions_name_their_field(#[case] field: &str, #[case] change: Change) {
        let mut batch = new_batch();
        change(&mut batch);
        let errors = batch.checked(NOW).unwrap_err().errors;
        assert!(
            errors.iter().any(|error| error.field == field),
            "{errors:?}"
        );
    }
}
