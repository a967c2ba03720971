//! Settlements over HTTP, and their exports opened by something that is not ours.

use std::{fs, path::Path, process::Command, sync::Arc};

use chrono::{NaiveDate, TimeDelta};
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::{sql::SqlStore, system::SystemClock};
use niangjia_tests::{
    client::{Client, Reply},
    database::{Kind, TestDatabase},
    lunch::Lunch,
    process::Process,
    throwaway::fresh_folder,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement, Value as SqlValue};
use serde_json::{Value, json};

/// A server on a database that the test can reach behind its back, because nobody waits a day for a
/// period to end.
pub struct Counter {
    process: Process,
    store: SqlStore,
    pub lunch: Lunch,
    pub folder: std::path::PathBuf,
    pub settings: Vec<(&'static str, String)>,
    // Gone last.
    _database: TestDatabase,
}

impl Counter {
    pub async fn open(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let folder = fresh_folder("settlements");
        let settings = vec![("NIANGJIA_DATABASE_URL", database.url.clone())];
        let (place, with) = (folder.clone(), settings.clone());
        let start = move || Process::start(&place, &with);
        let process = tokio::task::spawn_blocking(start).await.unwrap();
        let (store, lunch) = (database.store().await, Lunch::at(&process.base).await);
        Self {
            process,
            store,
            lunch,
            folder,
            settings,
            _database: database,
        }
    }

    fn yesterday(&self) -> NaiveDate {
        local_time::date_of(SystemClock.now()) - TimeDelta::days(1)
    }

    async fn execute(&self, sql: &str, values: impl IntoIterator<Item = SqlValue>) {
        let backend = self.store.writer().get_database_backend();
        self.store
            .writer()
            .execute_raw(Statement::from_sql_and_values(backend, sql, values))
            .await
            .unwrap();
    }

    /// Somebody eats today; then it was yesterday.
    async fn eaten_yesterday(&self, meals: i64) -> Vec<String> {
        let mut draft = self.lunch.draft();
        draft["budgetFen"] = json!(1_500 * 10);
        let batch = self.lunch.running(draft).await;
        let mut ids = Vec::new();
        for _ in 0..meals {
            let (worker, voucher) = self.lunch.holder(&batch).await;
            let code = self.lunch.code(&worker, &voucher).await;
            let scan = self.lunch.scan_of(code.text("payload").unwrap());
            let redemption = self
                .lunch
                .staff
                .post_once("/redemptions", scan)
                .await
                .expect_status(201)
                .unwrap();
            ids.push(redemption.id().unwrap().to_owned());
        }
        self.until_tomorrow().await;
        ids
    }

    /// What was eaten today was eaten yesterday.
    pub async fn until_tomorrow(&self) {
        let then = SystemClock.now() - TimeDelta::days(1);
        let sql = "UPDATE redemptions SET day = $1, scanned_at = $2, accepted_at = $2 WHERE state = 'accepted'";
        self.execute(sql, [self.yesterday().to_string().into(), then.into()])
            .await;
    }

    pub async fn open_sheet(&self) -> String {
        let day = self.yesterday();
        let body = json!({ "stationId": self.lunch.station, "from": day, "to": day });
        let sheet = self
            .lunch
            .cadre
            .post("/admin/settlements", body)
            .await
            .expect_status(201)
            .unwrap();
        assert_eq!(
            (&sheet.body["status"], &sheet.body["from"]),
            (&json!("open"), &json!(day))
        );
        sheet.id().unwrap().to_owned()
    }

