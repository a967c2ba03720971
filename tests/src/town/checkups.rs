//! A van in the town's square: bookings and visits.

use niangjia_domain::{
    checkups::{BookSeat, CheckIn, CheckInReceipt, CheckupError, Ticket},
    kernel::{Actor, Answer, id::SlotId},
};

use super::Town;
use crate::{actors::once, places::DISTRICT, rows::Van, servers::database::Kind};

/// A town that a van visits on the day after tomorrow, with one slot from nine to ten.
pub struct CheckupTown {
    pub town: Town,
    pub van: Van,
}

impl CheckupTown {
    pub async fn new(kind: Kind, seats: u32) -> Self {
        let (town, van) = (Town::new(kind).await, Van::new(DISTRICT, seats));
        van.store(&*town.store).await;
        Self { town, van }
    }

    pub async fn book(&self, worker: &Actor) -> Result<Ticket, CheckupError> {
        let (request, seat) = (once(worker), seat(self.van.slot.id));
        let booked = self.town.services.checkups.book(worker, &request, seat);
        Ok(booked.await?.value)
    }

    pub async fn scan(
        &self,
        staff: &Actor,
        ticket: &Ticket,
    ) -> Result<Answer<CheckInReceipt>, CheckupError> {
        let (request, shown) = (once(staff), self.shown(ticket));
        let checkups = &self.town.services.checkups;
        checkups.check_in(staff, &request, shown).await
    }

    /// What the scanner reads from the phone.
    pub fn shown(&self, ticket: &Ticket) -> CheckIn {
        CheckIn {
            code: ticket.code.as_ref().expect("a code").text.clone(),
            session_id: self.van.session.id,
            scanned_at: None,
        }
    }

    /// The morning of the session: the phone has fetched a fresh code.
    pub async fn on_the_day(&self, worker: &Actor, ticket: &Ticket) -> Ticket {
        self.town.clock.set(self.van.slot.starts_at);
        let checkups = &self.town.services.checkups;
        let fetched = checkups.booking_of(worker, ticket.booking.id);
        fetched.await.unwrap()
    }
}

pub fn seat(slot_id: SlotId) -> BookSeat {
    BookSeat {
        slot_id,
        package: None,
        consent_version: "1".to_owned(),
    }
}
