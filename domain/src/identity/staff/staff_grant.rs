//! A stored role of an account, as those who manage staff see it.

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::{
    audit::Deed,
    kernel::{
        DistrictCode, Grant, Jurisdiction,
        id::{AccountId, GrantId},
    },
};

#[derive(Debug, Clone, PartialEq)]
pub struct StaffGrant {
    pub id: GrantId,
    pub account_id: AccountId,
    pub grant: Grant,
    pub granted_at: DateTime<Utc>,
}

impl StaffGrant {
    /// The audit row of a change to this grant.
    pub(crate) fn deed(&self, action: &'static str) -> Deed {
        let deed = Deed::new(action, self.id)
            .with(json!({ "account": self.account_id, "grant": self.grant }));
        match district_of(&self.grant) {
            Some(district) => deed.within(district),
            None => deed,
        }
    }
}

/// The district a grant names by itself.
pub(crate) fn district_of(grant: &Grant) -> Option<DistrictCode> {
    match grant {
        Grant::Cadre(Jurisdiction::District(district))
        | Grant::Auditor(Jurisdiction::District(district)) => Some(*district),
        _ => None,
    }
}
