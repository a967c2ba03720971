//! Which union a worker is sent to, and why that one (M10): own employer, then the trade of the
//! occupation in the district, then the county's holding pool, then the city's. Pure: the rule, the
//! choice and what else there was.

use serde::{Deserialize, Serialize};

use super::union::{Union, UnionKind};
use crate::{
    kernel::{DistrictCode, coded::coded, id::UnionId},
    membership::{occupation::Occupation, platform::Platform},
};

coded! {
    /// In the order in which they are tried.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Rule {
        /// A union or company listed this phone: expected, so admitted at once.
        Roster "roster",
        /// The platform's own union in the district.
        Employer "employer",
        /// The union of the occupation in the district.
        Occupation "occupation",
        /// The county's home for members without a grass-roots union.
        HoldingPool "holding_pool",
        /// The city's, for workers whose county is not known or has none.
        CityHoldingPool "city_holding_pool",
    }
}

impl Rule {
    /// The rules that need no roster, best first.
    const BY_WORK: [Self; 4] = [
        Self::Employer,
        Self::Occupation,
        Self::HoldingPool,
        Self::CityHoldingPool,
    ];

    fn fits(self, union: &Union, work: &Work) -> bool {
        let here = Some(union.district) == work.district;
        match self {
            Self::Roster => false,
            Self::Employer => here && union.platform.is_some() && union.platform == work.platform,
            Self::Occupation => {
                here && union.platform.is_none() && union.occupation == Some(work.occupation)
            }
            Self::HoldingPool => here && union.kind == UnionKind::Pool && !is_city(union),
            Self::CityHoldingPool => union.kind == UnionKind::Pool && is_city(union),
        }
    }

    fn reason(self, union: &Union, work: &Work) -> String {
        let name = &union.name;
        match self {
            Self::Roster => format!("您在“{name}”提供的花名册中，已直接入会"),
            Self::Employer => format!("您所在的平台在工作所在地建有“{name}”，由该工会受理"),
            Self::Occupation => {
                format!(
                    "您的职业是{}，由工作所在地的“{name}”受理",
                    work.occupation.label()
                )
            }
            Self::HoldingPool => {
                format!(
                    "工作所在地暂无对应您职业的基层工会，先由“{name}”接收，餐券和微心愿现在就能使用"
                )
            }
            Self::CityHoldingPool => {
                format!("暂未确定您的工作县（市、区），先由“{name}”接收，餐券和微心愿现在就能使用")
            }
        }
    }
}

fn is_city(union: &Union) -> bool {
    union.district.prefecture() == union.district
}

/// What routing looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    pub occupation: Occupation,
    pub platform: Option<Platform>,
    /// `None`: not told, and not to be told from where the phone is.
    pub district: Option<DistrictCode>,
}

/// A union that would have been next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative {
    pub union_id: UnionId,
    pub name: String,
    pub rule: Rule,
}

/// The explanation the worker reads, kept with the membership.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    pub rule: Rule,
    pub reason: String,
    pub alternatives: Vec<Alternative>,
}

/// To the union that expects this worker; where else the work would have led is told too.
pub fn expected_by<'a>(
    expecting: &'a Union,
    work: &Work,
    unions: &[Union],
) -> (&'a Union, Routing) {
    let others = candidates(work, unions)
        .into_iter()
        .filter(|(_, union)| union.id != expecting.id);
    let alternatives = others
        .map(|(rule, union)| alternative(rule, union))
        .collect();
    (
        expecting,
        Routing {
            rule: Rule::Roster,
            reason: Rule::Roster.reason(expecting, work),
            alternatives,
        },
    )
}

/// By the work alone. `None` when not even a pool serves the place.
pub fn by_work<'a>(work: &Work, unions: &'a [Union]) -> Option<(&'a Union, Routing)> {
    let candidates = candidates(work, unions);
    let ((rule, chosen), others) = candidates.split_first()?;
    let alternatives = others
        .iter()
        .map(|(rule, union)| alternative(*rule, union))
        .collect();
    Some((
        chosen,
        Routing {
            rule: *rule,
            reason: rule.reason(chosen, work),
            alternatives,
        },
    ))
}

