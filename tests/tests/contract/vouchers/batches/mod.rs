//! Batches: made, started, changed, closed.

mod budget;
mod life;
