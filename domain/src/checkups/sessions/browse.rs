//! Where the van stops next, with the seats that can truly be booked. Read from the database each
//! time: a cached seat is a promise nobody can keep.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{session::CheckupSession, slot::Slot};
use crate::{
    checkups::{CheckupError, CheckupService, ports::SessionFilter},
    kernel::{
        AccessError, DistrictCode, Invalid, Page, PageRequest, Place,
        id::{CheckupSessionId, SlotId},
        values::local_time,
    },
};

/// What somebody looks for.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrowseSessions {
    pub district: Option<DistrictCode>,
    /// First day; today when absent.
    pub from: Option<NaiveDate>,
    /// Last day, included.
    pub to: Option<NaiveDate>,
    pub near: Option<Place>,
}

/// A session as the public sees it now.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionView {
    pub session: CheckupSession,
    pub slots: Vec<SlotView>,
    /// Great-circle metres, when the caller said where they are.
    pub distance_metres: Option<u64>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SlotView {
    pub id: SlotId,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub capacity: u32,
    /// Seats that can be booked at this moment.
    pub bookable: u32,
}

impl CheckupService {
    /// Nearest first when `near` is given, soonest first otherwise.
    pub async fn sessions(
        &self,
        wanted: &BrowseSessions,
        page: PageRequest,
    ) -> Result<Page<SessionView>, CheckupError> {
        let now = self.foundation.now();
        let from = wanted.from.unwrap_or_else(|| local_time::date_of(now));
        if wanted.to.is_some_and(|to| to < from) {
            return Err(Invalid::field("to", "date_order", "结束日期不能早于开始日期").into());
        }
        let filter = SessionFilter {
            district: wanted.district,
            from,
            to: wanted.to,
            near: wanted.near,
        };
        let mut tx = self.foundation.read().await?;
        let sessions = tx.campaigns().list_sessions(&filter, page).await?;
        let ids: Vec<CheckupSessionId> = sessions.items.iter().map(|session| session.id).collect();
        let mut slots: HashMap<CheckupSessionId, Vec<Slot>> = HashMap::new();
        for slot in tx.campaigns().slots_of(&ids).await? {
            slots.entry(slot.session_id).or_default().push(slot);
        }
        let next = sessions.next;
        let view = |session: CheckupSession| {
            let slots = slots.remove(&session.id).unwrap_or_default();
            SessionView::of(session, slots, wanted.near, now)
        };
        Ok(Page {
            items: sessions.items.into_iter().map(view).collect(),
            next,
        })
    }

    pub async fn session(&self, id: CheckupSessionId) -> Result<SessionView, CheckupError> {
        let mut tx = self.foundation.read().await?;
        let session = tx
            .campaigns()
            .find_session(id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let slots = tx.campaigns().slots_of(&[id]).await?;
        Ok(SessionView::of(session, slots, None, self.foundation.now()))
    }
}

impl SessionView {
    pub(crate) fn of(
        session: CheckupSession,
        slots: Vec<Slot>,
        near: Option<Place>,
        now: DateTime<Utc>,
    ) -> Self {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let metres = |from: Place| from.metres_to(session.location).round() as u64;
        let view = |slot: &Slot| SlotView {
            id: slot.id,
            start: slot.starts_at,
            end: slot.ends_at,
            capacity: slot.capacity,
            bookable: slot.bookable(now),
        };
        Self {
            distance_metres: near.map(metres),
            slots: slots.iter().map(view).collect(),
            session,
        }
    }
}
