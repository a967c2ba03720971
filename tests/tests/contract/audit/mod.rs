//! The audit trail: written with the change, chained, searched.

mod search;
mod trail;