    /// Downloads both files and lets Python's standard library open them and add them up.
    async fn checked_export(&self, client: &Client, id: &str) -> Value {
        let mut paths = Vec::new();
        for extension in ["csv", "xlsx"] {
            let url = format!(
                "{}/api/v1/admin/settlements/{id}.{extension}",
                self.process.base
            );
            let download = reqwest::Client::new()
                .get(url)
                .bearer_auth(client.token().unwrap())
                .send()
                .await
                .unwrap();
            assert_eq!(download.status(), 200);
            let disposition = download.headers()["content-disposition"]
                .to_str()
                .unwrap()
                .to_owned();
            assert_eq!(
                disposition,
                format!("attachment; filename=\"{id}.{extension}\"")
            );
            let path = self.folder.join(format!("sheet.{extension}"));
            fs::write(&path, download.bytes().await.unwrap()).unwrap();
            paths.push(path);
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk/settlement_check.py");
        let check = Command::new("python3").arg(script).args(&paths).output();
        let check = check.expect("python3 is there: deploy/scripts/install-test-tools installs it");
        assert!(
            check.status.success(),
            "{}",
            String::from_utf8_lossy(&check.stderr)
        );
        serde_json::from_slice(&check.stdout).unwrap()
    }
}

pub async fn step(client: &Client, id: &str, step: &str, body: Value) -> Reply {
    client
        .post(&format!("/admin/settlements/{id}/{step}"), body)
        .await
}

#[rstest]
#[tokio::test]
async fn a_station_is_paid_to_the_fen(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let counter = Counter::open(kind).await;
    let Lunch {
        cadre,
        checker,
        staff,
        station,
        ..
    } = &counter.lunch;
    let meals = counter.eaten_yesterday(3).await;
    let id = counter.open_sheet().await;
    let overlap =
        json!({ "stationId": station, "from": counter.yesterday(), "to": counter.yesterday() });
    cadre
        .post("/admin/settlements", overlap)
        .await
        .expect_problem(409, "settlement_period_taken")
        .unwrap();
    let export = format!("/admin/settlements/{id}.csv");
    cadre
        .get(&export)
        .await
        .expect_problem(409, "settlement_not_frozen")
        .unwrap();
    let frozen = step(cadre, &id, "freeze", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    let sheet = &frozen.body["sheet"];
    assert_eq!(
        (&sheet["lines"], &sheet["totalFen"]),
        (&json!(3), &json!(4_500))
    );
    let late = json!({ "reason": "扫错了" });
    let late = staff
        .post(&format!("/redemptions/{}/annulment", meals[0]), late)
        .await;
    late.expect_problem(409, "already_settled").unwrap();

    let seen = staff
        .get(&format!("/stations/{station}/settlements"))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(seen.body["items"][0]["sheet"], *sheet);
    let lines = staff
        .get(&format!("/admin/settlements/{id}/lines?limit=2"))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (
            &lines.body["items"][1]["no"],
            &lines.body["items"][1]["amountFen"]
        ),
        (&json!(2), &json!(1_500))
    );
    let cursor = lines.text("nextCursor").unwrap();
    let rest = staff
        .get(&format!(
            "/admin/settlements/{id}/lines?limit=2&cursor={cursor}"
        ))
        .await;
    assert_eq!(rest.body["items"].as_array().unwrap().len(), 1);
    let found = counter.checked_export(staff, &id).await;
    assert_eq!(
        (&found["hash"], &found["totalFen"]),
        (&sheet["hash"], &sheet["totalFen"])
    );

    let disputed = step(staff, &id, "dispute", json!({ "reason": "少了一笔" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(
        (
            disputed.text("status").unwrap(),
            disputed.text("reason").unwrap()
        ),
        ("open", "少了一笔")
    );
    let again = step(cadre, &id, "freeze", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(again.body["sheet"]["hash"], sheet["hash"]);
    let wrong = json!({ "hash": "0000" });
    step(staff, &id, "confirmation", wrong)
        .await
        .expect_problem(409, "settlement_other_sheet")
        .unwrap();
    step(cadre, &id, "confirmation", json!({}))
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
    step(staff, &id, "confirmation", json!({ "hash": sheet["hash"] }))
        .await
        .expect_status(200)
        .unwrap();
    let approve = json!({ "decision": "approve" });
    step(cadre, &id, "decisions", approve.clone())
        .await
        .expect_problem(409, "same_person")
        .unwrap();
    step(checker, &id, "decisions", json!({ "decision": "return" }))
        .await
        .expect_status(422)
        .unwrap();
    step(checker, &id, "decisions", approve)
        .await
        .expect_status(200)
        .unwrap();
    step(cadre, &id, "closure", json!({}))
        .await
        .expect_problem(409, "settlement_state_conflict")
        .unwrap();
    let paid = step(cadre, &id, "payment", json!({ "reference": "2026-07-001" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(paid.body["paymentReference"], "2026-07-001");
    let closed = step(cadre, &id, "closure", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(closed.body["status"], "closed");
    step(cadre, &id, "cancellation", json!({ "reason": "作废" }))
        .await
        .expect_status(409)
        .unwrap();

    let adjustment = format!("/admin/redemptions/{}/adjustment", meals[0]);
    let taken_back = cadre
        .post(&adjustment, json!({ "reason": "=HYPERLINK(1)" }))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(taken_back.body["amountFen"], -1_500);
    cadre
        .post(&adjustment, json!({ "reason": "重复收款" }))
        .await
        .expect_problem(409, "already_adjusted")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn wrong_periods_are_refused_with_the_field(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let counter = Counter::open(kind).await;
    let station = &counter.lunch.station;
    for (from, to, status) in [
        ("2026-06-30", "2026-06-01", 422),
        ("2026-01-01", "2026-12-31", 422),
        ("9999-12-30", "9999-12-31", 422),
        ("2026-02-30", "2026-03-01", 422),
        ("tomorrow", "2026-03-01", 422),
    ] {
        let body = json!({ "stationId": station, "from": from, "to": to });
        counter
            .lunch
            .cadre
            .post("/admin/settlements", body)
            .await
            .expect_status(status)
            .unwrap();
    }
    let surplus =
        json!({ "stationId": station, "from": "2026-06-01", "to": "2026-06-01", "colour": "red" });
    counter
        .lunch
        .cadre
        .post("/admin/settlements", surplus)
        .await
        .expect_status(422)
        .unwrap();
    for query in ["status=gone", "stationId=nonsense"] {
        counter
            .lunch
            .cadre
            .get(&format!("/admin/settlements?{query}"))
            .await
            .expect_status(422)
            .unwrap();
    }
    let today = local_time::date_of(SystemClock.now());
    let body = json!({ "stationId": station, "from": today, "to": today });
    let open = counter
        .lunch
        .cadre
        .post("/admin/settlements", body)
        .await
        .expect_status(201)
        .unwrap();
    let early = step(
        &counter.lunch.cadre,
        open.id().unwrap(),
        "freeze",
        json!({}),
    )
    .await;
    early
        .expect_problem(409, "settlement_period_not_over")
        .unwrap();
}

/// How many redemptions a big station has in a busy month.
const MONTH: i64 = 200_000;
/// What exporting them may add to the server's memory, in KiB.
const GROWTH_KIB: u64 = 64 * 1024;

#[rstest]
#[tokio::test]
async fn a_month_of_200_000_redemptions_is_exported_in_bounded_memory(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let counter = Arc::new(Counter::open(kind).await);
    counter.eaten_yesterday(1).await;
    multiply(&counter, kind, MONTH).await;
    let id = counter.open_sheet().await;
    let before = peak_kib(counter.process.pid());
    let frozen = step(&counter.lunch.cadre, &id, "freeze", json!({}))
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(frozen.body["sheet"]["lines"], MONTH);
    let found = counter.checked_export(&counter.lunch.checker, &id).await;
    assert_eq!(found["lines"], MONTH);
    assert_eq!(
        (&found["hash"], &found["totalFen"]),
        (
            &frozen.body["sheet"]["hash"],
            &frozen.body["sheet"]["totalFen"]
        )
    );
    let growth = peak_kib(counter.process.pid()).saturating_sub(before);
    assert!(
        growth < GROWTH_KIB,
        "the server grew by {growth} KiB from {before}"
    );
}

/// Copies the one redemption and its voucher until there are `total`, each of its own, of a person
/// of its own and scanned by staff of its own: so many at once by one would look like collusion.
async fn multiply(counter: &Counter, kind: Kind, total: i64) {
    let (series, id) = match kind {
        Kind::Sqlite => (
            "(WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < $1) SELECT n FROM n) n",
            "randomblob(16)",
        ),
        Kind::Postgres => (
            "generate_series(2, CAST($1 AS BIGINT)) AS n(n)",
            "gen_random_uuid()",
        ),
    };
    let vouchers = format!(
        "INSERT INTO vouchers (id, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, valid_to, state, \
           redemptions) \
         SELECT {id}, batch_id, person_id, account_id, face_value_fen, issued_at, valid_from, valid_to, state, 1 \
         FROM vouchers, {series} WHERE state = 'redeemed'"
    );
    counter.execute(&vouchers, [total.into()]).await;
    let redemptions = format!(
        "INSERT INTO redemptions (id, voucher_id, sequence, batch_id, person_id, station_id, staff_id, device_id, scan_id, \
           day, meal, price_fen, amount_fen, copay_fen, remainder_fen, scanned_at, accepted_at, state) \
         SELECT {id}, v.id, 1, r.batch_id, v.id, r.station_id, v.id, r.device_id, r.scan_id, r.day, r.meal, \
           r.price_fen, r.amount_fen, r.copay_fen, r.remainder_fen, r.scanned_at, r.accepted_at, r.state \
         FROM redemptions r, vouchers v WHERE v.state = 'redeemed' AND v.id <> r.voucher_id"
    );
    counter.execute(&redemptions, []).await;
    let spent = "UPDATE ledger_budgets SET budget_fen = 1500 * $1, quota = $1, reserved_fen = 0, spent_fen = 1500 * $1 \
                 WHERE spent_fen > 0";
    counter.execute(spent, [total.into()]).await;
}

/// The most memory that a process has had resident. Linux counts it per processor, so a later
/// reading may be a few pages below an earlier one.
fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .expect("the peak");
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
