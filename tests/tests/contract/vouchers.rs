//! Contract of the vouchers repositories.
