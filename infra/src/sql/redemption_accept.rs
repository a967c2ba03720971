//! Accepting scans, many at a time. Three unique facts are taken in turn — the code's step, the person's meal, the
//! voucher itself — and whoever loses one gives back the earlier ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use niangjia_domain::{
    kernel::id::RedemptionId,
    store::StoreError,
    vouchers::{
        ports::AcceptOutcome,
        redemption::{NewRedemption, Redemption},
    },
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;

use super::{
    entity::{person_meal, redemption, voucher, voucher_burnt_step, voucher_ledger},
    error::store_error,
    store::SqlTx,
};

impl SqlTx {
    pub(super) async fn accept_all(&self, all: &[NewRedemption]) -> Result<Vec<AcceptOutcome>, StoreError> {
        let burning = self.burn(&all.iter().collect::<Vec<_>>()).await?;
        let eating = self.eat(&burning).await?;
        let winners = self.use_up(&eating).await?;
        let won: HashSet<RedemptionId> = winners.iter().map(|(new, _)| new.redemption.id).collect();
        for loser in burning.iter().filter(|new| !won.contains(&new.redemption.id)) {
            self.give_back(loser).await?;
        }
        self.add_redemptions(&winners).await?;
        self.spend(&winners).await?;
        let outcome = |new: &NewRedemption| match won.contains(&new.redemption.id) {
            true => AcceptOutcome::Accepted,
            false => AcceptOutcome::Lost,
        };
        Ok(all.iter().map(outcome).collect())
    }

    /// Each accepted step is recorded; the primary key refuses the second.
    async fn burn<'a>(&self, all: &[&'a NewRedemption]) -> Result<Vec<&'a NewRedemption>, StoreError> {
        use voucher_burnt_step::{ActiveModel, Column, Entity};
        let mut sorted = all.to_vec();
        sorted.sort_by_key(|new| new.code);
        let rows = sorted.iter().map(|new| ActiveModel {
            voucher_id: Set(new.code.voucher_id.uuid()),
            device_no: Set(i32::from(new.code.device_no)),
            step: Set(new.code.step),
            redemption_id: Set(new.redemption.id.uuid()),
        });
        let key = [Column::VoucherId, Column::DeviceNo, Column::Step];
        let insert = Entity::insert_many(rows).on_conflict(OnConflict::columns(key).do_nothing().to_owned());
        let taken = insert.exec_with_returning(&self.db()).await.map_err(store_error)?;
        Ok(among(all, taken.into_iter().map(|row| row.redemption_id)))
    }

    /// One meal per person, window and day (V2); the primary key refuses the second.
    async fn eat<'a>(&self, some: &[&'a NewRedemption]) -> Result<Vec<&'a NewRedemption>, StoreError> {
        use person_meal::{ActiveModel, Column, Entity};
        let mut sorted = some.to_vec();
        sorted.sort_by(|a, b| {
            let key = |new: &NewRedemption| (new.redemption.person_id, new.redemption.meal.clone());
            key(a).cmp(&key(b))
        });
        let rows = sorted.iter().map(|new| ActiveModel {
            person_id: Set(new.redemption.person_id.uuid()),
            day: Set(new.redemption.meal.day.to_string()),
            meal: Set(new.redemption.meal.window.clone()),
            redemption_id: Set(new.redemption.id.uuid()),
        });
        let key = [Column::PersonId, Column::Day, Column::Meal];
        let insert = Entity::insert_many(rows).on_conflict(OnConflict::columns(key).do_nothing().to_owned());
        let taken = insert.exec_with_returning(&self.db()).await.map_err(store_error)?;
        Ok(among(some, taken.into_iter().map(|row| row.redemption_id)))
    }

    /// Issued vouchers become redeemed, once each (V3). With each winner comes the number of its redemption.
    async fn use_up<'a>(&self, some: &[&'a NewRedemption]) -> Result<Vec<(&'a NewRedemption, i32)>, StoreError> {
        use voucher::{Column, Entity};
        if some.is_empty() {
            return Ok(Vec::new());
        }
        let used = Entity::update_many()
            .col_expr(Column::State, Expr::value("redeemed"))
            .col_expr(Column::Redemptions, Expr::col(Column::Redemptions).add(1))
            .filter(Column::Id.is_in(some.iter().map(|new| new.redemption.voucher_id.uuid())))
            .filter(Column::State.eq("issued"))
            .exec_with_returning(&self.db())
            .await
            .map_err(store_error)?;
        let mut numbers: HashMap<Uuid, i32> = used.into_iter().map(|row| (row.id, row.redemptions)).collect();
        // Of two scans of one voucher in one call, the first takes the number.
        let numbered = |new: &&'a NewRedemption| Some((*new, numbers.remove(&new.redemption.voucher_id.uuid())?));
        Ok(some.iter().filter_map(numbered).collect())
    }

    async fn give_back(&self, loser: &NewRedemption) -> Result<(), StoreError> {
        use voucher_burnt_step::Column::{DeviceNo, RedemptionId, Step, VoucherId};
        let id = loser.redemption.id.uuid();
        voucher_burnt_step::Entity::delete_many()
            .filter(VoucherId.eq(loser.code.voucher_id.uuid()))
            .filter(DeviceNo.eq(i32::from(loser.code.device_no)))
            .filter(Step.eq(loser.code.step))
            .filter(RedemptionId.eq(id))
            .exec(&self.db())
            .await
            .map_err(store_error)?;
        self.free_meal(id).await
    }

    pub(super) async fn free_meal(&self, redemption: Uuid) -> Result<(), StoreError> {
        let delete = person_meal::Entity::delete_many().filter(person_meal::Column::RedemptionId.eq(redemption));
        delete.exec(&self.db()).await.map_err(store_error)?;
        Ok(())
    }

    async fn add_redemptions(&self, winners: &[(&NewRedemption, i32)]) -> Result<(), StoreError> {
        let rows = winners.iter().map(|(new, sequence)| row(new, *sequence));
        redemption::Entity::insert_many(rows).exec_without_returning(&self.db()).await.map_err(store_error)?;
        Ok(())
    }

    /// From reserved to spent, in the ledger and in the counters.
    async fn spend(&self, winners: &[(&NewRedemption, i32)]) -> Result<(), StoreError> {
        let entries = winners.iter().map(|(new, sequence)| entry("spend", &new.redemption, *sequence, 1));
        self.book(entries.collect()).await?;
        let mut totals: BTreeMap<Uuid, i64> = BTreeMap::new();
        for (new, _) in winners {
            *totals.entry(new.redemption.batch_id.uuid()).or_default() += new.redemption.payment.amount.get();
        }
        for (batch, fen) in totals {
            self.move_to_spent(batch, fen).await?;
        }
        Ok(())
    }

    /// A negative amount moves back.
    pub(super) async fn move_to_spent(&self, batch: Uuid, fen: i64) -> Result<(), StoreError> {
        let sql = "UPDATE voucher_counters SET reserved_fen = reserved_fen - $2, spent_fen = spent_fen + $2 \
                   WHERE batch_id = $1";
        self.run(sql, [batch.into(), fen.into()]).await?;
        Ok(())
    }
}

