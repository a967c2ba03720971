//! Tasks and the holiday calendar.

mod calendar;
mod entity;
mod queue;
mod repository;
mod rows;
