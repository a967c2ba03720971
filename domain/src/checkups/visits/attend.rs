//! Who came, as counts. The union sees attendance, never findings (B9).

use chrono::{DateTime, Utc};

use crate::{
    checkups::{CheckupError, CheckupService},
    kernel::{
        AccessError, Actor,
        id::{CheckupSessionId, SlotId},
    },
};

/// Bookings of one slot by state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlotAttendance {
    pub slot_id: SlotId,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub capacity: u32,
    pub counts: Counts,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Expected and not here yet.
    pub booked: u32,
    /// Here, not finished.
    pub checked_in: u32,
    pub completed: u32,
    pub cancelled: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendance {
    pub session_id: CheckupSessionId,
    pub slots: Vec<SlotAttendance>,
}

impl Attendance {
    pub fn capacity(&self) -> u32 {
        self.slots.iter().map(|slot| slot.capacity).sum()
    }

    pub fn total(&self) -> Counts {
        self.slots
            .iter()
            .fold(Counts::default(), |sum, slot| Counts {
                booked: sum.booked + slot.counts.booked,
                checked_in: sum.checked_in + slot.counts.checked_in,
                completed: sum.completed + slot.counts.completed,
                cancelled: sum.cancelled + slot.counts.cancelled,
            })
    }
}

impl CheckupService {
    pub async fn attendance(
        &self,
        actor: &Actor,
        id: CheckupSessionId,
    ) -> Result<Attendance, CheckupError> {
        let area = actor.require_reader()?;
        let mut tx = self.foundation.read().await?;
        let session = tx
            .campaigns()
            .find_session_within(id, &[area])
            .await?
            .ok_or(AccessError::NotFound)?;
        Ok(Attendance {
            session_id: session.id,
            slots: tx.bookings().attendance(session.id).await?,
        })
    }
}
