//! Draws, from the commitment to the last notice.

mod entries;
mod lots;

use chrono::TimeDelta;

const HOUR: TimeDelta = TimeDelta::hours(1);
