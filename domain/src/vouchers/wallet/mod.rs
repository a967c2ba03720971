//! A voucher and what its holder sees of it; what nobody used goes back (invariants V3, V4).

pub mod voucher;

pub(crate) mod expire;
pub(crate) mod list;

use crate::kernel::Foundation;

/// A holder's vouchers, and the end of those that nobody used.
#[derive(Clone)]
pub struct WalletService {
    pub foundation: Foundation,
}
