//! Where a deed was done.

use std::fmt;

use crate::kernel::{
    actor::{Actor, Grant, Jurisdiction},
    values::district::DistrictCode,
};

/// Every entry has one (A2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// The district of what was acted on: the station's, the batch's, the union's, the wish's.
    District(DistrictCode),
    /// What concerns the whole platform: only who sees everything sees it.
    Everywhere,
    /// What somebody did with their own account or papers (signing in, reading a notice, a consent,
    /// a photo): no district's affair, so only who sees everything sees it.
    OwnAccount,
}

impl Area {
    /// Of what somebody did with their own account: the district in which they hold an office, so
    /// that its auditor sees when its officers sign in; [`Area::OwnAccount`] for everybody else.
    pub fn own_of(actor: &Actor) -> Self {
        let office = actor.grants.iter().find_map(|grant| match grant {
            Grant::Cadre(Jurisdiction::District(district))
            | Grant::Auditor(Jurisdiction::District(district)) => Some(*district),
            _ => None,
        });
        office.map_or(Self::OwnAccount, Self::District)
    }
}

impl From<DistrictCode> for Area {
    fn from(district: DistrictCode) -> Self {
        Self::District(district)
    }
}

/// As it is stored. The words sort behind all codes, so no district's range holds them.
impl fmt::Display for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::District(district) => district.fmt(f),
            Self::Everywhere => f.write_str("everywhere"),
            Self::OwnAccount => f.write_str("own_account"),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::kernel::Id;

    #[test]
    fn an_officers_own_deeds_lie_in_the_district_of_the_office() {
        let rencheng = DistrictCode::parse("370811").unwrap();
        let actor = |grants| Actor {
            account_id: Id::from_uuid(Uuid::nil()),
            person_id: None,
            session_id: Id::from_uuid(Uuid::nil()),
            grants,
            request_id: String::new(),
        };
        for grant in [
            Grant::Cadre(Jurisdiction::District(rencheng)),
            Grant::Auditor(Jurisdiction::District(rencheng)),
        ] {
            let office = actor(vec![Grant::Worker, grant]);
            assert_eq!(Area::own_of(&office), Area::District(rencheng));
        }
        for grants in [vec![Grant::Worker], vec![Grant::Admin], vec![]] {
            assert_eq!(Area::own_of(&actor(grants)), Area::OwnAccount);
        }
    }

    #[test]
    fn no_district_holds_the_other_areas() {
        let (first, last) = DistrictCode::parse("990000").unwrap().text_bounds();
        for area in [Area::Everywhere, Area::OwnAccount] {
            let text = area.to_string();
            assert!(text < first || text > last, "{text}");
        }
    }
}
