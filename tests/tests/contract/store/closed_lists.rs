//! Closed lists are tables on both databases: one more state is one row, and no table is rebuilt.

use std::collections::BTreeSet;

use niangjia_domain::{
    checkups::bookings::booking::BookingStatus,
    identity::accounts::account::AccountKind,
    membership::{
        consents::consent::ConsentAct, standing::lifecycle::Status, unions::union::UnionKind,
    },
    settlements::SettlementStatus,
    stations::ReportKind,
    uploads::{PhotoType, Purpose, Refusal},
    vouchers::{
        allotment::AllotmentState,
        batches::batch::BatchStatus,
        collusion::{Signal, SuspensionDecision},
        draw::DrawState,
        offline::disputes::dispute::DisputeStatus,
        wallet::voucher::VoucherState,
    },
    wishes::{claims::wish_claim::ClaimStatus, wish::status::WishStatus},
};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::servers::database::{Kind, TestDatabase};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

async fn texts(store: &SqlStore, sql: &str) -> Vec<String> {
    let db = store.writer();
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index(0).unwrap())
        .collect()
}

/// Every CHECK of the schema, as the database keeps it.
async fn checks(store: &SqlStore) -> Vec<String> {
    match store.writer().get_database_backend() {
        DbBackend::Postgres => {
            let sql = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' \
                       AND connamespace = 'public'::regnamespace";
            texts(store, sql).await
        }
        _ => {
            let sql = "SELECT sql FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL";
            let tables = texts(store, sql).await;
            tables.iter().flat_map(|table| checks_of(table)).collect()
        }
    }
}

/// `CHECK (…)` with balanced brackets.
fn checks_of(table: &str) -> Vec<String> {
    table
        .match_indices("CHECK (")
        .map(|(start, _)| {
            let mut depth = 0;
            let end = table[start..].find(|letter| {
                depth += i32::from(letter == '(') - i32::from(letter == ')');
                letter == ')' && depth == 0
            });
            table[start..=start + end.expect("a closing bracket")].to_owned()
        })
        .collect()
}

/// Says what a column may be, rather than what else must be there when it is that.
fn is_closed_list(check: &str) -> bool {
    (check.contains(" IN (") || check.contains("= ANY")) && !check.contains("NULL")
}

#[rstest]
#[tokio::test]
async fn no_check_is_a_closed_list(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let store = TestDatabase::new(kind).await.store().await;
    let found = checks(&store).await;
    assert!(found.len() > 80, "{} CHECKs were found", found.len());
    let lists: Vec<_> = found.iter().filter(|check| is_closed_list(check)).collect();
    assert!(lists.is_empty(), "closed lists outside tables: {lists:?}");
}

/// Control: the same eyes see one where there is one.
#[rstest]
#[tokio::test]
async fn control_a_closed_list_is_noticed(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let store = TestDatabase::new(kind).await.store().await;
    let table = "CREATE TABLE control (state TEXT NOT NULL CHECK (state IN ('a', 'b')))";
    store.writer().execute_unprepared(table).await.unwrap();
    let found = checks(&store).await;
    assert_eq!(found.iter().filter(|one| is_closed_list(one)).count(), 1);
}

