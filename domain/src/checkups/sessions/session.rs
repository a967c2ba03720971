//! A van at a place on a day.

use std::collections::HashSet;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::campaign::Campaign;
use crate::kernel::{
    DistrictCode, Invalid, Place, Random,
    id::{CampaignId, CheckupSessionId},
    invalid::FieldCheck,
    values::{local_time, text},
};

/// Vans register people and hand out tubes at the depot on the day before.
const CHECK_IN_OPENS_DAYS_BEFORE: i64 = 1;
const MOST_PACKAGES: usize = 20;

#[derive(Debug, Clone, PartialEq)]
pub struct CheckupSession {
    pub id: CheckupSessionId,
    pub campaign_id: CampaignId,
    pub district: DistrictCode,
    /// Name of the place as people know it.
    pub place: String,
    pub location: Place,
    /// Business day in Asia/Shanghai.
    pub date: NaiveDate,
    pub vehicle: String,
    /// Kinds of check offered, by name; empty when there is only one.
    pub packages: Vec<String>,
    pub created_at: DateTime<Utc>,
}

/// What a cadre writes down for a new session.
#[derive(Debug, Clone)]
pub struct SessionPlan {
    pub district: DistrictCode,
    pub place: String,
    pub location: Place,
    pub date: NaiveDate,
    pub vehicle: String,
    pub packages: Vec<String>,
}

impl CheckupSession {
    pub fn plan(
        plan: SessionPlan,
        campaign: &Campaign,
        now: DateTime<Utc>,
        random: &dyn Random,
    ) -> Result<Self, Invalid> {
        let mut check = FieldCheck::default();
        let place = check.take(text::line("place", &plan.place, 2, 80));
        let vehicle = check.take(text::line("vehicle", &plan.vehicle, 1, 40));
        let packages = check.take(packages(&plan.packages));
        let inside = campaign.district.covers(plan.district);
        check.require(
            inside,
            "district",
            "district_outside_campaign",
            "场次所在区县不在该活动范围内",
        );
        check.require(
            campaign.runs_on(plan.date),
            "date",
            "date_outside_campaign",
            "日期不在活动期间内",
        );
        check.require(
            plan.date >= local_time::date_of(now),
            "date",
            "date_past",
            "日期已经过去，请重新选择",
        );
        check.finish()?;
        Ok(Self {
            id: CheckupSessionId::generate(now, random),
            campaign_id: campaign.id,
            district: plan.district,
            place: place.unwrap_or_default(),
            location: plan.location,
            date: plan.date,
            vehicle: vehicle.unwrap_or_default(),
            packages: packages.unwrap_or_default(),
            created_at: now,
        })
    }

    /// Whether people may check in at an instant: from the day before (registration at the depot)
    /// until the end of the session's day.
    pub fn takes_check_ins_at(&self, instant: DateTime<Utc>) -> bool {
        let day = local_time::start_of(self.date);
        let opens = day - TimeDelta::days(CHECK_IN_OPENS_DAYS_BEFORE);
        (opens..day + TimeDelta::days(1)).contains(&instant)
    }

    /// The package a worker asked for, if the session offers it.
    pub fn choose_package(&self, wanted: Option<String>) -> Result<Option<String>, Invalid> {
        match wanted {
            Some(name) if !self.packages.contains(&name) => Err(Invalid::field(
                "package",
                "package_unknown",
                "本场次没有该体检套餐，请重新选择",
            )),
            choice => Ok(choice),
        }
    }
}

fn packages(names: &[String]) -> Result<Vec<String>, Invalid> {
    let mut check = FieldCheck::default();
    check.require(
        names.len() <= MOST_PACKAGES,
        "packages",
        "package_count",
        "最多填写 20 个体检套餐",
    );
    let taken = names.iter().take(MOST_PACKAGES).enumerate();
    let kept: Vec<String> = taken
        .filter_map(|(index, name)| {
            check.take(text::line(&format!("packages[{index}]"), name, 1, 40))
        })
        .collect();
    let distinct: HashSet<&String> = kept.iter().collect();
    check.require(
        distinct.len() == kept.len(),
        "packages",
        "package_twice",
        "体检套餐名称重复",
    );
    check.finish()?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::checkups::fixtures::{session, utc};

    // The session is on 2 June in Shanghai.
    #[rstest]
    #[case::two_days_before("2026-05-31T15:59:59Z", false)]
    #[case::from_the_day_before("2026-05-31T16:00:00Z", true)]
    #[case::the_very_day("2026-06-02T15:59:59Z", true)]
    #[case::the_day_is_over("2026-06-02T16:00:00Z", false)]
    fn check_in_is_open(#[case] at: &str, #[case] open: bool) {
        assert_eq!(session().takes_check_ins_at(utc(at)), open);
    }

    #[test]
    fn only_packages_on_offer_can_be_chosen() {
        let session = session();
        assert_eq!(session.choose_package(None), Ok(None));
        assert_eq!(
            session.choose_package(Some("基础".to_owned())),
            Ok(Some("基础".to_owned()))
        );
        assert!(session.choose_package(Some("豪华".to_owned())).is_err());
    }
}
