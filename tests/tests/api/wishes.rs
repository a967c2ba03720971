//! The wishes API.
