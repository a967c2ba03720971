//! People by the ten thousand, written by SQL as the use cases would have left them: sealed names
//! and numbers, live memberships, sessions.

use chrono::{DateTime, Utc};
use niangjia_domain::{
    identity::sessions::token::AccessClaims,
    kernel::{
        Clock, Id,
        id::{AccountId, PersonId, SessionId, StationId, kind},
    },
};
use niangjia_infra::{
    crypto::{FieldCipher, field_cipher::Cell},
    system::{SystemClock, SystemRandom},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use serde_json::json;
use uuid::Uuid;

use crate::{
    bench::installation::rows::{AT_ONCE, insert},
    people,
    places::DISTRICT,
};

/// Somebody who is signed in.
#[derive(Debug, Clone, Copy)]
pub(in crate::bench) struct Somebody {
    pub(in crate::bench) account: AccountId,
    pub(in crate::bench) person: PersonId,
    pub(in crate::bench) session: SessionId,
}

impl Somebody {
    fn new(now: DateTime<Utc>) -> Self {
        let random = &SystemRandom;
        Self {
            account: Id::generate(now, random),
            person: Id::generate(now, random),
            session: Id::generate(now, random),
        }
    }

    pub(in crate::bench) fn claims(&self) -> AccessClaims {
        AccessClaims {
            account_id: self.account,
            session_id: self.session,
        }
    }
}

/// Where they are written.
pub(in crate::bench) struct Registry<'a> {
    pub(in crate::bench) db: &'a DatabaseConnection,
    pub(in crate::bench) cipher: FieldCipher,
}

impl Registry<'_> {
    /// Members in good standing, each with a session.
    pub(in crate::bench) async fn members(&self, count: usize) -> Vec<Somebody> {
        let now = SystemClock.now();
        let union = self.any_union().await;
        let everybody: Vec<_> = (0..count).map(|_| Somebody::new(now)).collect();
        for (part, some) in everybody.chunks(AT_ONCE).enumerate() {
            self.accounts(some, now).await;
            let persons = some
                .iter()
                .enumerate()
                .map(|(n, one)| self.person(one, part * AT_ONCE + n, now));
            insert(
                self.db,
                "persons",
                &["id", "name", "id_number", "id_number_index", "created_at"],
                persons,
            )
            .await;
            let columns = [
                "id",
                "person_id",
                "account_id",
                "union_id",
                "routing",
                "occupation",
                "work_district",
                "applied_at",
                "status",
                "member_no",
                "joined_on",
                "revision",
            ];
            insert(
                self.db,
                "memberships",
                &columns,
                some.iter().map(|one| membership(one, union, now)),
            )
            .await;
        }
        everybody
    }

    /// People at the scanners of one station.
    pub(in crate::bench) async fn staff(&self, count: usize, station: StationId) -> Vec<Somebody> {
        let now = SystemClock.now();
        let everybody: Vec<_> = (0..count).map(|_| Somebody::new(now)).collect();
        self.accounts(&everybody, now).await;
        let grants = everybody.iter().map(|one| {
            let id = Id::<kind::Grant>::generate(now, &SystemRandom);
            vec![
                id.uuid().into(),
                one.account.uuid().into(),
                now.into(),
                "station_staff".into(),
                station.uuid().into(),
            ]
        });
        insert(
            self.db,
            "account_grants",
            &["id", "account_id", "granted_at", "role", "station_id"],
            grants,
        )
        .await;
        everybody
    }

    async fn accounts(&self, some: &[Somebody], now: DateTime<Utc>) {
        let accounts = some.iter().map(|one| {
            let id = one.account.uuid();
            let openid = format!("bench-{}", id.simple());
            let sealed = self.seal("accounts", "openid", id, &openid);
            let index = self.cipher.blind_index("openid", &openid);
            vec![
                id.into(),
                "wechat".into(),
                sealed.into(),
                index.into(),
                one.person.uuid().into(),
                now.into(),
            ]
        });
        insert(
            self.db,
            "accounts",
            &[
                "id",
                "kind",
                "openid",
                "openid_index",
                "person_id",
                "created_at",
            ],
            accounts,
        )
        .await;
        let until = now + chrono::TimeDelta::days(30);
        let sessions = some.iter().map(|one| {
            vec![
                one.session.uuid().into(),
                one.account.uuid().into(),
                0.into(),
                now.into(),
                until.into(),
            ]
        });
        insert(
            self.db,
            "sessions",
            &["id", "account_id", "generation", "created_at", "expires_at"],
            sessions,
        )
        .await;
    }

    fn person(&self, one: &Somebody, order: usize, now: DateTime<Utc>) -> Vec<Value> {
        let id = one.person.uuid();
        let number = people::id_number("370811", order as u32);
        // Those of two calls meet; the index of the row's id never does.
        let index = self.cipher.blind_index("id_number", &id.to_string());
        let name = self.seal("persons", "name", id, "测试者");
        vec![
            id.into(),
            name.into(),
            self.seal("persons", "id_number", id, &number).into(),
            index.into(),
            now.into(),
        ]
    }

    pub(in crate::bench) fn seal(
        &self,
        table: &'static str,
        column: &'static str,
        row: Uuid,
        plain: &str,
    ) -> Vec<u8> {
        self.cipher
            .seal(Cell { table, column, row }, plain)
            .expect("it seals")
    }

    async fn any_union(&self) -> Uuid {
        let sql = format!("SELECT id FROM unions WHERE district = '{DISTRICT}' LIMIT 1");
        let row = self
            .db
            .query_one_raw(Statement::from_string(self.db.get_database_backend(), sql))
            .await;
        row.expect("the database answers")
            .expect("the demo has unions")
            .try_get("", "id")
            .expect("an id")
    }
}

fn membership(one: &Somebody, union: Uuid, now: DateTime<Utc>) -> Vec<Value> {
    let id = Id::<kind::Membership>::generate(now, &SystemRandom);
    vec![
        id.uuid().into(),
        one.person.uuid().into(),
        one.account.uuid().into(),
        union.into(),
        json!({ "rule": "occupation", "reason": "bench", "alternatives": [] }).into(),
        "food_delivery_rider".into(),
        DISTRICT.into(),
        now.into(),
        "active".into(),
        format!("B{}", one.person.uuid().simple()).into(),
        "2026-01-01".into(),
        0i64.into(),
    ]
}
