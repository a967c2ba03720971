//! Shapes of the tables.

pub mod calendar_day;
pub mod task;
pub mod task_party;
