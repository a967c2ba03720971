//! Who may claim, and eat: judged live at the claim and again at the scan. Whoever may not is told
//! what is missing and how to meet it (invariant V14).

use serde::{Deserialize, Serialize};

use crate::{
    kernel::{DistrictCode, coded::coded},
    membership::standing::{Standing, StandingLevel},
};

/// An empty list asks for nothing beyond a live standing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eligibility {
    pub standings: Vec<StandingLevel>,
    pub occupations: Vec<String>,
    pub districts: Vec<DistrictCode>,
}

coded! {
    /// What keeps somebody from a voucher.
    #[derive(Serialize)]
    #[serde(rename_all = "snake_case")]
    Condition {
        Membership "membership",
        StandingLevel "standing_level",
        Occupation "occupation",
        District "district",
        NotOpenYet "not_open_yet",
        PersonLimit "person_limit",
        Quota "quota",
        DailyQuota "daily_quota",
        /// Of a draw.
        Entered "entered",
        EntriesClosed "entries_closed",
        /// Nothing is missing: it comes by itself.
        GrantedByUnion "granted_by_union",
    }
}

impl Condition {
    /// What the worker can do about it.
    pub const fn how_to(self) -> &'static str {
        match self {
            Self::Membership => "请先在“一键入会”加入工会，入会后即可领取",
            Self::StandingLevel => "本批次面向已由基层工会接收的会员，请联系所属工会办理接收",
            Self::Occupation => "本批次面向指定职业，如登记的职业有误，请联系所属工会更正",
            Self::District => "本批次面向指定区县的会员，请在所属区县的批次中领取",
            Self::NotOpenYet => "本批次尚未开始领取，请在开始时间后再来",
            Self::PersonLimit => "您已领满本批次的数量，请留意下一批次",
            Self::Quota => "本批次已领完，请留意下一批次",
            Self::DailyQuota => "今日份额已领完，请明天再来",
            Self::Entered => "您已报名，请等待抽签结果",
            Self::EntriesClosed => "抽签报名已截止，请留意下一批次",
            Self::GrantedByUnion => "本批次由工会自动发放，符合条件即会到账，无需领取",
        }
    }
}

impl Eligibility {
    /// Empty: nothing is missing.
    pub fn missing(&self, standing: Option<&Standing>) -> Vec<Condition> {
        let Some(standing) = standing else {
            return vec![Condition::Membership];
        };
        let level = self.standings.is_empty() || self.standings.contains(&standing.level);
        let occupation = self.occupations.is_empty()
            || standing
                .occupation
                .as_ref()
                .is_some_and(|occupation| self.occupations.contains(occupation));
        let district = self.districts.is_empty()
            || self
                .districts
                .iter()
                .any(|district| district.covers(standing.district));
        [
            (level, Condition::StandingLevel),
            (occupation, Condition::Occupation),
            (district, Condition::District),
        ]
        .into_iter()
        .filter_map(|(met, condition)| (!met).then_some(condition))
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::kernel::id::{MembershipId, PersonId, UnionId};

    fn standing(level: StandingLevel, occupation: Option<&str>) -> Standing {
        Standing {
            membership_id: MembershipId::from_uuid(Default::default()),
            person_id: PersonId::from_uuid(Default::default()),
            level,
            union_id: UnionId::from_uuid(Default::default()),
            district: DistrictCode::parse("370811").unwrap(),
            occupation: occupation.map(str::to_owned),
        }
    }

    fn rule(standings: &[StandingLevel], occupations: &[&str], districts: &[&str]) -> Eligibility {
        Eligibility {
            standings: standings.to_vec(),
            occupations: occupations.iter().map(|&text| text.to_owned()).collect(),
            districts: districts
                .iter()
                .map(|text| DistrictCode::parse(text).unwrap())
                .collect(),
        }
    }

    #[rstest]
    #[case::open_to_all(rule(&[], &[], &[]), &[])]
    #[case::level_met(rule(&[StandingLevel::Provisional], &[], &[]), &[])]
    #[case::level(rule(&[StandingLevel::Active], &[], &[]), &[Condition::StandingLevel])]
    #[case::occupation_met(rule(&[], &["courier"], &[]), &[])]
    #[case::prefecture_covers(rule(&[], &[], &["370800"]), &[])]
    #[case::all(rule(&[StandingLevel::Active], &["trucker"], &["370812"]),
        &[Condition::StandingLevel, Condition::Occupation, Condition::District])]
    fn every_unmet_condition_is_named(#[case] rule: Eligibility, #[case] expected: &[Condition]) {
        assert_eq!(
            rule.missing(Some(&standing(StandingLevel::Provisional, Some("courier")))),
            expected
        );
    }

    #[test]
    fn strangers_are_asked_to_join_first() {
        assert_eq!(rule(&[], &[], &[]).missing(None), [Condition::Membership]);
        let silent = standing(StandingLevel::Active, None);
        assert_eq!(
            rule(&[], &["courier"], &[]).missing(Some(&silent)),
            [Condition::Occupation]
        );
    }
}
