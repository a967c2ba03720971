//! The checkups API.
