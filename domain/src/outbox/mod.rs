//! What is to be delivered after commit. Rows are written in the transaction of the change they
//! report; a dispatcher delivers them at least once, with back-off, and sets hopeless ones aside as
//! dead letters, which an administrator can send again.

pub mod dead_letters;
pub mod delivery;
pub mod dispatcher;
pub mod event;
pub mod ports;

mod tidy;

pub use dead_letters::{DeadLetter, DeadLetterService, OutboxError};
pub use delivery::{Channel, InsideDelivery, OutsideDelivery, Undelivered};
pub use dispatcher::Dispatcher;
pub use event::{MAX_ATTEMPTS, OutboxEvent};
pub use ports::Outbox;
