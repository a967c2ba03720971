//! Campaigns; their sessions and slots are kept in `sessions.rs` and `slots.rs`.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use niangjia_domain::{
    checkups::{
        ports::{CampaignRepository, SessionFilter},
        sessions::{campaign::Campaign, session::CheckupSession, slot::Slot},
    },
    kernel::{
        Jurisdiction, Page, PageRequest,
        id::{CampaignId, CheckupSessionId, SlotId},
    },
    store::StoreError,
};
use sea_orm::{ActiveValue::Set, Condition, EntityTrait, QueryFilter};

use super::{
    entity::{
        campaign::{ActiveModel, Column, Entity},
        session,
    },
    rows::{campaign, covered},
};
use crate::sql::db::{error::store_error, store::SqlTx};

#[async_trait]
impl CampaignRepository for SqlTx {
    async fn add_campaign(&mut self, campaign: &Campaign) -> Result<(), StoreError> {
        let row = ActiveModel {
            id: Set(campaign.id.uuid()),
            name: Set(campaign.name.clone()),
            district: Set(campaign.district.to_string()),
            first_day: Set(campaign.from),
            last_day: Set(campaign.to),
            created_at: Set(campaign.created_at),
        };
        Entity::insert(row)
            .exec_without_returning(&self.db())
            .await
            .map_err(store_error)?;
        Ok(())
    }

    async fn find_campaign(&mut self, id: CampaignId) -> Result<Option<Campaign>, StoreError> {
        let row = Entity::find_by_id(id.uuid())
            .one(&self.db())
            .await
            .map_err(store_error)?;
        row.map(campaign).transpose()
    }

    async fn list_campaigns(
        &mut self,
        area: &Jurisdiction,
        page: PageRequest,
    ) -> Result<Page<Campaign>, StoreError> {
        let column = Column::District;
        let query = Entity::find().filter(covered(&[*area], column));
        let rows = self.page(query, Column::Id, page, |row| row.id).await?;
        let items = rows
            .items
            .into_iter()
            .map(campaign)
            .collect::<Result<_, _>>()?;
        Ok(Page {
            items,
            next: rows.next,
        })
    }

    async fn add_session(
        &mut self,
        session: &CheckupSession,
        slots: &[Slot],
    ) -> Result<(), StoreError> {
        self.insert_session(session).await?;
        self.insert_session_slots(slots).await
    }

    async fn find_session(
        &mut self,
        id: CheckupSessionId,
    ) -> Result<Option<CheckupSession>, StoreError> {
        self.session_where(id, Condition::all()).await
    }

    async fn find_session_within(
        &mut self,
        id: CheckupSessionId,
        areas: &[Jurisdiction],
    ) -> Result<Option<CheckupSession>, StoreError> {
        self.session_where(id, covered(areas, session::Column::District))
            .await
    }

    async fn list_sessions(
        &mut self,
        filter: &SessionFilter,
        page: PageRequest,
    ) -> Result<Page<CheckupSession>, StoreError> {
        self.sessions_page(filter, page).await
    }

    async fn find_slot(&mut self, id: SlotId) -> Result<Option<Slot>, StoreError> {
        self.slot_by_id(id).await
    }

    async fn slots_of(&mut self, sessions: &[CheckupSessionId]) -> Result<Vec<Slot>, StoreError> {
        self.slots_in(sessions).await
    }

    async fn take_seat(&mut self, slot: SlotId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.count_seat(slot, now).await
    }

    async fn free_seat(&mut self, slot: SlotId) -> Result<bool, StoreError> {
        self.count_seat_back(slot).await
    }
}
