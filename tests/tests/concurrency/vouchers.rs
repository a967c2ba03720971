//! Races over vouchers.
