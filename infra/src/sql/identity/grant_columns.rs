//! How a grant stands in a row: its role, and at most one of station, district and union.

use niangjia_domain::{
    kernel::{
        DistrictCode, Grant, Jurisdiction,
        id::{StationId, UnionId},
    },
    store::StoreError,
};
use uuid::Uuid;

use crate::sql::db::rows::{corrupt, parsed};

#[derive(Debug, Default)]
pub(crate) struct GrantColumns {
    pub(crate) role: String,
    pub(crate) station_id: Option<Uuid>,
    pub(crate) district: Option<String>,
    pub(crate) union_id: Option<Uuid>,
}

impl GrantColumns {
    /// `None` for roles that come with the account and are never stored.
    pub(crate) fn of(grant: &Grant) -> Option<Self> {
        let plain = Self {
            role: grant.role().code().to_owned(),
            ..Self::default()
        };
        match grant {
            Grant::Worker | Grant::Donor => None,
            Grant::Admin => Some(plain),
            Grant::StationStaff(id) => Some(Self {
                station_id: Some(id.uuid()),
                ..plain
            }),
            Grant::Cadre(area) | Grant::Auditor(area) => Some(match area {
                Jurisdiction::Everywhere => plain,
                Jurisdiction::District(district) => Self {
                    district: Some(district.to_string()),
                    ..plain
                },
                Jurisdiction::Union(id) => Self {
                    union_id: Some(id.uuid()),
                    ..plain
                },
            }),
        }
    }

    pub(crate) fn grant(self, table: &'static str, id: Uuid) -> Result<Grant, StoreError> {
        match (self.role.as_str(), self.station_id) {
            ("admin", _) => Ok(Grant::Admin),
            ("station_staff", Some(station)) => {
                Ok(Grant::StationStaff(StationId::from_uuid(station)))
            }
            ("cadre", _) => Ok(Grant::Cadre(self.area(table, id)?)),
            ("auditor", _) => Ok(Grant::Auditor(self.area(table, id)?)),
            _ => Err(corrupt(table, id)),
        }
    }

    fn area(self, table: &'static str, id: Uuid) -> Result<Jurisdiction, StoreError> {
        match (self.district, self.union_id) {
            (None, None) => Ok(Jurisdiction::Everywhere),
            (Some(district), _) => Ok(Jurisdiction::District(parsed(
                table,
                id,
                DistrictCode::parse(&district),
            )?)),
            (None, Some(union)) => Ok(Jurisdiction::Union(UnionId::from_uuid(union))),
        }
    }
}
