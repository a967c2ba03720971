//! What another district reaches of it: nothing.

use niangjia_tests::places::DISTRICT;
use reqwest::Method;
use serde_json::json;

use super::{TwoDistricts, all_of, is_turned_away};
use crate::coverage::{
    cast::{self},
    make::{self},
};

#[tokio::test]
async fn another_district_is_out_of_reach() {
    let two = TwoDistricts::gather().await;
    let mut wrong = vec![];
    for (method, path, body) in two.calls() {
        let body = (method == Method::POST || method == Method::PUT).then_some(body);
        let reply = two.qufu.call(method, &path, body, None).await;
        if !is_turned_away(&reply) {
            wrong.push(format!(
                "{} answered {} {}",
                reply.call, reply.status, reply.body
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn nothing_can_be_made_in_another_district() {
    let two = TwoDistricts::gather().await;
    let mut wrong = vec![];
    for (path, body) in two.plans() {
        let (theirs, own) = (
            two.qufu.post(path, body.clone()).await,
            two.rencheng.post(path, body).await,
        );
        if !is_turned_away(&theirs) || own.status != 201 {
            wrong.push(format!(
                "{path} answered {}, and {} {} at home",
                theirs.body, own.status, own.body
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The control: each call does its work for the right cadre, in this order.
#[tokio::test]
async fn the_same_calls_work_at_home() {
    let two = TwoDistricts::gather().await;
    for (method, path, body) in two.calls() {
        let body = (method == Method::POST || method == Method::PUT).then_some(body);
        let reply = two.rencheng.call(method, &path, body, None).await;
        let own_batch = reply.status == 409 && reply.code() == "same_person";
        assert!(
            reply.status < 300 || own_batch,
            "{} answered {} {}",
            reply.call,
            reply.status,
            reply.body
        );
    }
}

#[tokio::test]
async fn visits_belong_to_the_district_of_the_van() {
    let two = TwoDistricts::gather().await;
    let member = cast::member(&cast::stranger().await, &two.rencheng).await;
    let booking = make::booking(&member, &two.van.slot).await;
    let ticket = member
        .get(&format!("/checkup-bookings/{booking}"))
        .await
        .expect_status(200)
        .unwrap();
    let scan = json!({ "code": ticket.text("code").unwrap(), "sessionId": two.van.session });
    let theirs = two.qufu.post_once("/checkup-check-ins", scan).await;
    assert!(is_turned_away(&theirs), "{}", theirs.body);
    let theirs = two
        .qufu
        .post(
            &format!("/checkup-bookings/{booking}/completion"),
            json!({}),
        )
        .await;
    assert!(is_turned_away(&theirs), "{}", theirs.body);
}

#[tokio::test]
async fn staff_see_scans_and_settlements_of_their_own_station_only() {
    let staff = cast::demo_staff(&cast::stranger().await).await;
    let own = cast::demo_station(&staff).await;
    let stations = cast::stranger()
        .await
        .get("/stations?limit=100")
        .await
        .expect_status(200)
        .unwrap();
    let mut ids = stations.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|station| station["id"].as_str());
    let other = ids
        .find(|id| *id != own)
        .expect("the demo has more than one station");
    for list in ["redemptions", "settlements"] {
        staff
            .get(&format!("/stations/{own}/{list}"))
            .await
            .expect_status(200)
            .unwrap();
        let theirs = staff.get(&format!("/stations/{other}/{list}")).await;
        assert!(is_turned_away(&theirs), "{}", theirs.body);
    }
}

#[tokio::test]
async fn queues_show_the_own_district_only() {
    let two = TwoDistricts::gather().await;
    for (path, id) in [
        ("/admin/wishes", &two.wish),
        ("/admin/membership-applications", &two.membership),
        ("/admin/voucher-batches", &two.draft),
        ("/admin/settlements", &two.sheet),
        ("/admin/checkup-campaigns", &two.van.campaign),
        ("/admin/stations", &two.station),
        ("/admin/staff-grants", &two.grant),
    ] {
        let (own, theirs) = (
            json!(all_of(&two.rencheng, path).await),
            json!(all_of(&two.qufu, path).await),
        );
        assert!(own.to_string().contains(id), "{path} at home lacks {id}");
        assert!(
            !theirs.to_string().contains(DISTRICT) && !theirs.to_string().contains(id),
            "{path}: {theirs}"
        );
    }
    let audit = all_of(&two.qufu, "/admin/audit-entries").await;
    assert!(
        !json!(audit).to_string().contains(&two.wish),
        "the trail tells about Rencheng"
    );
}
