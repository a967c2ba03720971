//! One expected member, as a union or a platform company listed them. A row admits one person once.

use std::fmt;

use crate::{
    kernel::{
        IdNumber, Phone,
        id::{RosterRowId, UnionId},
    },
    membership::{occupation::Occupation, persons::person::masked_name},
};

#[derive(Clone, PartialEq, Eq)]
pub struct RosterRow {
    pub id: RosterRowId,
    pub union_id: UnionId,
    pub phone: Phone,
    pub name: String,
    pub id_number: IdNumber,
    pub occupation: Occupation,
}

impl RosterRow {
    pub fn name_masked(&self) -> String {
        masked_name(&self.name)
    }
}

impl fmt::Debug for RosterRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RosterRow")
            .field("id", &self.id)
            .field("union_id", &self.union_id)
            .finish_non_exhaustive()
    }
}
