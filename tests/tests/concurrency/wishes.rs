//! Races over wishes.
