//! Vouchers that people hold, each with a phone's secret, as claims and `code-secret` would have
//! left them.

use chrono::Utc;
use niangjia_domain::{
    kernel::{
        Clock, Id,
        id::{VoucherBatchId, VoucherId, kind},
        values::local_time,
    },
    vouchers::codes::code::{CodeSecret, CodeStep},
};
use niangjia_infra::system::{SystemClock, SystemRandom};
use sea_orm::{ConnectionTrait, Statement};

use crate::bench::installation::{people::Somebody, rows::insert, stage::Stage};

/// The phone's number; 0 is the server's.
const DEVICE: u16 = 1;
const FACE_VALUE_FEN: i64 = 1_500;

/// One voucher on one phone.
pub(in crate::bench) struct Carried {
    voucher: VoucherId,
    secret: CodeSecret,
}

impl Carried {
    /// What the phone shows now, computed as phones do.
    pub(in crate::bench) fn payload(&self) -> String {
        CodeStep::at(self.voucher, DEVICE, SystemClock.now()).payload(&self.secret)
    }
}

/// One voucher of a batch for each holder, counted and booked.
pub(in crate::bench) async fn fill(
    stage: &Stage,
    batch: VoucherBatchId,
    holders: &[Somebody],
) -> Vec<Carried> {
    let now = SystemClock.now();
    let new = |_: &Somebody| Carried {
        voucher: Id::generate(now, &SystemRandom),
        secret: CodeSecret::generate(&SystemRandom),
    };
    let carried: Vec<_> = holders.iter().map(new).collect();
    add_vouchers(stage, batch, holders, &carried).await;
    let registry = stage.registry();
    let secrets = carried.iter().map(|one| {
        let id = Id::<kind::CodeSecret>::generate(now, &SystemRandom).uuid();
        let sealed = registry.seal("voucher_secrets", "secret", id, &one.secret.expose());
        vec![
            id.into(),
            one.voucher.uuid().into(),
            i32::from(DEVICE).into(),
            "bench-phone".into(),
            sealed.into(),
            now.into(),
        ]
    });
    let columns = [
        "id",
        "voucher_id",
        "device_no",
        "device_id",
        "secret",
        "created_at",
    ];
    insert(&stage.db, "voucher_secrets", &columns, secrets).await;
    count(stage, batch, holders.len() as i64, now).await;
    carried
}

async fn add_vouchers(
    stage: &Stage,
    batch: VoucherBatchId,
    holders: &[Somebody],
    carried: &[Carried],
) {
    let now = SystemClock.now();
    let (from, until) = (
        now - chrono::TimeDelta::hours(1),
        now + chrono::TimeDelta::days(30),
    );
    let both = || {
        holders
            .iter()
            .zip(carried.iter().map(|one| one.voucher.uuid()))
    };
    let vouchers = both().map(|(holder, voucher)| {
        let (person, account) = (holder.person.uuid(), holder.account.uuid());
        let ids = [voucher, batch.uuid(), person, account].map(Into::into);
        let rest = [
            FACE_VALUE_FEN.into(),
            now.into(),
            from.into(),
            until.into(),
            "issued".into(),
        ];
        ids.into_iter().chain(rest).collect()
    });
    let columns = [
        "id",
        "batch_id",
        "person_id",
        "account_id",
        "face_value_fen",
        "issued_at",
        "valid_from",
        "valid_to",
        "state",
    ];
    insert(&stage.db, "vouchers", &columns, vouchers).await;
    book_vouchers(stage, batch, holders, carried, now).await;
}

/// Each person's first slot of the batch, and the reserve of each voucher.
async fn book_vouchers(
    stage: &Stage,
    batch: VoucherBatchId,
    holders: &[Somebody],
    carried: &[Carried],
    now: chrono::DateTime<Utc>,
) {
    let both = || {
        holders
            .iter()
            .zip(carried.iter().map(|one| one.voucher.uuid()))
    };
    let slots = both().map(|(holder, voucher)| {
        vec![
            batch.uuid().into(),
            holder.person.uuid().into(),
            1.into(),
            voucher.into(),
        ]
    });
    insert(
        &stage.db,
        "voucher_slots",
        &["batch_id", "person_id", "n", "voucher_id"],
        slots,
    )
    .await;
    let ledger = both().map(|(_, voucher)| {
        let reserve = [FACE_VALUE_FEN.into(), 0i64.into(), now.into()];
        [
            voucher.into(),
            "reserve".into(),
            0.into(),
            batch.uuid().into(),
        ]
        .into_iter()
        .chain(reserve)
        .collect()
    });
    let columns = [
        "subject_id",
        "kind",
        "sequence",
        "budget_id",
        "reserved_fen",
        "spent_fen",
        "at",
    ];
    insert(&stage.db, "ledger_postings", &columns, ledger).await;
}

async fn count(stage: &Stage, batch: VoucherBatchId, vouchers: i64, now: chrono::DateTime<Utc>) {
    let day = local_time::date_of(now).to_string();
    let counted = [
        (
            "UPDATE ledger_budgets SET issued = issued + $2, reserved_fen = reserved_fen + $3 WHERE budget_id = $1",
            vec![
                batch.uuid().into(),
                vouchers.into(),
                (vouchers * FACE_VALUE_FEN).into(),
            ],
        ),
        (
            "INSERT INTO voucher_days (batch_id, day, issued) VALUES ($1, $2, $3)",
            vec![batch.uuid().into(), day.into(), vouchers.into()],
        ),
    ];
    for (sql, values) in counted {
        let statement =
            Statement::from_sql_and_values(stage.db.get_database_backend(), sql, values);
        stage
            .db
            .execute_raw(statement)
            .await
            .expect("the counters follow");
    }
}
