//! Races over membership.
