//! The task that a cadre's review of a wish is: open while the wish is `reviewing`.

use chrono::{DateTime, Utc};

use crate::{
    kernel::id::WishId,
    store::{StoreError, Tx},
    tasks::{NewTask, TaskKind, TaskPlace, close, open, ports::Shown, task::Parties},
    wishes::{
        service::WishService,
        wish::{Wish, WishState},
    },
};

/// A cadre reads a wish before strangers do.
pub const WISH_REVIEW: TaskKind = TaskKind {
    code: "wish_review",
    label: "心愿审核",
    working_days: 3,
};

impl WishService {
    /// What the queue of tasks shows of these wishes.
    pub async fn under_review(&self, subjects: &[String]) -> Result<Vec<Shown>, StoreError> {
        let ids = subjects.iter().filter_map(|subject| subject.parse().ok());
        let ids: Vec<WishId> = ids.collect();
        let wishes = self
            .foundation
            .read()
            .await?
            .wishes()
            .find_many(&ids)
            .await?;
        let line = |wish: Wish| Shown {
            subject: wish.id.to_string(),
            revision: wish.version,
            summary: wish.content.title,
        };
        Ok(wishes.into_iter().map(line).collect())
    }

    /// In the transaction that makes it `reviewing`; anything else needs nobody.
    pub(crate) async fn open_review(
        &self,
        tx: &mut dyn Tx,
        wish: &Wish,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let WishState::Reviewing { .. } = wish.state else {
            return Ok(());
        };
        let station = tx.stations().find(wish.station_id).await?;
        let lost = || StoreError::Corrupt {
            table: "wishes",
            id: wish.id.to_string(),
        };
        let place = TaskPlace {
            district: wish.district,
            union_id: None,
            name: station.ok_or_else(lost)?.name,
        };
        let parties = Parties::new([wish.account_id], [wish.person_id]);
        let task = NewTask::new(WISH_REVIEW, wish.id, place).without(parties);
        open::open(tx, self.foundation.random(), vec![task], now).await
    }

    /// Nobody needs to decide any more.
    pub(crate) async fn drop_review(
        &self,
        tx: &mut dyn Tx,
        wish: WishId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        close::withdraw(tx, WISH_REVIEW, &[wish.to_string()], now).await?;
        Ok(())
    }
}
