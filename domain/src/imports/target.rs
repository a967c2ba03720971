//! What a context offers so that its things can be imported.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{kind::ImportKind, row::Row};
use crate::{
    kernel::{AccessError, Actor, DistrictCode, Invalid, Jurisdiction},
    store::{StoreError, Tx},
};

/// What became of a sound row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowOutcome {
    Added,
    /// Known before, and said something else.
    Updated,
    /// Known before.
    Unchanged,
}

/// Taken, or which columns are wrong (`field` is the column's key).
pub type RowAnswer = Result<RowOutcome, Invalid>;

#[async_trait]
pub trait ImportTarget: Send + Sync {
    fn kind(&self) -> &'static ImportKind;

    /// Who may import this kind, and where its rows may land.
    fn area(&self, actor: &Actor) -> Result<Jurisdiction, AccessError>;

    /// The district of an area, for the audit trail; `None` when it is none in particular.
    async fn district_of(
        &self,
        tx: &mut dyn Tx,
        area: &Jurisdiction,
    ) -> Result<Option<DistrictCode>, StoreError>;

    /// Takes rows inside the caller's transaction and answers each, in their order. Required cells
    /// are filled. A row that was taken before (its natural key says so) is `Unchanged` or
    /// `Updated`, never a second one. A dry run calls it too, and rolls back.
    async fn take(
        &self,
        tx: &mut dyn Tx,
        area: &Jurisdiction,
        rows: &[Row],
        now: DateTime<Utc>,
    ) -> Result<Vec<RowAnswer>, StoreError>;
}
