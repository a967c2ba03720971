//! Races over checkups.