/// A row in a state to come: its list, the state, and the statement that writes it. `settled_at`
/// shows that what ties columns together binds today's states only.
#[rstest]
#[case::account(
    "account_kinds",
    "kiosk",
    "INSERT INTO accounts (id, kind, created_at) VALUES ({id:2}, 'kiosk', '2026-11-28T00:00:00Z')"
)]
#[case::role(
    "account_roles",
    "steward",
    "INSERT INTO account_grants (id, account_id, granted_at, role, union_id, station_id) \
     VALUES ({id:2}, {id:1}, '2026-11-28T00:00:00Z', 'steward', {id:2}, {id:2})"
)]
#[case::upload(
    "upload_states",
    "archived",
    "INSERT INTO uploads (id, owner_id, purpose, content_type, token, created_at, status, settled_at, original_kept) \
     VALUES ({id:2}, {id:1}, 'wish_photo', 'image/png', '0123456789abcdef0123456789abcdef', \
       '2026-11-28T00:00:00Z', 'archived', '2026-11-28T00:00:00Z', TRUE)"
)]
#[tokio::test]
async fn one_more_state_is_one_more_row(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] list: &str,
    #[case] state: &str,
    #[case] row: &str,
) {
    let store = TestDatabase::new(kind).await.store().await;
    let owner = "INSERT INTO accounts (id, kind, username, created_at) \
                 VALUES ({id:1}, 'back_office', 'owner', '2026-11-28T00:00:00Z')";
    run(&store, owner).await.unwrap();
    let refused = run(&store, row).await.unwrap_err();
    assert!(
        matches!(
            refused.sql_err(),
            Some(sea_orm::SqlErr::ForeignKeyConstraintViolation(_))
        ),
        "{refused}"
    );
    let added = format!("INSERT INTO {list} (code) VALUES ('{state}')");
    run(&store, &added).await.unwrap();
    run(&store, row).await.unwrap();
}

/// `{id:n}` is an id as the database keeps it.
async fn run(store: &SqlStore, sql: &str) -> Result<(), DbErr> {
    let db = store.writer();
    let sql = (1..=2).fold(sql.to_owned(), |sql, n| {
        let digits = format!("019ac00000007000800000000000000{n}");
        let literal = match db.get_database_backend() {
            DbBackend::Postgres => format!("'{digits}'::uuid"),
            _ => format!("X'{digits}'"),
        };
        sql.replace(&format!("{{id:{n}}}"), &literal)
    });
    db.execute_unprepared(&sql).await.map(drop)
}

#[rstest]
#[case("account_kinds", codes(AccountKind::ALL, AccountKind::code))]
#[case("station_report_kinds", codes(ReportKind::ALL, ReportKind::code))]
#[case("membership_states", codes(Status::ALL, Status::code))]
#[case("union_kinds", codes(UnionKind::ALL, UnionKind::code))]
#[case("consent_acts", codes(ConsentAct::ALL, ConsentAct::code))]
#[case("upload_purposes", codes(Purpose::ALL, Purpose::code))]
#[case("upload_content_types", codes(PhotoType::ALL, PhotoType::code))]
#[case("upload_refusals", codes(Refusal::ALL, Refusal::code))]
#[case("wish_states", codes(WishStatus::ALL, WishStatus::code))]
#[case("wish_claim_states", codes(ClaimStatus::ALL, ClaimStatus::code))]
#[case("voucher_states", codes(VoucherState::ALL, VoucherState::code))]
#[case("voucher_draw_states", codes(DrawState::ALL, DrawState::code))]
#[case(
    "voucher_allotment_run_states",
    codes(AllotmentState::ALL, AllotmentState::code)
)]
#[case("disputed_scan_states", codes(DisputeStatus::ALL, DisputeStatus::code))]
#[case(
    "suspension_decisions",
    codes(SuspensionDecision::ALL, SuspensionDecision::code)
)]
#[case("suspension_signal_kinds", codes(Signal::ALL, Signal::code))]
#[case(
    "settlement_states",
    codes(SettlementStatus::ALL, SettlementStatus::code)
)]
#[case(
    "checkup_booking_states",
    codes(BookingStatus::ALL, BookingStatus::code)
)]
// `ended` is a matter of time, and never stored.
#[case(
    "voucher_batch_states",
    without(codes(BatchStatus::ALL, BatchStatus::code), "ended")
)]
#[tokio::test]
async fn lists_are_what_the_domain_says(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
    #[case] list: &str,
    #[case] said: BTreeSet<&'static str>,
) {
    let store = TestDatabase::new(kind).await.store().await;
    let kept = texts(&store, &format!("SELECT code FROM {list}")).await;
    let kept: BTreeSet<_> = kept.iter().map(String::as_str).collect();
    assert_eq!(kept, said);
}

fn codes<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> BTreeSet<&'static str> {
    all.iter().map(|one| code(*one)).collect()
}

fn without(mut codes: BTreeSet<&'static str>, one: &str) -> BTreeSet<&'static str> {
    assert!(codes.remove(one), "{one}");
    codes
}