/// Those of `some` whose rows came back, in their order.
fn among<'a>(some: &[&'a NewRedemption], taken: impl Iterator<Item = Uuid>) -> Vec<&'a NewRedemption> {
    let taken: HashSet<Uuid> = taken.collect();
    some.iter().filter(|new| taken.contains(&new.redemption.id.uuid())).copied().collect()
}

/// A ledger row of a redemption; `sign` is 1 for spending and -1 for its reversal.
pub(super) fn entry(kind: &str, redemption: &Redemption, sequence: i32, sign: i64) -> voucher_ledger::ActiveModel {
    let spent = sign * redemption.payment.amount.get();
    voucher_ledger::ActiveModel {
        voucher_id: Set(redemption.voucher_id.uuid()),
        kind: Set(kind.to_owned()),
        sequence: Set(sequence),
        batch_id: Set(redemption.batch_id.uuid()),
        reserved_fen: Set(-spent),
        spent_fen: Set(spent),
        at: Set(redemption.accepted_at),
    }
}

fn row(new: &NewRedemption, sequence: i32) -> redemption::ActiveModel {
    let it = &new.redemption;
    redemption::ActiveModel {
        id: Set(it.id.uuid()),
        voucher_id: Set(it.voucher_id.uuid()),
        sequence: Set(sequence),
        batch_id: Set(it.batch_id.uuid()),
        person_id: Set(it.person_id.uuid()),
        station_id: Set(it.station_id.uuid()),
        staff_id: Set(it.staff_id.uuid()),
        device_id: Set(it.device_id.clone()),
        scan_id: Set(it.scan_id.clone()),
        day: Set(it.meal.day.to_string()),
        meal: Set(it.meal.window.clone()),
        price_fen: Set(it.payment.price.get()),
        amount_fen: Set(it.payment.amount.get()),
        copay_fen: Set(it.payment.copay.get()),
        remainder_fen: Set(new.face_value.saturating_sub(it.payment.amount).get()),
        remainder_released_at: Set(None),
        scanned_at: Set(it.scanned_at),
        accepted_at: Set(it.accepted_at),
        state: Set("accepted".to_owned()),
        annulled_at: Set(None),
        annulled_by: Set(None),
        annulment_reason: Set(None),
    }
}
