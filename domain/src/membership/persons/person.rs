//! A real human, one per ID number. Limits count persons, not accounts.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::kernel::{IdNumber, id::PersonId};

#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub id_number: IdNumber,
    pub created_at: DateTime<Utc>,
}

impl Person {
    /// `张**`: the first character, and no hint of how many follow.
    pub fn name_masked(&self) -> String {
        masked_name(&self.name)
    }
}

/// What others may see of a name.
pub fn masked_name(name: &str) -> String {
    name.chars().take(1).chain("**".chars()).collect()
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("id", &self.id)
            .field("name", &self.name_masked())
            .finish_non_exhaustive()
    }
}
