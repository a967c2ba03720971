//! The notices API.
