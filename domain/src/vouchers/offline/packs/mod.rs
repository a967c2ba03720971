//! Signed packs by which a device verifies codes alone.

pub mod pack;
pub mod verify;

pub(crate) mod hand_out;
