//! A booked seat: `booked → checked_in → completed`, with `cancelled` as the side exit of `booked`.
//!
//! Invariant B2: one live booking per person and campaign, one completed check per person and
//! eligibility year; partial unique indexes decide both. The rule that was in force is kept with
//! the booking.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    checkups::{
        error::CheckupError,
        sessions::{session::CheckupSession, slot::Slot},
        visits::code::CodeHolder,
    },
    kernel::{
        Random,
        coded::coded,
        id::{AccountId, BookingId, CampaignId, CheckupSessionId, PersonId, SlotId},
    },
};

/// Last moment to cancel, before the slot starts.
pub const CANCEL_CUT_OFF: TimeDelta = TimeDelta::hours(24);

/// What "one check a year" means: the calendar year of the session's day.
pub const ELIGIBILITY_RULE: &str = "calendar-year-1";

/// The year in which a check on this day counts, under [`ELIGIBILITY_RULE`].
pub fn eligibility_year(date: NaiveDate) -> i32 {
    date.year()
}

#[derive(Debug, Clone, PartialEq)]
pub struct Booking {
    pub id: BookingId,
    pub campaign_id: CampaignId,
    pub session_id: CheckupSessionId,
    pub slot_id: SlotId,
    pub person_id: PersonId,
    /// The sign-in that booked; news goes to its inbox.
    pub account_id: AccountId,
    pub package: Option<String>,
    pub booked_at: DateTime<Utc>,
    pub consent: HealthConsent,
    pub eligibility: Eligibility,
    pub state: BookingState,
}

/// Consent to the processing of health data, given with this very booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthConsent {
    /// Version of the text that was shown.
    pub version: String,
    pub given_at: DateTime<Utc>,
}

/// The yearly limit as it was understood when the seat was booked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligibility {
    pub year: i32,
    pub rule: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookingState {
    Booked,
    CheckedIn(Visit),
    Completed { visit: Visit, at: DateTime<Utc> },
    Cancelled { at: DateTime<Utc> },
}

/// The first scan of the person's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// When it was scanned, which may be earlier than when it was uploaded.
    pub at: DateTime<Utc>,
    pub scanned_by: AccountId,
}

coded! {
    /// The state without its data, as clients see it.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    BookingStatus {
        Booked "booked",
        CheckedIn "checked_in",
        Completed "completed",
        Cancelled "cancelled",
    }
}

impl BookingState {
    pub const fn status(&self) -> BookingStatus {
        match self {
            Self::Booked => BookingStatus::Booked,
            Self::CheckedIn(_) => BookingStatus::CheckedIn,
            Self::Completed { .. } => BookingStatus::Completed,
            Self::Cancelled { .. } => BookingStatus::Cancelled,
        }
    }

    /// The scan that started the visit, if there was one.
    pub const fn visit(&self) -> Option<&Visit> {
        match self {
            Self::CheckedIn(visit) | Self::Completed { visit, .. } => Some(visit),
            Self::Booked | Self::Cancelled { .. } => None,
        }
    }
}

/// What a worker decides when booking.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub package: Option<String>,
    pub consent_version: String,
}

impl Booking {
    pub fn new(
        slot: &Slot,
        session: &CheckupSession,
        (person_id, account_id): (PersonId, AccountId),
        wanted: Wanted,
        now: DateTime<Utc>,
        random: &dyn Random,
    ) -> Self {
        Self {
            id: BookingId::generate(now, random),
            campaign_id: session.campaign_id,
            session_id: session.id,
            slot_id: slot.id,
            person_id,
            account_id,
            package: wanted.package,
            booked_at: now,
            consent: HealthConsent {
                version: wanted.consent_version,
                given_at: now,
            },
            eligibility: Eligibility {
                year: eligibility_year(session.date),
                rule: ELIGIBILITY_RULE.to_owned(),
            },
            state: BookingState::Booked,
        }
    }

    /// Whom its codes are bound to.
    pub fn bearer(&self) -> CodeHolder {
        CodeHolder {
            booking_id: self.id,
            person_id: self.person_id,
            session_id: self.session_id,
        }
    }

