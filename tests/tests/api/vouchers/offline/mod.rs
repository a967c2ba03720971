//! Stations without a network, over HTTP.

mod scanners;
mod uploads;
