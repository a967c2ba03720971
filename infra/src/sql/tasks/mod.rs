//! Tasks and the holiday calendar.

mod calendar;
mod entity;
mod offices;
mod queue;
mod repository;
mod rows;
