//! Years of vouchers, filled by SQL: ten ended batches, one voucher of each for everybody, most
//! eaten, no sheet settled. So many rows would take the use cases hours; PostgreSQL makes them in
//! minutes.

use std::time::Instant;

use sea_orm::ConnectionTrait;

use super::{people::Somebody, stage::Stage};
use crate::bench::tell;

/// Vouchers of each person.
const EACH: usize = 10;

/// How much is there before the storms begin.
#[derive(Debug, Clone, Copy)]
pub(in crate::bench) struct Past {
    pub(in crate::bench) people: usize,
}

impl Past {
    pub(in crate::bench) const fn vouchers(self) -> usize {
        self.people * EACH
    }
}

/// Fills it in; returns those people.
pub(in crate::bench) async fn fill(stage: &Stage, past: Past) -> Vec<Somebody> {
    let started = Instant::now();
    let people = stage.registry().members(past.people).await;
    tell(format!(
        "{} people in {:.0} s",
        past.people,
        started.elapsed().as_secs_f64()
    ));
    let pattern = stage.batch(1).await.uuid();
    for statement in [
        ID,
        PEOPLE,
        &BATCHES.replace("{pattern}", &pattern.to_string()),
        COUNTERS,
    ] {
        run(stage, statement).await;
    }
    for statement in [
        DAYS,
        VOUCHERS,
        SLOTS,
        RESERVES,
        REDEMPTIONS,
        MEALS,
        SPENDS,
        TOTALS,
    ] {
        run(stage, statement).await;
    }
    run(stage, "VACUUM (ANALYZE)").await;
    run(stage, "CHECKPOINT").await;
    let vouchers = stage.number("SELECT COUNT(*) FROM vouchers").await;
    assert_eq!(vouchers, past.vouchers() as i64, "vouchers of the past");
    tell(format!(
        "{vouchers} vouchers with their history in {:.0} s",
        started.elapsed().as_secs_f64()
    ));
    people
}

async fn run(stage: &Stage, sql: &str) {
    let started = Instant::now();
    stage
        .db
        .execute_unprepared(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    if started.elapsed().as_secs() > 4 {
        tell(format!(
            "{:.0} s: {}…",
            started.elapsed().as_secs_f64(),
            sql.get(..60).unwrap_or(sql)
        ));
    }
}

/// A version-7 id of `k` months ago: the past fills indexes in the order of time, as it did.
const ID: &str = "CREATE FUNCTION bench_past(k bigint, n bigint) RETURNS uuid LANGUAGE sql STABLE AS \
    $$ SELECT encode(substring(int8send(1780000000000 - k * 2592000000 + n) FROM 3) \
                     || '\\x7000'::bytea || int8send(n), 'hex')::uuid $$";

/// Those whom `Registry::members` wrote; the demo's stay as they are.
const PEOPLE: &str = "CREATE UNLOGGED TABLE bench_people AS \
    SELECT row_number() OVER (ORDER BY id) AS n, person_id, account_id FROM memberships \
    WHERE member_no LIKE 'B%'";

/// As the batch that the API made, but over.
const BATCHES: &str = "INSERT INTO voucher_batches (id, name, district, state, rules, valid_to, drafted_by, decided_by, \
        created_at) \
    SELECT bench_past(k, 0), name, district, 'running', \
           rules || jsonb_build_object('valid_to', to_char(now() - k * interval '30 days', 'YYYY-MM-DD\"T00:00:00Z\"')), \
           now() - k * interval '30 days', drafted_by, decided_by, now() - (k + 1) * interval '30 days' \
    FROM voucher_batches, generate_series(1, 10) k WHERE id = '{pattern}'";

const COUNTERS: &str = "INSERT INTO ledger_budgets (budget_id, open, quota, budget_fen, issued) \
    SELECT bench_past(k, 0), false, c, c * 1500, c FROM generate_series(1, 10) k, (SELECT count(*) c FROM bench_people) p";

const DAYS: &str = "INSERT INTO voucher_days (batch_id, day, issued) \
    SELECT bench_past(k, 0), '2026-01-01', c FROM generate_series(1, 10) k, (SELECT count(*) c FROM bench_people) p";

/// Nine of ten are eaten.
const VOUCHERS: &str = "INSERT INTO vouchers (id, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, \
        valid_to, state, redemptions) \
    SELECT bench_past(k, n), bench_past(k, 0), person_id, account_id, 1500, now() - (k + 1) * interval '30 days', \
           now() - (k + 1) * interval '30 days', now() - k * interval '30 days', \
           CASE WHEN n % 10 = 0 THEN 'expired' ELSE 'redeemed' END, CASE WHEN n % 10 = 0 THEN 0 ELSE 1 END \
    FROM generate_series(1, 10) k, bench_people";

const SLOTS: &str = "INSERT INTO voucher_slots (batch_id, person_id, n, voucher_id) \
    SELECT batch_id, person_id, 1, id FROM vouchers";

const RESERVES: &str = "INSERT INTO ledger_postings (subject_id, kind, sequence, budget_id, reserved_fen, spent_fen, at) \
    SELECT id, 'reserve', 0, batch_id, 1500, 0, issued_at FROM vouchers";

const REDEMPTIONS: &str = "INSERT INTO redemptions (id, voucher_id, sequence, batch_id, person_id, station_id, staff_id, \
        device_id, scan_id, day, meal, price_fen, amount_fen, copay_fen, remainder_fen, scanned_at, accepted_at, state) \
    SELECT v.id, v.id, 1, v.batch_id, v.person_id, s.id, v.account_id, 'scanner-1', 'past-' || v.id, \
           to_char(v.issued_at, 'YYYY-MM-DD'), '全天', 1500, 1500, 0, 0, v.issued_at, v.issued_at, 'accepted' \
    FROM vouchers v, (SELECT id FROM stations LIMIT 1) s WHERE v.state = 'redeemed'";

const MEALS: &str = "INSERT INTO person_meals (person_id, day, meal, redemption_id) \
    SELECT person_id, day, meal, id FROM redemptions";

const SPENDS: &str = "INSERT INTO ledger_postings (subject_id, kind, sequence, budget_id, reserved_fen, spent_fen, at) \
    SELECT id, CASE state WHEN 'redeemed' THEN 'spend' ELSE 'release' END, redemptions, batch_id, -1500, \
           1500 * redemptions, issued_at FROM vouchers";

const TOTALS: &str = "UPDATE ledger_budgets c SET spent_fen = t.spent FROM \
    (SELECT budget_id, sum(spent_fen) AS spent FROM ledger_postings GROUP BY budget_id) t \
    WHERE t.budget_id = c.budget_id AND NOT c.open";
