//! Storms of claims that things break in: processes die, the database crashes. What was
//! acknowledged stays, nothing happens twice, and whoever lost an answer gets it by asking again
//! with the same key.

mod crashes;
mod groups;
