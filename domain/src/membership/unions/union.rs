//! A trade union in the tree: city federation, counties, streets, grass-roots unions, and the
//! counties' holding pools for members who have no grass-roots union yet.

use crate::{
    kernel::{DistrictCode, coded::coded, id::UnionId},
    membership::{occupation::Occupation, platform::Platform},
};

coded! {
    /// Where in the tree a union stands.
    UnionKind {
        City "city" "市总工会",
        County "county" "县（市、区）总工会",
        Street "street" "乡镇（街道）工会",
        Pool "pool" "周转库",
        Grassroots "grassroots" "基层工会",
    }
}

impl UnionKind {
    /// Which unions may be founded under which; a root is a city federation.
    pub const fn may_stand_under(self, parent: Option<Self>) -> bool {
        match self {
            Self::City => parent.is_none(),
            Self::County => matches!(parent, Some(Self::City)),
            Self::Street => matches!(parent, Some(Self::County)),
            Self::Pool => matches!(parent, Some(Self::City | Self::County)),
            Self::Grassroots => matches!(parent, Some(Self::City | Self::County | Self::Street)),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Union {
    pub id: UnionId,
    pub parent_id: Option<UnionId>,
    /// `/root/…/own/`, ids as plain hexadecimal: a union lies below another when its path contains
    /// the other's id.
    pub path: String,
    pub name: String,
    pub kind: UnionKind,
    pub district: DistrictCode,
    /// The occupation a trade's union gathers.
    pub occupation: Option<Occupation>,
    /// The platform whose workers it gathers: their employer's union.
    pub platform: Option<Platform>,
}

impl Union {
    /// A new union under `parent`.
    pub fn found(
        id: UnionId,
        parent: Option<&Self>,
        charter: Charter,
    ) -> Result<Self, InvalidCharter> {
        if !charter
            .kind
            .may_stand_under(parent.map(|parent| parent.kind))
        {
            return Err(InvalidCharter::Place);
        }
        if parent.is_some_and(|parent| !parent.district.covers(charter.district)) {
            return Err(InvalidCharter::District);
        }
        let gathers = charter.occupation.is_some() || charter.platform.is_some();
        if gathers && charter.kind != UnionKind::Grassroots {
            return Err(InvalidCharter::Members);
        }
        let above = parent.map_or("/", |parent| &parent.path);
        Ok(Self {
            id,
            parent_id: parent.map(|parent| parent.id),
            path: format!("{above}{}/", id.uuid().simple()),
            name: charter.name,
            kind: charter.kind,
            district: charter.district,
            occupation: charter.occupation,
            platform: charter.platform,
        })
    }
}

/// What a union is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charter {
    pub name: String,
    pub kind: UnionKind,
    pub district: DistrictCode,
    pub occupation: Option<Occupation>,
    pub platform: Option<Platform>,
}

/// Why a union cannot stand there.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum InvalidCharter {
    #[error("this kind of union does not stand under that one")]
    Place,
    #[error("the parent's district does not cover it")]
    District,
    #[error("only grass-roots unions gather an occupation or a platform")]
    Members,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    fn charter(kind: UnionKind, district: &str) -> Charter {
        let district = DistrictCode::parse(district).unwrap();
        Charter {
            name: "工会".to_owned(),
            kind,
            district,
            occupation: None,
            platform: None,
        }
    }

    fn id(n: u128) -> UnionId {
        UnionId::from_uuid(Uuid::from_u128(n))
    }

    fn county() -> Union {
        let city = Union::found(id(1), None, charter(UnionKind::City, "370800")).unwrap();
        Union::found(id(2), Some(&city), charter(UnionKind::County, "370811")).unwrap()
    }

    #[test]
    fn a_path_names_every_union_above_and_the_union_itself() {
        assert_eq!(
            county().path,
            format!("/{}/{}/", id(1).uuid().simple(), id(2).uuid().simple())
        );
    }

    #[rstest]
    #[case(UnionKind::Pool, "370811", None)]
    #[case(UnionKind::Street, "370811", None)]
    #[case(UnionKind::Grassroots, "370811", None)]
    #[case(UnionKind::City, "370811", Some(InvalidCharter::Place))]
    #[case(UnionKind::County, "370811", Some(InvalidCharter::Place))]
    #[case(UnionKind::Grassroots, "370812", Some(InvalidCharter::District))]
    fn unions_stand_where_they_may(
        #[case] kind: UnionKind,
        #[case] district: &str,
        #[case] refused: Option<InvalidCharter>,
    ) {
        assert_eq!(
            Union::found(id(3), Some(&county()), charter(kind, district)).err(),
            refused
        );
    }

    #[test]
    fn a_pool_gathers_everybody() {
        let pool = Charter {
            occupation: Some(Occupation::Courier),
            ..charter(UnionKind::Pool, "370811")
        };
        assert_eq!(
            Union::found(id(3), Some(&county()), pool).err(),
            Some(InvalidCharter::Members)
        );
    }
}
