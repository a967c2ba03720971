//! The identity API.
