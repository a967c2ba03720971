//! Settlements over HTTP, and their exports opened by something that is not ours.

mod export;
mod payment;

use std::{fs, path::Path, process::Command, time::Duration};

use chrono::{NaiveDate, TimeDelta};
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::{
    sql::{Patience, SqlStore},
    system::SystemClock,
};
use niangjia_tests::{
    client::{Client, Reply},
    demo_town::DemoTown,
    servers::{
        database::{Kind, TestDatabase},
        process::{PASSWORD, Process},
        throwaway::fresh_folder,
    },
};
use sea_orm::{ConnectionTrait, Statement, Value as SqlValue};
use serde_json::{Value, json};

/// A server on a database that the test can reach behind its back, because nobody waits a day for a
/// period to end.
pub struct Counter {
    process: Process,
    pub store: SqlStore,
    pub town: DemoTown,
    pub folder: std::path::PathBuf,
    // Gone last.
    _database: TestDatabase,
}

impl Counter {
    pub async fn open(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let folder = fresh_folder("settlements");
        let settings = vec![("NIANGJIA_DATABASE_URL", database.url.clone())];
        let place = folder.clone();
        let start = move || Process::start(&place, &settings);
        let process = tokio::task::spawn_blocking(start).await.unwrap();
        let (store, town) = (
            // A month of rows is written by one statement.
            database
                .store_with(Patience {
                    statement: Duration::from_secs(300),
                    ..Patience::default()
                })
                .await,
            DemoTown::enter(&process.base, PASSWORD).await.unwrap(),
        );
        Self {
            process,
            store,
            town,
            folder,
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
        let mut draft = self.town.draft();
        draft["budgetFen"] = json!(1_500 * 10);
        let batch = self.town.running(draft).await.unwrap();
        let mut ids = Vec::new();
        for _ in 0..meals {
            let (worker, voucher) = self.town.holder(&batch).await.unwrap();
            let code = self.town.code(&worker, &voucher).await.unwrap();
            let scan = self.town.scan_of(code.text("payload").unwrap());
            let redemption = self
                .town
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
        let body = json!({ "stationId": self.town.station, "from": day, "to": day });
        let sheet = self
            .town
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
