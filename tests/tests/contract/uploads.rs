//! Contract of the uploads repositories.
