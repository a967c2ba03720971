//! A stored role of an account, as those who manage staff see it.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{
    audit::{Area, Deed, Nowhere},
    identity::IdentityService,
    kernel::{
        Grant, Jurisdiction,
        id::{AccountId, GrantId},
    },
    store::{StoreError, Tx},
};

#[derive(Debug, Clone, PartialEq)]
pub struct StaffGrant {
    pub id: GrantId,
    pub account_id: AccountId,
    pub grant: Grant,
    pub granted_at: DateTime<Utc>,
}

impl StaffGrant {
    /// The audit row of a change to this grant; where it lies is for
    /// [`IdentityService::area_of`] to say.
    pub(crate) fn deed(&self, action: &'static str) -> Deed<Nowhere> {
        Deed::new(action, self.id).with(json!({ "account": self.account_id, "grant": self.grant }))
    }
}

impl IdentityService {
    /// Where a grant is held: its district, its station's or its union's.
    pub(crate) async fn area_of(&self, tx: &mut dyn Tx, grant: &Grant) -> Result<Area, StoreError> {
        let district = match grant {
            Grant::Worker | Grant::Donor => return Ok(Area::OwnAccount),
            Grant::Admin
            | Grant::Cadre(Jurisdiction::Everywhere)
            | Grant::Auditor(Jurisdiction::Everywhere) => None,
            Grant::Cadre(Jurisdiction::District(district))
            | Grant::Auditor(Jurisdiction::District(district)) => Some(*district),
            Grant::Cadre(Jurisdiction::Union(id)) | Grant::Auditor(Jurisdiction::Union(id)) => {
                self.affiliations.union_district(tx, *id).await?
            }
            Grant::StationStaff(id) => self.affiliations.station_district(tx, *id).await?,
        };
        Ok(district.map_or(Area::Everywhere, Area::District))
    }
}
