//! The uploads API.