fn candidates<'a>(work: &Work, unions: &'a [Union]) -> Vec<(Rule, &'a Union)> {
    let fitting = |rule: Rule| {
        unions
            .iter()
            .filter(move |union| rule.fits(union, work))
            .map(move |union| (rule, union))
    };
    Rule::BY_WORK.into_iter().flat_map(fitting).collect()
}

fn alternative(rule: Rule, union: &Union) -> Alternative {
    Alternative {
        union_id: union.id,
        name: union.name.clone(),
        rule,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn union(n: u128, kind: UnionKind, district: &str) -> Union {
        Union {
            id: UnionId::from_uuid(Uuid::from_u128(n)),
            parent_id: None,
            path: String::new(),
            name: format!("工会{n}"),
            kind,
            district: DistrictCode::parse(district).unwrap(),
            occupation: None,
            platform: None,
        }
    }

    fn unions() -> Vec<Union> {
        vec![
            union(1, UnionKind::Pool, "370800"),
            union(2, UnionKind::Pool, "370811"),
            Union {
                occupation: Some(Occupation::Courier),
                ..union(3, UnionKind::Grassroots, "370811")
            },
            Union {
                platform: Some(Platform::Meituan),
                ..union(4, UnionKind::Grassroots, "370811")
            },
            union(5, UnionKind::Pool, "370812"),
            Union {
                occupation: Some(Occupation::Courier),
                ..union(6, UnionKind::Grassroots, "370812")
            },
        ]
    }

    #[rstest]
    #[case(
        Occupation::Courier,
        Some(Platform::Meituan),
        Some("370811"),
        Rule::Employer,
        4,
        3
    )]
    #[case(Occupation::Courier, None, Some("370811"), Rule::Occupation, 3, 2)]
    #[case(
        Occupation::Courier,
        Some(Platform::Zto),
        Some("370811"),
        Rule::Occupation,
        3,
        2
    )]
    #[case(
        Occupation::FoodDeliveryRider,
        None,
        Some("370811"),
        Rule::HoldingPool,
        2,
        1
    )]
    #[case(
        Occupation::FoodDeliveryRider,
        Some(Platform::Meituan),
        Some("370812"),
        Rule::HoldingPool,
        5,
        1
    )]
    #[case(Occupation::Courier, None, Some("370883"), Rule::CityHoldingPool, 1, 0)]
    #[case(
        Occupation::Courier,
        Some(Platform::Meituan),
        None,
        Rule::CityHoldingPool,
        1,
        0
    )]
    fn the_first_rule_that_fits_decides(
        #[case] occupation: Occupation,
        #[case] platform: Option<Platform>,
        #[case] district: Option<&str>,
        #[case] rule: Rule,
        #[case] chosen: u128,
        #[case] alternatives: usize,
    ) {
        let district = district.map(|code| DistrictCode::parse(code).unwrap());
        let unions = unions();
        let (union, routing) = by_work(
            &Work {
                occupation,
                platform,
                district,
            },
            &unions,
        )
        .unwrap();
        assert_eq!((routing.rule, union.id.uuid().as_u128()), (rule, chosen));
        assert_eq!(routing.alternatives.len(), alternatives);
        assert!(routing.reason.contains(&union.name));
    }

    #[test]
    fn a_roster_goes_first_and_names_what_else_there_was() {
        let unions = unions();
        let district = DistrictCode::parse("370811").ok();
        let work = Work {
            occupation: Occupation::Courier,
            platform: None,
            district,
        };
        let (union, routing) = expected_by(&unions[2], &work, &unions);
        assert_eq!((union.id, routing.rule), (unions[2].id, Rule::Roster));
        assert!(
            routing
                .alternatives
                .iter()
                .all(|other| other.union_id != union.id)
        );
        assert_eq!(routing.alternatives.len(), 2);
    }

    #[test]
    fn nowhere_to_go_is_told() {
        let work = Work {
            occupation: Occupation::Guard,
            platform: None,
            district: None,
        };
        assert_eq!(by_work(&work, &[]), None);
    }
}
