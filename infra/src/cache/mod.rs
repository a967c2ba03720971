//! Redis, and its in-process twin. Both implement the kernel's `Cache`, `SharedValues` and `RateLimiter`.
