//! What others see of a membership.

use serde::{Deserialize, Serialize};

use crate::kernel::id::{MembershipId, UnionId};

/// The live membership in a few words, for other contexts' views.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipSummary {
    pub id: MembershipId,
    pub status: String,
    pub member_no: Option<String>,
    pub union_id: UnionId,
    pub union_name: String,
}
