//! Accepting scans, many at a time. Three unique facts are taken in turn — the code's step, the
//! person's meal, the voucher itself — and whoever loses one gives back the earlier ones.

use std::collections::{HashMap, HashSet};

use niangjia_domain::{
    kernel::id::RedemptionId,
    ledger::{Entry, Posting, postings::Spend},
    store::StoreError,
    vouchers::{ports::AcceptOutcome, scans::redemption::NewRedemption},
};
use sea_orm::QueryResult;
use uuid::Uuid;

use crate::sql::db::{
    bulk::{Cells, Rows, cell},
    store::SqlTx,
};

/// A redemption that is accepted, with its number among those of the voucher.
type Winner<'a> = (&'a NewRedemption, i32);

impl SqlTx {
    pub(crate) async fn accept_all(
        &self,
        all: &[NewRedemption],
    ) -> Result<Vec<AcceptOutcome>, StoreError> {
        let burning = self.burn(all).await?;
        let eating = self.eat(&burning).await?;
        let winners = self.use_up(&eating).await?;
        let won: HashSet<RedemptionId> = winners.iter().map(|(new, _)| new.redemption.id).collect();
        let losers: Vec<_> = burning
            .into_iter()
            .filter(|new| !won.contains(&new.redemption.id))
            .collect();
        self.give_back(&losers).await?;
        self.add_redemptions(&winners).await?;
        self.spend(&winners).await?;
        let outcome = |new: &NewRedemption| match won.contains(&new.redemption.id) {
            true => AcceptOutcome::Accepted,
            false => AcceptOutcome::Lost,
        };
        Ok(all.iter().map(outcome).collect())
    }

    /// Each accepted step is recorded; the primary key refuses the second.
    async fn burn<'a>(
        &self,
        all: &'a [NewRedemption],
    ) -> Result<Vec<&'a NewRedemption>, StoreError> {
        // Everybody takes rows in the order of their keys, so that no two processes wait for each
        // other.
        let mut sorted: Vec<_> = all.iter().collect();
        sorted.sort_by_key(|new| new.code);
        let sql = "INSERT INTO voucher_used_steps (voucher_id, device_no, step, redemption_id) \
                   SELECT voucher_id, device_no, step, redemption_id FROM {rows} WHERE TRUE \
                   ON CONFLICT (voucher_id, device_no, step) DO NOTHING RETURNING redemption_id";
        let taken = self.query_rows(sql, [], steps(&sorted)).await?;
        among(all.iter().collect(), &taken)
    }

    /// One meal per person, window and day (V2); the primary key refuses the second.
    async fn eat<'a>(
        &self,
        some: &[&'a NewRedemption],
    ) -> Result<Vec<&'a NewRedemption>, StoreError> {
        let mut sorted = some.to_vec();
        sorted.sort_by(|a, b| {
            let key = |new: &NewRedemption| (new.redemption.person_id, new.redemption.meal.clone());
            key(a).cmp(&key(b))
        });
        let each = || sorted.iter().map(|new| &new.redemption);
        let rows = Rows::default()
            .uuids("person_id", each().map(|it| it.person_id.uuid()))
            .texts("day", each().map(|it| it.meal.day.to_string()))
            .texts("meal", each().map(|it| it.meal.window.clone()))
            .uuids("redemption_id", each().map(|it| it.id.uuid()));
        let sql = "INSERT INTO person_meals (person_id, day, meal, redemption_id) \
                   SELECT person_id, day, meal, redemption_id FROM {rows} WHERE TRUE \
                   ON CONFLICT (person_id, day, meal) DO NOTHING RETURNING redemption_id";
        let taken = self.query_rows(sql, [], rows).await?;
        among(some.to_vec(), &taken)
    }

    /// Issued vouchers become redeemed, once each (V3).
    async fn use_up<'a>(&self, some: &[&'a NewRedemption]) -> Result<Vec<Winner<'a>>, StoreError> {
        let mut ids: Vec<_> = some
            .iter()
            .map(|new| new.redemption.voucher_id.uuid())
            .collect();
        ids.sort_unstable();
        // COALESCE keeps PostgreSQL from the partial index over issued vouchers: where statistics
        // say that hardly any are issued it would read all of them, for each group, instead of
        // these by their keys.
        let sql = "UPDATE vouchers SET state = 'redeemed', redemptions = redemptions + 1 \
                   WHERE id IN (SELECT id FROM {rows}) AND COALESCE(state, '') = 'issued' RETURNING id, redemptions";
        let mut numbers = HashMap::new();
        for row in self
            .query_rows(sql, [], Rows::default().uuids("id", ids))
            .await?
        {
            numbers.insert(cell::<Uuid>(&row, "id")?, cell::<i32>(&row, "redemptions")?);
        }
        // Of two scans of one voucher in one call, the first takes the number.
        let numbered = |new: &&'a NewRedemption| {
            Some((*new, numbers.remove(&new.redemption.voucher_id.uuid())?))
        };
        Ok(some.iter().filter_map(numbered).collect())
    }

    /// What losers took before they lost.
    async fn give_back(&self, losers: &[&NewRedemption]) -> Result<(), StoreError> {
        let sql = "DELETE FROM voucher_used_steps WHERE (voucher_id, device_no, step) IN \
                   (SELECT voucher_id, device_no, step FROM {rows}) \
                   AND redemption_id IN (SELECT redemption_id FROM {rows})";
        self.run_rows(sql, [], steps(losers)).await?;
        self.free_meals(losers.iter().map(|new| new.redemption.id.uuid()))
            .await
    }

    pub(crate) async fn free_meals(
        &self,
        of: impl IntoIterator<Item = Uuid> + Send,
    ) -> Result<(), StoreError> {
        let sql =
            "DELETE FROM person_meals WHERE redemption_id IN (SELECT redemption_id FROM {rows})";
        self.run_rows(sql, [], Rows::default().uuids("redemption_id", of))
            .await?;
        Ok(())
    }

    async fn add_redemptions(&self, winners: &[Winner<'_>]) -> Result<(), StoreError> {
        let columns = "id, voucher_id, sequence, batch_id, person_id, station_id, staff_id, device_id, scan_id, day, \
                       meal, price_fen, price_typed, amount_fen, copay_fen, remainder_fen, scanned_at, accepted_at";
        let sql = format!(
            "INSERT INTO redemptions ({columns}, state) SELECT {columns}, 'accepted' FROM {{rows}} WHERE TRUE"
        );
        self.run_rows(&sql, [], rows(winners)).await?;
        Ok(())
    }

    /// From reserved to spent.
    async fn spend(&self, winners: &[Winner<'_>]) -> Result<(), StoreError> {
        let spend = |(new, sequence): &Winner<'_>| {
            let redemption = &new.redemption;
            let entry = Entry {
                budget_id: redemption.batch_id.into(),
                subject_id: redemption.voucher_id.into(),
                sequence: *sequence,
                at: redemption.accepted_at,
            };
            let amount = redemption.payment.amount;
            Posting::from(Spend { entry, amount })
        };
        let spendings: Vec<_> = winners.iter().map(spend).collect();
        self.post_all(&spendings).await
    }
}

