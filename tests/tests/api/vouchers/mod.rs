//! The vouchers API, as phones, scanners and desks use it.

mod batches;
mod callers;
mod distributions;
mod holders;
mod limits;
mod offline;
mod refusals;
mod suspensions;