    /// Given back by the worker, not later than the cut-off.
    pub fn cancel(
        self,
        starts_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Self, CheckupError> {
        match self.state {
            BookingState::Booked if now > starts_at - CANCEL_CUT_OFF => {
                Err(CheckupError::TooLateToCancel)
            }
            BookingState::Booked => Ok(Self {
                state: BookingState::Cancelled { at: now },
                ..self
            }),
            other => Err(CheckupError::WrongState { is: other.status() }),
        }
    }

    /// The person is here.
    pub fn check_in(self, visit: Visit) -> Result<Self, CheckupError> {
        match self.state {
            BookingState::Booked => Ok(Self {
                state: BookingState::CheckedIn(visit),
                ..self
            }),
            other => Err(CheckupError::WrongState { is: other.status() }),
        }
    }

    /// Everything was examined.
    pub fn complete(self, now: DateTime<Utc>) -> Result<Self, CheckupError> {
        match self.state {
            BookingState::CheckedIn(visit) => Ok(Self {
                state: BookingState::Completed { visit, at: now },
                ..self
            }),
            other => Err(CheckupError::WrongState { is: other.status() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::checkups::fixtures::{booking, utc};

    const VISIT_AT: &str = "2026-06-02T01:00:00Z";

    fn in_state(status: BookingStatus) -> Booking {
        let booking = booking();
        let visit = Visit {
            at: utc(VISIT_AT),
            scanned_by: booking.account_id,
        };
        let state = match status {
            BookingStatus::Booked => BookingState::Booked,
            BookingStatus::CheckedIn => BookingState::CheckedIn(visit),
            BookingStatus::Completed => BookingState::Completed {
                visit,
                at: utc("2026-06-02T02:00:00Z"),
            },
            BookingStatus::Cancelled => BookingState::Cancelled {
                at: utc("2026-05-30T00:00:00Z"),
            },
        };
        Booking { state, ..booking }
    }

    type Action = fn(Booking) -> Result<Booking, CheckupError>;

    fn cancel(booking: Booking) -> Result<Booking, CheckupError> {
        booking.cancel(utc("2026-06-02T01:00:00Z"), utc("2026-05-31T00:00:00Z"))
    }

    fn check_in(booking: Booking) -> Result<Booking, CheckupError> {
        let scanned_by = booking.account_id;
        booking.check_in(Visit {
            at: utc(VISIT_AT),
            scanned_by,
        })
    }

    fn complete(booking: Booking) -> Result<Booking, CheckupError> {
        booking.complete(utc("2026-06-02T02:00:00Z"))
    }

    #[rstest]
    #[case(cancel, BookingStatus::Booked, Some(BookingStatus::Cancelled))]
    #[case(cancel, BookingStatus::CheckedIn, None)]
    #[case(cancel, BookingStatus::Completed, None)]
    #[case(cancel, BookingStatus::Cancelled, None)]
    #[case(check_in, BookingStatus::Booked, Some(BookingStatus::CheckedIn))]
    #[case(check_in, BookingStatus::CheckedIn, None)]
    #[case(check_in, BookingStatus::Completed, None)]
    #[case(check_in, BookingStatus::Cancelled, None)]
    #[case(complete, BookingStatus::Booked, None)]
    #[case(complete, BookingStatus::CheckedIn, Some(BookingStatus::Completed))]
    #[case(complete, BookingStatus::Completed, None)]
    #[case(complete, BookingStatus::Cancelled, None)]
    fn every_action_in_every_state(
        #[case] action: Action,
        #[case] from: BookingStatus,
        #[case] to: Option<BookingStatus>,
    ) {
        match (action(in_state(from)), to) {
            (Ok(booking), Some(to)) => assert_eq!(booking.state.status(), to),
            (Err(CheckupError::WrongState { is }), None) => assert_eq!(is, from),
            (outcome, _) => panic!("{from:?}: {outcome:?}"),
        }
    }

    #[rstest]
    #[case::in_time("2026-06-01T01:00:00Z", true)]
    #[case::a_second_late("2026-06-01T01:00:01Z", false)]
    fn the_cut_off_is_a_day_before_the_slot(#[case] now: &str, #[case] allowed: bool) {
        let outcome = booking().cancel(utc("2026-06-02T01:00:00Z"), utc(now));
        assert_eq!(outcome.is_ok(), allowed);
        assert!(allowed || matches!(outcome, Err(CheckupError::TooLateToCancel)));
    }

    #[test]
    fn a_finished_visit_remembers_its_first_scan() {
        let completed = complete(in_state(BookingStatus::CheckedIn)).unwrap();
        assert_eq!(
            completed.state.visit().map(|visit| visit.at),
            Some(utc(VISIT_AT))
        );
    }

    #[test]
    fn every_status_reads_back() {
        for &status in BookingStatus::ALL {
            assert_eq!(BookingStatus::parse(status.code()), Some(status));
        }
        assert_eq!(BookingStatus::parse("held"), None);
    }
}
