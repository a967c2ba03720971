//! The numbers of all signals in one place: policy, not law.

use chrono::TimeDelta;

/// `Default` is what the union starts with. `README.md` tells what each number spares.
#[derive(Debug, Clone)]
pub struct CollusionPolicy {
    /// How far back habits (same pair, price) are looked at.
    pub habits_over: TimeDelta,
    /// How far back single events (burst, travel) are looked at: the latest that a station may
    /// upload scans.
    pub events_over: TimeDelta,
    /// A reviewer who released a habit has explained it for so long.
    pub cleared_for: TimeDelta,
    /// A suspension is decided within so many working days.
    pub review_working_days: u32,

    /// Meals of one holder at one station, scanned by the same staff member.
    pub pair_meals: i64,
    /// Their share of the holder's meals there, in percent.
    pub pair_share: i64,
    /// Other people's scans at the same meals that it takes to compare.
    pub pair_others: i64,
    /// With at most this share of the others, in percent, the staff member served the holder by
    /// choice.
    pub pair_share_of_others: i64,

    /// Prices that one staff member typed.
    pub price_typed: i64,
    /// Share of them that equal the face value, in percent.
    pub price_share: i64,
    /// With at most this share at the other staff of the station, in percent, the menu does not
    /// explain it.
    pub price_share_of_others: i64,
    /// Without anything to compare with, so many typed prices must equal the face value without
    /// exception.
    pub price_typed_alone: i64,

    /// Scans of one staff member at one station …
    pub burst_scans: u32,
    /// … within this time: faster than people can hold up their phones.
    pub burst_within: TimeDelta,

    /// A nearer station says nothing, kilometres.
    pub travel_km: f64,
    /// Kilometres an hour that nobody rides.
    pub travel_kmh: f64,
    /// Between later meals every station is within reach.
    pub travel_within: TimeDelta,
}

impl Default for CollusionPolicy {
    fn default() -> Self {
        Self {
            habits_over: TimeDelta::days(14),
            events_over: TimeDelta::days(3),
            cleared_for: TimeDelta::days(30),
            review_working_days: 3,
            pair_meals: 8,
            pair_share: 90,
            pair_others: 20,
            pair_share_of_others: 40,
            price_typed: 20,
            price_share: 95,
            price_share_of_others: 50,
            price_typed_alone: 40,
            burst_scans: 10,
            burst_within: TimeDelta::seconds(20),
            travel_km: 5.0,
            travel_kmh: 150.0,
            travel_within: TimeDelta::hours(4),
        }
    }
}

/// Whether `part` is at least so many percent of `whole`.
pub(super) const fn reaches(part: i64, whole: i64, percent: i64) -> bool {
    part.saturating_mul(100) >= whole.saturating_mul(percent)
}

/// Whether `part` is at most so many percent of `whole`.
pub(super) const fn stays_within(part: i64, whole: i64, percent: i64) -> bool {
    part.saturating_mul(100) <= whole.saturating_mul(percent)
}
