//! Words every context shares. Newtypes have private fields and a `parse`; a value that exists is
//! valid.

pub mod access;
pub mod actor;
pub mod background;
pub mod cache;
pub mod clock;
pub mod district;
pub mod group_commit;
pub mod id;
pub mod id_number;
pub mod idempotency;
pub mod invalid;
pub mod local_time;
pub mod money;
pub mod page;
pub mod phone;
pub mod place;
pub mod random;
pub mod recall;
pub mod text;

pub use access::AccessError;
pub use actor::{Actor, Bearer, Grant, Jurisdiction, Role};
pub use background::Background;
pub use clock::Clock;
pub use district::DistrictCode;
pub use group_commit::{GroupCommit, GroupLimits, GroupWork, Turned};
pub use id::Id;
pub use id_number::IdNumber;
pub use idempotency::{Answer, IdempotencyError, IdempotencyKey, IdempotentRequest};
pub use invalid::{FieldError, Invalid};
pub use money::Fen;
pub use page::{Page, PageRequest};
pub use phone::Phone;
pub use place::Place;
pub use random::Random;
