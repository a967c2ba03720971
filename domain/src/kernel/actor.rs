//! Who is calling. Every use case takes the `Actor` first; scope goes into the query, never after
//! it.

use serde::{Deserialize, Serialize};

use super::{
    access::AccessError,
    id::{AccountId, PersonId, SessionId, StationId, UnionId},
    values::district::DistrictCode,
};

use crate::kernel::coded::coded;

/// Where a cadre or auditor may look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Jurisdiction {
    Everywhere,
    District(DistrictCode),
    /// The union itself and everything below it.
    Union(UnionId),
}

impl Jurisdiction {
    /// Whether a thing that belongs to a district (and to no union) lies inside.
    pub fn covers_district(&self, district: DistrictCode) -> bool {
        match self {
            Self::Everywhere => true,
            Self::District(own) => own.covers(district),
            Self::Union(_) => false,
        }
    }
}

/// One right of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "role", content = "scope")]
pub enum Grant {
    Worker,
    Donor,
    StationStaff(StationId),
    Cadre(Jurisdiction),
    Auditor(Jurisdiction),
    Admin,
}

coded! {
    /// The role of a grant without its scope, as clients see it.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Role {
        Worker "worker",
        Donor "donor",
        StationStaff "station_staff",
        Cadre "cadre",
        Auditor "auditor",
        Admin "admin",
    }
}

impl Grant {
    pub const fn role(&self) -> Role {
        match self {
            Self::Worker => Role::Worker,
            Self::Donor => Role::Donor,
            Self::StationStaff(_) => Role::StationStaff,
            Self::Cadre(_) => Role::Cadre,
            Self::Auditor(_) => Role::Auditor,
            Self::Admin => Role::Admin,
        }
    }
}

/// A caller whose access token is genuine. Whether session and rights still hold is asked in the
/// transaction that carries the request, for all its callers at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    pub account_id: AccountId,
    pub session_id: SessionId,
    /// Ties audit rows and logs to the request.
    pub request_id: String,
}

/// The signed-in caller of one request, with rights read from the database for this very request.
#[derive(Debug, Clone)]
pub struct Actor {
    pub account_id: AccountId,
    pub person_id: Option<PersonId>,
    pub session_id: SessionId,
    pub grants: Vec<Grant>,
    /// Ties audit rows and logs to the request.
    pub request_id: String,
}

impl Actor {
    pub fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role() == role)
    }

    pub fn require(&self, role: Role) -> Result<(), AccessError> {
        if self.has(role) {
            Ok(())
        } else {
            Err(AccessError::Forbidden)
        }
    }

    /// Stations this caller works at.
    pub fn stations(&self) -> Vec<StationId> {
        self.grants
            .iter()
            .filter_map(|grant| {
                if let Grant::StationStaff(id) = grant {
                    Some(*id)
                } else {
                    None
                }
            })
            .collect()
    }

    /// Staff of any station at all; which one is for the query to say.
    pub fn require_staff(&self) -> Result<Vec<StationId>, AccessError> {
        let stations = self.stations();
        if stations.is_empty() {
            Err(AccessError::Forbidden)
        } else {
            Ok(stations)
        }
    }

    /// The area in which this caller acts as a cadre. Admins act everywhere.
    pub fn require_cadre(&self) -> Result<Jurisdiction, AccessError> {
        if self.has(Role::Admin) {
            return Ok(Jurisdiction::Everywhere);
        }
        self.area(|grant| {
            if let Grant::Cadre(area) = grant {
                Some(*area)
            } else {
                None
            }
        })
    }

    /// The area this caller may read records of, as a cadre or auditor.
    pub fn require_reader(&self) -> Result<Jurisdiction, AccessError> {
        self.require_cadre().or_else(|_| {
            self.area(|grant| {
                if let Grant::Auditor(area) = grant {
                    Some(*area)
                } else {
                    None
                }
            })
        })
    }

    fn area(
        &self,
        pick: impl Fn(&Grant) -> Option<Jurisdiction>,
    ) -> Result<Jurisdiction, AccessError> {
        self.grants
            .iter()
            .find_map(pick)
            .ok_or(AccessError::Forbidden)
    }

    /// The role under which an audit row is written: the highest one.
    pub fn acting_role(&self) -> Role {
        [
            Role::Admin,
            Role::Cadre,
            Role::Auditor,
            Role::StationStaff,
            Role::Worker,
        ]
        .into_iter()
        .find(|role| self.has(*role))
        .unwrap_or(Role::Donor)
    }
}
