//! Seats of one time band of a session.
//!
//! Invariant B1: seats taken never exceed the capacity. One conditional update takes a seat; a
//! constraint of the table says the same again.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::kernel::{
    Invalid, Random,
    id::{CheckupSessionId, SlotId},
    invalid::FieldCheck,
    values::local_time,
};

/// Most bands of one session, and most seats of one band.
const MOST_SLOTS: usize = 100;
const MOST_SEATS: u32 = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub id: SlotId,
    pub session_id: CheckupSessionId,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    pub capacity: u32,
    /// Seats of bookings that were not cancelled.
    pub booked: u32,
}

/// What a cadre writes down for one band.
#[derive(Debug, Clone, Copy)]
pub struct SlotPlan {
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub capacity: u32,
}

impl Slot {
    /// Seats that can truly be booked at an instant: none once the band is over.
    pub fn bookable(&self, now: DateTime<Utc>) -> u32 {
        if now < self.ends_at {
            self.capacity.saturating_sub(self.booked)
        } else {
            0
        }
    }

    /// Bands of one day, in order, apart from each other.
    pub fn plan(
        plans: &[SlotPlan],
        session_id: CheckupSessionId,
        date: NaiveDate,
        now: DateTime<Utc>,
        random: &dyn Random,
    ) -> Result<Vec<Self>, Invalid> {
        check_plans(plans, date)?;
        let mut slots: Vec<Self> = plans
            .iter()
            .map(|plan| Self {
                id: SlotId::generate(now, random),
                session_id,
                starts_at: plan.start,
                ends_at: plan.end,
                capacity: plan.capacity,
                booked: 0,
            })
            .collect();
        slots.sort_by_key(|slot| slot.starts_at);
        Ok(slots)
    }
}

fn check_plans(plans: &[SlotPlan], date: NaiveDate) -> Result<(), Invalid> {
    let mut check = FieldCheck::default();
    let counted = (1..=MOST_SLOTS).contains(&plans.len());
    check.require(counted, "slots", "slot_count", "请填写 1 到 100 个时段");
    let day = local_time::start_of(date)..=local_time::start_of(date) + TimeDelta::days(1);
    for (index, plan) in plans.iter().enumerate().take(MOST_SLOTS) {
        let field = |name: &str| format!("slots[{index}].{name}");
        check.require(
            day.contains(&plan.start),
            &field("start"),
            "slot_outside_date",
            "开始时间须在场次当天",
        );
        check.require(
            day.contains(&plan.end),
            &field("end"),
            "slot_outside_date",
            "结束时间须在场次当天",
        );
        check.require(
            plan.start < plan.end,
            &field("end"),
            "slot_order",
            "结束时间须晚于开始时间",
        );
        let seats = (1..=MOST_SEATS).contains(&plan.capacity);
        check.require(
            seats,
            &field("capacity"),
            "slot_capacity",
            "号源数量应在 1 到 1000 之间",
        );
        let clash = plans
            .iter()
            .take(index)
            .any(|other| other.start < plan.end && plan.start < other.end);
        check.require(
            !clash,
            &field("start"),
            "slots_overlap",
            "与前面的时段重叠，请调整时间",
        );
    }
    check.finish()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::checkups::fixtures::{Ones, date, utc};

    fn band(start: &str, end: &str, capacity: u32) -> SlotPlan {
        SlotPlan {
            start: utc(start),
            end: utc(end),
            capacity,
        }
    }

    fn refusals(plans: &[SlotPlan]) -> Vec<(String, &'static str)> {
        check_plans(plans, date("2026-06-02")).map_or_else(
            |invalid| {
                invalid
                    .errors
                    .into_iter()
                    .map(|e| (e.field, e.code))
                    .collect()
            },
            |()| Vec::new(),
        )
    }

    // 2 June in Shanghai is 16:00 UTC on the 1st to 16:00 UTC on the 2nd.
    #[rstest]
    #[case::whole_day("2026-06-01T16:00:00Z", "2026-06-02T16:00:00Z", 1, &[])]
    #[case::day_before("2026-06-01T15:59:59Z", "2026-06-02T02:00:00Z", 1, &[("slots[0].start", "slot_outside_date")])]
    #[case::day_after("2026-06-02T02:00:00Z", "2026-06-02T16:00:01Z", 1, &[("slots[0].end", "slot_outside_date")])]
    #[case::backwards("2026-06-02T03:00:00Z", "2026-06-02T02:00:00Z", 1, &[("slots[0].end", "slot_order")])]
    #[case::no_seats("2026-06-02T02:00:00Z", "2026-06-02T03:00:00Z", 0, &[("slots[0].capacity", "slot_capacity")])]
    #[case::a_stadium("2026-06-02T02:00:00Z", "2026-06-02T03:00:00Z", 1_001, &[("slots[0].capacity", "slot_capacity")])]
    fn one_band(
        #[case] start: &str,
        #[case] end: &str,
        #[case] capacity: u32,
        #[case] expected: &[(&str, &'static str)],
    ) {
        let found = refusals(&[band(start, end, capacity)]);
        assert_eq!(
            found
                .iter()
                .map(|(field, code)| (field.as_str(), *code))
                .collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn bands_may_touch_but_not_overlap() {
        let morning = band("2026-06-02T00:00:00Z", "2026-06-02T02:00:00Z", 10);
        let next = band("2026-06-02T02:00:00Z", "2026-06-02T04:00:00Z", 10);
        let late = band("2026-06-02T01:59:00Z", "2026-06-02T03:00:00Z", 10);
        assert_eq!(refusals(&[next, morning]), []);
        assert_eq!(
            refusals(&[morning, late]),
            [("slots[1].start".to_owned(), "slots_overlap")]
        );
        assert_eq!(refusals(&[]), [("slots".to_owned(), "slot_count")]);
    }

    #[test]
    fn a_slot_that_is_over_has_no_seats() {
        let session = CheckupSessionId::from_uuid(uuid::Uuid::nil());
        let plans = [band("2026-06-02T00:00:00Z", "2026-06-02T02:00:00Z", 10)];
        let slots = Slot::plan(
            &plans,
            session,
            date("2026-06-02"),
            utc("2026-06-01T00:00:00Z"),
            &Ones,
        )
        .unwrap();
        let slot = Slot {
            booked: 4,
            ..slots[0].clone()
        };
        assert_eq!(slot.bookable(utc("2026-06-02T01:59:59Z")), 6);
        assert_eq!(slot.bookable(utc("2026-06-02T02:00:00Z")), 0);
    }
}