/// Those of `some` whose redemptions came back, in their order.
fn among<'a>(
    some: Vec<&'a NewRedemption>,
    taken: &[QueryResult],
) -> Result<Vec<&'a NewRedemption>, StoreError> {
    let ids: HashSet<Uuid> = taken
        .iter()
        .map(|row| cell(row, "redemption_id"))
        .collect::<Result<_, _>>()?;
    Ok(some
        .into_iter()
        .filter(|new| ids.contains(&new.redemption.id.uuid()))
        .collect())
}

fn steps(of: &[&NewRedemption]) -> Rows {
    Rows::default()
        .uuids(
            "voucher_id",
            of.iter().map(|new| new.code.voucher_id.uuid()),
        )
        .numbers(
            "device_no",
            of.iter().map(|new| i64::from(new.code.device_no)),
        )
        .numbers("step", of.iter().map(|new| new.code.step))
        .uuids(
            "redemption_id",
            of.iter().map(|new| new.redemption.id.uuid()),
        )
}

fn rows(winners: &[Winner<'_>]) -> Rows {
    let each = || winners.iter().map(|(new, _)| &new.redemption);
    let remainder = |(new, _): &Winner<'_>| {
        new.face_value
            .saturating_sub(new.redemption.payment.amount)
            .get()
    };
    Rows::default()
        .uuids("id", each().map(|it| it.id.uuid()))
        .uuids("voucher_id", each().map(|it| it.voucher_id.uuid()))
        .numbers(
            "sequence",
            winners.iter().map(|(_, sequence)| i64::from(*sequence)),
        )
        .uuids("batch_id", each().map(|it| it.batch_id.uuid()))
        .uuids("person_id", each().map(|it| it.person_id.uuid()))
        .uuids("station_id", each().map(|it| it.station_id.uuid()))
        .uuids("staff_id", each().map(|it| it.staff_id.uuid()))
        .texts("device_id", each().map(|it| it.device_id.clone()))
        .texts("scan_id", each().map(|it| it.scan_id.clone()))
        .texts("day", each().map(|it| it.meal.day.to_string()))
        .texts("meal", each().map(|it| it.meal.window.clone()))
        .numbers("price_fen", each().map(|it| it.payment.price.get()))
        .with(
            "price_typed",
            Cells::Flags(each().map(|it| it.payment.is_price_typed).collect()),
        )
        .numbers("amount_fen", each().map(|it| it.payment.amount.get()))
        .numbers("copay_fen", each().map(|it| it.payment.copay.get()))
        .numbers("remainder_fen", winners.iter().map(remainder))
        .with(
            "scanned_at",
            Cells::Times(each().map(|it| it.scanned_at).collect()),
        )
        .with(
            "accepted_at",
            Cells::Times(each().map(|it| it.accepted_at).collect()),
        )
}
