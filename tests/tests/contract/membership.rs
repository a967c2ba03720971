//! Contract of the membership repositories.
