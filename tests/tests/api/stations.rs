//! The stations API.
