//! Ports every context needs from outside: time, randomness, background work, cache and limits.

pub mod background;
pub mod cache;
pub mod clock;
pub mod random;
