//! Laying the ground: districts and the tree of unions from data files. Running it again changes
//! nothing.

use super::{
    district::District,
    found::misplaced,
    union::{Charter, Union},
};
use crate::{
    audit::Deed,
    kernel::{Invalid, id::UnionId},
    membership::{MembershipService, error::MembershipError},
    store::Tx,
};

/// A union of the data file; parents come before their children and are named, not numbered.
#[derive(Debug, Clone)]
pub struct UnionSeed {
    pub parent: Option<String>,
    pub charter: Charter,
}

impl MembershipService {
    /// Adds what is missing and returns how many rows that was.
    pub async fn seed(
        &self,
        districts: &[District],
        unions: &[UnionSeed],
    ) -> Result<u64, MembershipError> {
        let mut tx = self.foundation.begin().await?;
        let mut added = 0;
        for district in districts {
            added += u64::from(tx.unions().add_district(district).await?);
        }
        for seed in unions {
            added += u64::from(self.plant(&mut *tx, seed).await?);
        }
        tx.commit().await?;
        Ok(added)
    }

    async fn plant(&self, tx: &mut dyn Tx, seed: &UnionSeed) -> Result<bool, MembershipError> {
        if tx
            .unions()
            .find_by_name(&seed.charter.name)
            .await?
            .is_some()
        {
            return Ok(false);
        }
        let parent = match &seed.parent {
            Some(name) => Some(
                tx.unions()
                    .find_by_name(name)
                    .await?
                    .ok_or_else(|| unknown_parent(name))?,
            ),
            None => None,
        };
        let now = self.foundation.now();
        let id = UnionId::generate(now, self.foundation.random());
        let union = Union::found(id, parent.as_ref(), seed.charter.clone()).map_err(misplaced)?;
        let added = tx.unions().add(&union).await?;
        let deed = Deed::new("union.founded", union.id).within(union.district);
        tx.audit()
            .append(deed.by_system("seed", now, self.foundation.random()))
            .await?;
        Ok(added)
    }
}

fn unknown_parent(name: &str) -> Invalid {
    Invalid::field(
        "parent",
        "parent_unknown",
        format!("没有找到上级工会“{name}”，请把它放在前面的行"),
    )
}
