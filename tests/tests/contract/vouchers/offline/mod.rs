//! Stations without a network: devices, packs, uploads.

mod devices;
mod packs;
mod uploads;
