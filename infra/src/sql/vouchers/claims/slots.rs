//! The guard of V2: each voucher takes its person's lowest free number up to the limit, and the
//! primary key (batch, person, number) decides.

use std::collections::{HashMap, HashSet};

use niangjia_domain::{
    kernel::id::VoucherId,
    store::StoreError,
    vouchers::{batches::batch::Batch, wallet::voucher::Voucher},
};
use sea_orm::Value;
use uuid::Uuid;

use crate::sql::db::{
    bulk::{Rows, cell},
    store::SqlTx,
};

/// A batch's numbered places: so many for each person.
#[derive(Clone, Copy)]
pub(crate) struct Seats {
    batch: Uuid,
    per_person: i64,
}

impl Seats {
    pub(crate) fn of(batch: &Batch) -> Self {
        Self {
            batch: batch.id.uuid(),
            per_person: batch.rules.per_person_limit,
        }
    }

    /// Gives each voucher its person's lowest number that is neither used nor given to another of
    /// them.
    fn assign<'a>(
        self,
        vouchers: &[&'a Voucher],
        mut used: HashMap<Uuid, HashSet<i64>>,
    ) -> Vec<(&'a Voucher, i64)> {
        let lowest = |voucher: &&'a Voucher| {
            let numbers = used.entry(voucher.person_id.uuid()).or_default();
            let free = (1..=self.per_person).find(|n| !numbers.contains(n))?;
            numbers.insert(free);
            Some((*voucher, free))
        };
        vouchers.iter().filter_map(lowest).collect()
    }
}

impl SqlTx {
    /// Most people have had none yet: so everybody tries as if that were true, and those who were
    /// mistaken look again.
    pub(crate) async fn take_slots(
        &self,
        seats: Seats,
        round: &[Voucher],
    ) -> Result<HashSet<VoucherId>, StoreError> {
        let all: Vec<_> = round.iter().collect();
        let mut seated = self
            .insert_slots(seats, seats.assign(&all, HashMap::new()))
            .await?;
        let mistaken: Vec<_> = round
            .iter()
            .filter(|voucher| !seated.contains(&voucher.id))
            .collect();
        if !mistaken.is_empty() {
            let used = self.used_slots(seats, &mistaken).await?;
            seated.extend(
                self.insert_slots(seats, seats.assign(&mistaken, used))
                    .await?,
            );
        }
        Ok(seated)
    }

    async fn insert_slots(
        &self,
        seats: Seats,
        mut slots: Vec<(&Voucher, i64)>,
    ) -> Result<HashSet<VoucherId>, StoreError> {
        slots.sort_unstable_by_key(|(voucher, n)| (voucher.person_id, *n));
        let rows = Rows::default()
            .uuids(
                "person_id",
                slots.iter().map(|(voucher, _)| voucher.person_id.uuid()),
            )
            .numbers("n", slots.iter().map(|(_, n)| *n))
            .uuids(
                "voucher_id",
                slots.iter().map(|(voucher, _)| voucher.id.uuid()),
            );
        let sql = "INSERT INTO voucher_slots (batch_id, person_id, n, voucher_id) \
                   SELECT $1, person_id, n, voucher_id FROM {rows} WHERE true \
                   ON CONFLICT (batch_id, person_id, n) DO NOTHING RETURNING voucher_id";
        let taken = self.query_rows(sql, [seats.batch.into()], rows).await?;
        taken
            .iter()
            .map(|row| Ok(VoucherId::from_uuid(cell(row, "voucher_id")?)))
            .collect()
    }

    async fn used_slots(
        &self,
        seats: Seats,
        vouchers: &[&Voucher],
    ) -> Result<HashMap<Uuid, HashSet<i64>>, StoreError> {
        let persons: HashSet<_> = vouchers
            .iter()
            .map(|voucher| voucher.person_id.uuid())
            .collect();
        let sql = "SELECT s.person_id, s.n FROM {rows} CROSS JOIN voucher_slots s \
                   WHERE s.batch_id = $1 AND s.person_id = t.person_id";
        let values: [Value; 1] = [seats.batch.into()];
        let mut used: HashMap<_, HashSet<_>> = HashMap::new();
        for row in self
            .query_rows(sql, values, Rows::default().uuids("person_id", persons))
            .await?
        {
            let n: i32 = cell(&row, "n")?;
            used.entry(cell(&row, "person_id")?)
                .or_default()
                .insert(i64::from(n));
        }
        Ok(used)
    }
}
