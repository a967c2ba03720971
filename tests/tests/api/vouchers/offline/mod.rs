//! Stations without a network, over HTTP: devices, packs, uploads and what is disputed.

mod scanners;
mod uploads;
