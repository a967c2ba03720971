//! Planning: a cadre opens a campaign and sends vans out.

use serde_json::json;

use super::{
    campaign::{Campaign, CampaignPlan},
    session::{CheckupSession, SessionPlan},
    slot::{Slot, SlotPlan},
};
use crate::{
    audit::Deed,
    checkups::{CheckupError, CheckupService, SessionView},
    kernel::{AccessError, Actor, DistrictCode, Invalid, Page, PageRequest, id::CampaignId},
};

impl CheckupService {
    pub async fn open_campaign(
        &self,
        actor: &Actor,
        plan: CampaignPlan,
    ) -> Result<Campaign, CheckupError> {
        require_district(actor, plan.district)?;
        let now = self.foundation.now();
        let campaign = Campaign::plan(plan, now, self.foundation.random())?;
        let mut tx = self.foundation.begin().await?;
        tx.campaigns().add_campaign(&campaign).await?;
        let deed = Deed::new("checkup_campaign.opened", campaign.id).within(campaign.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(campaign)
    }

    /// Campaigns of the caller's area, newest first.
    pub async fn campaigns(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<Campaign>, CheckupError> {
        let area = actor.require_reader()?;
        Ok(self
            .foundation
            .read()
            .await?
            .campaigns()
            .list_campaigns(&area, page)
            .await?)
    }

    /// Adds a van's stop to a campaign. A county's cadre may add stops in that county to the city's
    /// campaign.
    pub async fn schedule_session(
        &self,
        actor: &Actor,
        campaign_id: CampaignId,
        plan: SessionPlan,
        slots: &[SlotPlan],
    ) -> Result<SessionView, CheckupError> {
        require_district(actor, plan.district)?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let unknown = || {
            Invalid::field(
                "campaignId",
                "campaign_unknown",
                "没有找到该体检活动，请重新选择",
            )
        };
        let campaign = tx
            .campaigns()
            .find_campaign(campaign_id)
            .await?
            .ok_or_else(unknown)?;
        let session = CheckupSession::plan(plan, &campaign, now, self.foundation.random())?;
        let slots = Slot::plan(
            slots,
            session.id,
            session.date,
            now,
            self.foundation.random(),
        )?;
        tx.campaigns().add_session(&session, &slots).await?;
        let deed = Deed::new("checkup_session.scheduled", session.id).within(session.district);
        let deed = deed.with(json!({ "campaign": campaign.id, "slots": slots.len() }));
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(SessionView::of(session, slots, None, now))
    }
}

fn require_district(actor: &Actor, district: DistrictCode) -> Result<(), CheckupError> {
    let inside = actor.require_cadre()?.covers_district(district);
    if inside {
        Ok(())
    } else {
        Err(AccessError::Forbidden.into())
    }
}
