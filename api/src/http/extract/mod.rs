//! What handlers take: the caller, strict bodies, repeated requests, ids in paths, pages.

pub use body::{Empty, Strict};
pub use caller::{Authenticate, Caller, MaybeCaller};
pub use client_ip::{ClientIp, TrustedProxies};
pub use field::{chosen, district, instant, near};
pub use idempotent::{GroupWrite, Idempotent};
pub use paging::Paging;
pub use path::IdPath;
mod body;
mod caller;
mod client_ip;
mod field;
mod idempotent;
mod paging;
mod path;
