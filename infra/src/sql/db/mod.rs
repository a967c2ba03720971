//! The database itself: connections, units of work, migrations, and the words that all repositories share.

pub(crate) mod area;
pub(crate) mod bulk;
pub(crate) mod connection;
pub(crate) mod error;
pub(crate) mod inspect;
pub(crate) mod migrate;
pub(crate) mod rows;
pub(crate) mod sealed;
pub(crate) mod statement;
pub(crate) mod store;
