//! What there is only so much of.

use niangjia_tests::client::Reply;
use serde_json::json;

use super::{Doors, all_post, assert_winners, count_winners};

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
