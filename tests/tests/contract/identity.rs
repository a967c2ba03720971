//! Contract of the identity repositories.
