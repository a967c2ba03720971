//! A process that is asked to end in a storm of claims: whoever's request had arrived is answered,
//! and what was promised is in the database. The control ends it by force.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use niangjia_domain::kernel::id::{VoucherBatchId, VoucherId};
use niangjia_infra::sql::SqlStore;
use niangjia_tests::{
    client::{Client, fresh_key},
    demo_town::DemoTown,
    eventually::eventually_so,
    servers::{
        database::{Kind, TestDatabase},
        process::{PASSWORD, Process},
        standstill::Standstill,
        throwaway::fresh_folder,
    },
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{status_of, until};

/// Who claims before the process is asked to end, and who while it is ending.
const EARLY: usize = 40;
const LATE: usize = 10;

struct Storm {
    process: Process,
    members: Vec<Client>,
    batch: String,
    store: SqlStore,
    _database: TestDatabase,
}

/// A claim whose every byte was handed over.
struct Sent(TcpStream);

impl Sent {
    /// `None`: the line went dead.
    async fn answer(mut self) -> Option<(u16, Value)> {
        let mut text = String::new();
        self.0.read_to_string(&mut text).await.ok()?;
        let (head, body) = text.split_once("\r\n\r\n")?;
        Some((
            head.split(' ').nth(1)?.parse().ok()?,
            serde_json::from_str(body).ok()?,
        ))
    }
}

impl Storm {
    async fn gathers(kind: Kind) -> Self {
        let database = TestDatabase::new(kind).await;
        let settings = [
            ("NIANGJIA_DATABASE_URL", database.url.clone()),
            ("NIANGJIA_DATABASE_LOCK_TIMEOUT_MS", "9000".to_owned()),
        ];
        let start = move || Process::start(&fresh_folder("storm"), &settings);
        let process = tokio::task::spawn_blocking(start).await.unwrap();
        let town = DemoTown::enter(&process.base, PASSWORD).await.unwrap();
        let mut draft = town.draft();
        (draft["quota"], draft["budgetFen"]) = (json!(100), json!(150_000));
        let batch = town.running(draft).await.unwrap();
        let join = async |_| town.provisional_member().await.unwrap().0;
        let members = join_all((0..EARLY + LATE).map(join)).await;
        Self {
            process,
            members,
            batch,
            store: database.store().await,
            _database: database,
        }
    }

    /// `None`: nobody listens any more.
    async fn claim(&self, member: &Client) -> Option<Sent> {
        let address = self.process.base.strip_prefix("http://").unwrap();
        let (token, key) = (member.token().unwrap(), fresh_key());
        let request = format!(
            "POST /api/v1/voucher-batches/{}/claims HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             authorization: Bearer {token}\r\nidempotency-key: {key}\r\ncontent-type: application/json\r\n\
             content-length: 2\r\n\r\n{{}}",
            self.batch
        );
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        Some(Sent(stream))
    }

    async fn claims(&self, members: &[Client]) -> Vec<Option<Sent>> {
        join_all(members.iter().map(|member| self.claim(member))).await
    }

    async fn stored(&self) -> BTreeSet<VoucherId> {
        let database = self.store.writer();
        let batch: VoucherBatchId = self.batch.parse().unwrap();
        let sql = "SELECT id FROM vouchers WHERE batch_id = $1";
        let statement = Statement::from_sql_and_values(
            database.get_database_backend(),
            sql,
            [batch.uuid().into()],
        );
        let rows = database.query_all_raw(statement).await.unwrap();
        rows.iter()
            .map(|row| VoucherId::from_uuid(row.try_get("", "id").unwrap()))
            .collect()
    }
}

async fn answers(sent: Vec<Option<Sent>>) -> Vec<Option<(u16, Value)>> {
    join_all(sent.into_iter().map(|sent| async { sent?.answer().await })).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_storm_is_answered_to_the_last_claim(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let mut storm = Storm::gathers(kind).await;
    let base = storm.process.base.clone();
    let standstill = Standstill::of(&storm.store).await;
    let early = storm.claims(&storm.members[..EARLY]).await;
    let asked = Instant::now();
    storm.process.ask_to_end();
    until(&base, "/health/ready", 503).await;
    let late = storm.claims(&storm.members[EARLY..]).await;
    // Doors are passed in order: if this one is answered, so were all before it let in.
    let let_in = status_of(&base, "/health/ready").await == Some(503);
    eventually_so("the doors are shut", async || {
        status_of(&base, "/health/live").await.is_none()
    })
    .await;
    // Only now, with the doors shut, can anything be written.
    standstill.end().await;
    let (early, late) = tokio::join!(answers(early), answers(late));
    let ended = tokio::task::spawn_blocking(move || (storm.process.terminate(), storm)).await;
    let (code, storm) = ended.unwrap();
    assert_eq!(code, Some(0), "{}", storm.process.log());
    assert!(asked.elapsed() < Duration::from_secs(30));

    let mut promised = BTreeSet::new();
    for answer in early.iter().chain(&late) {
        match answer {
            Some((201, voucher)) => {
                let id: VoucherId = voucher["id"].as_str().unwrap().parse().unwrap();
                assert!(promised.insert(id), "promised twice");
            }
            Some((503, problem)) => assert!(problem["code"].is_string(), "{problem}"),
            Some(other) => panic!("{other:?}"),
            None => {}
        }
    }
    assert!(
        early.iter().all(|answer| matches!(answer, Some((201, _)))),
        "{early:?}"
    );
    assert!(!let_in || late.iter().all(Option::is_some), "{late:?}");
    let (stored, unknown) = (
        storm.stored().await,
        late.iter().filter(|answer| answer.is_none()).count(),
    );
    assert!(promised.is_subset(&stored), "what was promised is there");
    assert!(stored.len() <= promised.len() + unknown, "and nothing else");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn control_a_process_ended_by_force_leaves_the_storm_unanswered(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let mut storm = Storm::gathers(kind).await;
    let standstill = Standstill::of(&storm.store).await;
    let early = storm.claims(&storm.members[..EARLY]).await;
    until(&storm.process.base, "/health/ready", 200).await;
    storm.process.kill();
    standstill.end().await;
    assert!(
        answers(early).await.iter().all(Option::is_none),
        "the standstill holds everybody up"
    );
    assert!(storm.stored().await.is_empty());
}
