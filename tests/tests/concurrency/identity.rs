//! Races over identity.
