//! Contract of the outbox repositories.
