//! Two real processes on one PostgreSQL: many phones at once, half of them at each. What the
//! database guards stays guarded across processes. Controls take a guard out of the database that
//! both processes share; further ones are beside each context's own races in this suite.

use futures_util::future::join_all;
use niangjia_tests::{
    client::{Client, Reply, fresh_key},
    people::Invented,
    process::{PASSWORD, TwoProcesses},
    town::{Town, application, consents},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

/// A town with two doors, and people who use them in turn.
struct Doors {
    processes: TwoProcesses,
    town: Town,
}

impl Doors {
    async fn open() -> Self {
        let processes = TwoProcesses::start().await;
        let town = Town::enter(&processes.one.base, PASSWORD).await.unwrap();
        Self { processes, town }
    }

    /// Every second caller goes to the other process.
    fn spread(&self, callers: Vec<Client>) -> Vec<Client> {
        let bases = [&self.processes.one.base, &self.processes.two.base];
        callers
            .iter()
            .zip(bases.iter().cycle())
            .map(|(caller, base)| caller.at(base))
            .collect()
    }

    async fn sabotage(&self, sql: &str) {
        self.processes
            .database
            .store()
            .await
            .writer()
            .execute_unprepared(sql)
            .await
            .unwrap();
    }

    async fn newcomers(&self, count: usize) -> Vec<Client> {
        let people = join_all((0..count).map(|_| self.town.newcomer())).await;
        self.spread(people.into_iter().map(Result::unwrap).collect())
    }

    async fn members(&self, count: usize) -> Vec<Client> {
        let people = join_all((0..count).map(|_| self.town.member())).await;
        self.spread(people.into_iter().map(Result::unwrap).collect())
    }
}

async fn all_post(callers: &[Client], path: &str, body: Value) -> Vec<Reply> {
    join_all(
        callers
            .iter()
            .map(|caller| caller.post_once(path, body.clone())),
    )
    .await
}

fn count_winners(replies: &[Reply]) -> usize {
    replies.iter().filter(|reply| reply.status == 201).count()
}

/// Exactly `winners` got 201; everybody else was refused with `code`.
fn assert_winners(replies: &[Reply], winners: usize, code: &str) {
    let won = count_winners(replies);
    let refused = replies
        .iter()
        .filter(|reply| reply.status == 409 && reply.code() == code)
        .count();
    let told: Vec<_> = replies
        .iter()
        .map(|reply| format!("{} {}", reply.status, reply.code()))
        .collect();
    assert_eq!(
        (won, refused),
        (winners, replies.len() - winners),
        "{told:?}"
    );
}

/// Thirty members claim one of seven vouchers each.
async fn thirty_claims(doors: &Doors, batch: &str) -> Vec<Reply> {
    let members = doors.members(30).await;
    all_post(
        &members,
        &format!("/voucher-batches/{batch}/claims"),
        json!({}),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn seven_vouchers_go_to_seven_of_thirty() {
    let doors = Doors::open().await;
    let batch = doors.town.running_batch(7).await.unwrap();
    assert_winners(&thirty_claims(&doors, &batch).await, 7, "batch_exhausted");
    let path = format!("/admin/voucher-batches/{batch}/conservation");
    let tally = doors
        .town
        .cadre
        .get(&path)
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(tally.body["balanced"], json!(true), "{}", tally.body);
}

/// Each group finds the counter as if nobody had issued before it.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_counter_seven_vouchers_go_to_more() {
    let doors = Doors::open().await;
    let batch = doors.town.running_batch(7).await.unwrap();
    let forget = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS \
                  'BEGIN NEW.issued := 0; NEW.reserved_fen := 0; RETURN NEW; END'; \
                  CREATE TRIGGER forget BEFORE UPDATE ON ledger_budgets FOR EACH ROW EXECUTE FUNCTION forget()";
    doors.sabotage(forget).await;
    let won = count_winners(&thirty_claims(&doors, &batch).await);
    assert!(won > 7, "{won}: the control is no control");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_voucher_is_eaten_once_however_many_scan_it() {
    let doors = Doors::open().await;
    let batch = doors.town.running_batch(1).await.unwrap();
    let holder = doors.town.member().await.unwrap();
    let voucher = holder
        .post_once(&format!("/voucher-batches/{batch}/claims"), json!({}))
        .await;
    let voucher = voucher.expect_status(201).unwrap();
    let code = holder
        .get(&format!("/vouchers/{}/code", voucher.id().unwrap()))
        .await
        .expect_status(200)
        .unwrap();
    let scan = json!({ "code": code.text("payload").unwrap(), "stationId": doors.town.station, "deviceId": "d" });
    let scanners = doors.spread(vec![doors.town.staff.clone(); 16]);
    let replies = all_post(&scanners, "/redemptions", scan).await;
    let won = count_winners(&replies);
    let codes: Vec<_> = replies.iter().map(|reply| reply.code()).collect();
    assert_eq!(won, 1, "{codes:?}");
    assert!(
        replies
            .iter()
            .all(|reply| matches!(reply.status, 201 | 409 | 422)),
        "{codes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_wish_has_one_donor() {
    let doors = Doors::open().await;
    let worker = doors.town.member().await.unwrap();
    let wish = doors.town.submitted_wish(&worker, &[]).await.unwrap();
    doors.town.publish(wish.id().unwrap()).await.unwrap();
    let donors = doors.newcomers(20).await;
    let replies = all_post(
        &donors,
        &format!("/wishes/{}/claims", wish.id().unwrap()),
        json!({}),
    )
    .await;
    assert_winners(&replies, 1, "wish_already_claimed");
}

/// Twenty members want a seat in a slot of three.
async fn twenty_bookings(doors: &Doors) -> Vec<Reply> {
    let (_, slot) = doors.town.open_session(3).await.unwrap();
    let members = doors.members(20).await;
    all_post(
        &members,
        "/checkup-bookings",
        json!({ "slotId": slot, "healthConsent": { "version": "1" } }),
    )
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn three_seats_seat_three() {
    assert_winners(&twenty_bookings(&Doors::open().await).await, 3, "slot_full");
}

#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_count_of_seats_three_seats_seat_all() {
    let doors = Doors::open().await;
    let forget = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS \
                  'BEGIN NEW.booked := 0; RETURN NEW; END'; \
                  CREATE TRIGGER forget BEFORE UPDATE ON checkup_slots FOR EACH ROW EXECUTE FUNCTION forget()";
    doors.sabotage(forget).await;
    assert_eq!(count_winners(&twenty_bookings(&doors).await), 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_joins_once_from_however_many_phones() {
    let doors = Doors::open().await;
    let person = Invented::new();
    let phones = doors.newcomers(12).await;
    let consents = consents(&phones[0]).await.unwrap();
    let replies = join_all(phones.iter().map(|phone| {
        // The same human on twelve sign-ins with twelve numbers.
        let body = application(
            &consents,
            &Invented {
                phone: Invented::new().phone,
                ..person.clone()
            },
        );
        async move { phone.post_once("/memberships", body).await }
    }))
    .await;
    assert_winners(&replies, 1, "already_member");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_has_one_effect_before_during_and_after() {
    let doors = Doors::open().await;
    let batch = doors.town.running_batch(50).await.unwrap();
    let member = doors.town.member().await.unwrap();
    let (path, key) = (format!("/voucher-batches/{batch}/claims"), fresh_key());
    let twins = doors.spread(vec![member.clone(); 16]);
    let during = join_all(
        twins
            .iter()
            .map(|twin| twin.post_with_key(&path, json!({}), &key)),
    )
    .await;
    let answered: Vec<_> = during.iter().filter(|reply| reply.status == 201).collect();
    let told: Vec<_> = during
        .iter()
        .map(|reply| format!("{} {}", reply.status, reply.code()))
        .collect();
    assert!(
        during
            .iter()
            .all(|reply| reply.status == 201 || reply.code() == "request_in_flight"),
        "{told:?}"
    );
    assert!(
        answered
            .iter()
            .all(|reply| reply.body["id"] == answered[0].body["id"]),
        "{told:?}"
    );
    let first = answered
        .iter()
        .filter(|reply| reply.header("idempotency-replayed").is_none())
        .count();
    assert_eq!(
        first, 1,
        "one first answer, the others are replays: {told:?}"
    );

    let after = doors
        .processes
        .two
        .client()
        .with_token(member.token().unwrap());
    let after = after
        .post_with_key(&path, json!({}), &key)
        .await
        .expect_status(201)
        .unwrap();
    assert_eq!(after.header("idempotency-replayed"), Some("true"));
    assert_eq!(after.body["id"], answered[0].body["id"]);
    let other_path = format!(
        "/voucher-batches/{}/claims",
        doors.town.running_batch(1).await.unwrap()
    );
    let reused = member.post_with_key(&other_path, json!({}), &key).await;
    reused
        .expect_problem(422, "idempotency_key_reused")
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_one_process_ends_the_session_at_the_other() {
    let doors = Doors::open().await;
    let worker = doors.town.newcomer().await.unwrap();
    let elsewhere = worker.at(&doors.processes.two.base);
    elsewhere.get("/me").await.expect_status(200).unwrap();
    worker
        .delete("/auth/session")
        .await
        .expect_status(204)
        .unwrap();
    elsewhere
        .get("/me")
        .await
        .expect_problem(401, "unauthenticated")
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let mut doors = Doors::open().await;
    let batch = doors.town.running_batch(40).await.unwrap();
    let members = doors.members(20).await;
    let path = format!("/voucher-batches/{batch}/claims");
    let replies = all_post(&members, &path, json!({})).await;
    doors.processes.one.kill();
    let two = doors.processes.two.base.clone();
    let acknowledged = replies
        .iter()
        .zip(&members)
        .filter(|(reply, _)| reply.status == 201);
    for (reply, member) in acknowledged {
        let voucher = member
            .at(&two)
            .get(&format!("/vouchers/{}", reply.id().unwrap()))
            .await;
        voucher.expect_status(200).unwrap();
    }
    let tally = doors
        .town
        .at(&two)
        .cadre
        .get(&format!("/admin/voucher-batches/{batch}/conservation"))
        .await;
    assert_eq!(tally.expect_status(200).unwrap().body["issued"], json!(20));
    assert_eq!(
        doors.processes.two.terminate(),
        Some(0),
        "SIGTERM ends a process in order"
    );
}
