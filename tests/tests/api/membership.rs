//! The membership API.
