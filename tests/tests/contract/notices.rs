//! Contract of the notices repositories.
