//! Contract of the checkups repositories.
