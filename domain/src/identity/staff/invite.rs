//! Inviting somebody to a role: admins anywhere, cadres inside their own area.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::invitation::{Invitation, InvitationCode};
use crate::{
    audit::Deed,
    identity::{IdentityError, IdentityService},
    kernel::{AccessError, Actor, Grant, Invalid, Jurisdiction, id::InvitationId},
    store::{StoreError, Tx},
};

/// Longest an invitation may wait.
const MAX_HOURS: i64 = 14 * 24;

#[derive(Debug, Clone)]
pub struct InviteStaff {
    pub grant: Grant,
    pub expires_in_hours: i64,
}

impl InviteStaff {
    pub const DEFAULT_HOURS: i64 = 72;
}

/// The only time the code is shown.
#[derive(Debug)]
pub struct IssuedInvitation {
    pub id: InvitationId,
    pub code: InvitationCode,
    pub expires_at: DateTime<Utc>,
}

impl IdentityService {
    pub async fn invite_staff(
        &self,
        actor: &Actor,
        command: InviteStaff,
    ) -> Result<IssuedInvitation, IdentityError> {
        let area = actor.require_cadre()?;
        let lasts = lifetime(command.expires_in_hours)?;
        let now = self.foundation.now();
        let code = InvitationCode::generate(self.foundation.random());
        let invitation = Invitation {
            id: InvitationId::generate(now, self.foundation.random()),
            grant: command.grant,
            created_by: actor.account_id,
            created_at: now,
            expires_at: now + lasts,
            used_by: None,
        };
        let mut tx = self.foundation.begin().await?;
        if !self.lies_within(&mut *tx, &command.grant, &area).await? {
            return Err(AccessError::NotFound.into());
        }
        tx.invitations().insert(&invitation, &code).await?;
        let deed = Deed::new("invitation.issued", invitation.id)
            .within(self.area_of(&mut *tx, &command.grant).await?)
            .with(json!({ "grant": command.grant }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(IssuedInvitation {
            id: invitation.id,
            code,
            expires_at: invitation.expires_at,
        })
    }

    /// Whether what the role is for exists inside the inviter's area.
    async fn lies_within(
        &self,
        tx: &mut dyn Tx,
        grant: &Grant,
        area: &Jurisdiction,
    ) -> Result<bool, StoreError> {
        match grant {
            // Not for invitations: these come with the account, and admins are made on the command
            // line.
            Grant::Worker | Grant::Donor | Grant::Admin => Ok(false),
            Grant::StationStaff(id) => self.affiliations.has_station(tx, *id, area).await,
            Grant::Cadre(Jurisdiction::Everywhere) | Grant::Auditor(Jurisdiction::Everywhere) => {
                Ok(*area == Jurisdiction::Everywhere)
            }
            Grant::Cadre(Jurisdiction::District(code))
            | Grant::Auditor(Jurisdiction::District(code)) => Ok(area.covers_district(*code)),
            Grant::Cadre(Jurisdiction::Union(id)) | Grant::Auditor(Jurisdiction::Union(id)) => {
                self.affiliations.has_union(tx, *id, area).await
            }
        }
    }
}

fn lifetime(hours: i64) -> Result<TimeDelta, Invalid> {
    if (1..=MAX_HOURS).contains(&hours) {
        Ok(TimeDelta::hours(hours))
    } else {
        Err(Invalid::field(
            "expiresInHours",
            "out_of_range",
            format!("有效期应在 1 到 {MAX_HOURS} 小时之间"),
        ))
    }
}
