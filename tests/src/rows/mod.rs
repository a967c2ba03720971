//! Rows without use cases behind them: what repositories, books and jobs are tested with.

mod accounts;
mod checkups;
mod history;
mod stations;
mod unions;
mod vouchers;

use niangjia_domain::kernel::{
    Clock, Id,
    id::{self, AccountId, PersonId},
};
use niangjia_infra::system::{SystemClock, SystemRandom};

pub use self::{
    accounts::{add_account, wechat_account},
    checkups::{Van, slot},
    history::{PastScan, ScanHistory, revision_of, suspend, watching},
    stations::{add_station, station},
    unions::add_city_union,
    vouchers::{VoucherRows, meal, new_batch},
};

/// An id of nothing that is stored.
pub fn new_id<K: id::Kind>() -> Id<K> {
    Id::generate(SystemClock.now(), &SystemRandom)
}

/// Somebody new.
pub fn person() -> PersonId {
    new_id()
}

/// An account of nobody.
pub fn account() -> AccountId {
    new_id()
}
