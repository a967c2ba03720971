//! Founding a union under one that lies in the cadre's area.

use super::union::{Charter, InvalidCharter, Union};
use crate::{
    audit::Deed,
    kernel::{Actor, Invalid, id::UnionId, values::text},
    membership::{MembershipService, error::MembershipError},
};

#[derive(Debug, Clone)]
pub struct NewUnion {
    pub parent_id: UnionId,
    pub charter: Charter,
}

impl MembershipService {
    pub async fn found_union(
        &self,
        actor: &Actor,
        new: NewUnion,
    ) -> Result<Union, MembershipError> {
        let area = actor.require_cadre()?;
        let name = text::line("name", &new.charter.name, 4, 60)?;
        let charter = Charter {
            name,
            ..new.charter
        };
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let parent = tx
            .unions()
            .find_within(new.parent_id, &area)
            .await?
            .ok_or_else(|| {
                Invalid::field(
                    "parentId",
                    "parent_unknown",
                    "没有找到上级工会，请从您管辖的工会中选择",
                )
            })?;
        let union = Union::found(
            UnionId::generate(now, self.foundation.random()),
            Some(&parent),
            charter,
        )
        .map_err(misplaced)?;
        if !tx.unions().add(&union).await? {
            return Err(MembershipError::UnionExists);
        }
        let deed = Deed::new("union.founded", union.id).within(union.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(union)
    }
}

pub(crate) fn misplaced(error: InvalidCharter) -> Invalid {
    match error {
        InvalidCharter::Place => Invalid::field(
            "kind",
            "kind_misplaced",
            "该上级工会下不能设立这一类工会，请核对类别或上级工会",
        ),
        InvalidCharter::District => Invalid::field(
            "district",
            "district_outside",
            "地区不在上级工会范围内，请核对地区代码",
        ),
        InvalidCharter::Members => Invalid::field(
            "kind",
            "kind_gathers_all",
            "只有基层工会可以指定职业或平台，请去掉职业和平台",
        ),
    }
}
