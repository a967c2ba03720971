//! Words every context shares. Newtypes have private fields and a `parse`; a value that exists is
//! valid.

pub mod access;
pub mod actor;
pub mod backlog;
pub mod cause;
pub mod foundation;
pub mod group_commit;
pub mod id;
pub mod idempotency;
pub mod invalid;
pub mod page;
pub mod ports;
pub mod values;

pub(crate) mod coded;
pub(crate) mod rounds;

pub use access::AccessError;
pub use actor::{Actor, Bearer, Grant, Jurisdiction, Role};
pub use backlog::Backlog;
pub use foundation::Foundation;
pub use group_commit::{GroupCommit, GroupLimits, GroupWork, Turned};
pub use id::Id;
pub use idempotency::{Answer, IdempotencyError, IdempotencyKey, IdempotentRequest};
pub use invalid::{FieldError, Invalid};
pub use page::{Page, PageRequest};
pub use ports::background::Background;
pub use ports::clock::Clock;
pub use ports::random::Random;
pub use values::district::DistrictCode;
pub use values::id_number::IdNumber;
pub use values::money::Fen;
pub use values::phone::Phone;
pub use values::place::Place;
