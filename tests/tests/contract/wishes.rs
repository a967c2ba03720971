//! Contract of the wishes repositories.
