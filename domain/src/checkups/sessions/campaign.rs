//! A health-check programme: where it runs and between which dates.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::kernel::{
    DistrictCode, Invalid, Random,
    id::CampaignId,
    invalid::FieldCheck,
    values::{local_time, text},
};

/// Longest programme, in days.
const LONGEST_DAYS: i64 = 732;

#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    pub id: CampaignId,
    pub name: String,
    /// Sessions lie inside it.
    pub district: DistrictCode,
    /// First day.
    pub from: NaiveDate,
    /// Last day, included.
    pub to: NaiveDate,
    pub created_at: DateTime<Utc>,
}

/// What a cadre writes down for a new campaign.
#[derive(Debug, Clone)]
pub struct CampaignPlan {
    pub name: String,
    pub district: DistrictCode,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Campaign {
    pub fn plan(
        plan: CampaignPlan,
        now: DateTime<Utc>,
        random: &dyn Random,
    ) -> Result<Self, Invalid> {
        let mut check = FieldCheck::default();
        let name = check.take(text::line("name", &plan.name, 2, 60));
        check.require(
            is_sane(plan.from),
            "from",
            "date_out_of_range",
            "请填写 2000 年到 2100 年之间的日期",
        );
        check.require(
            is_sane(plan.to),
            "to",
            "date_out_of_range",
            "请填写 2000 年到 2100 年之间的日期",
        );
        check.require(
            plan.from <= plan.to,
            "to",
            "date_order",
            "结束日期不能早于开始日期",
        );
        let days = plan.to.signed_duration_since(plan.from).num_days();
        check.require(
            days <= LONGEST_DAYS,
            "to",
            "campaign_too_long",
            "活动时间不能超过两年",
        );
        check.require(
            plan.to >= local_time::date_of(now),
            "to",
            "date_past",
            "结束日期已经过去，请重新选择",
        );
        check.finish()?;
        Ok(Self {
            id: CampaignId::generate(now, random),
            name: name.unwrap_or_default(),
            district: plan.district,
            from: plan.from,
            to: plan.to,
            created_at: now,
        })
    }

    /// Whether the programme runs on a day.
    pub fn runs_on(&self, date: NaiveDate) -> bool {
        (self.from..=self.to).contains(&date)
    }
}

/// A year that people mean; also keeps date arithmetic far from its limits.
fn is_sane(date: NaiveDate) -> bool {
    (2000..=2100).contains(&date.year())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkups::fixtures::{Ones, date, utc};

    fn planned(from: &str, to: &str) -> Result<Campaign, Vec<&'static str>> {
        let district = DistrictCode::parse("370811").unwrap();
        let plan = CampaignPlan {
            name: "春季体检".to_owned(),
            district,
            from: date(from),
            to: date(to),
        };
        Campaign::plan(plan, utc("2026-06-01T00:00:00Z"), &Ones)
            .map_err(|invalid| invalid.errors.iter().map(|error| error.code).collect())
    }

    #[test]
    fn a_campaign_runs_on_its_first_and_last_day() {
        let campaign = planned("2026-06-01", "2026-06-30").unwrap();
        assert!(campaign.runs_on(date("2026-06-01")) && campaign.runs_on(date("2026-06-30")));
        assert!(!campaign.runs_on(date("2026-05-31")) && !campaign.runs_on(date("2026-07-01")));
    }

    #[test]
    fn dates_that_make_no_sense_are_named() {
        assert_eq!(planned("2026-06-30", "2026-06-01"), Err(vec!["date_order"]));
        assert_eq!(planned("2026-05-01", "2026-05-31"), Err(vec!["date_past"]));
        assert_eq!(
            planned("2026-06-01", "9999-01-01"),
            Err(vec!["date_out_of_range", "campaign_too_long"])
        );
    }
}
