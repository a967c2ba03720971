//! The one queue over HTTP: what waits, whose it is, and many decisions with a result each.

use niangjia_tests::{
    client::Client,
    demo_town::DemoTown,
    places::{DISTRICT, QUFU},
    servers::{database::Kind, process::PASSWORD},
};
use rstest::rstest;
use serde_json::{Value, json};

/// The open tasks that the caller sees, of a filter.
async fn tasks(client: &Client, filter: &str) -> Vec<Value> {
    let queue = client.get(&format!("/admin/tasks?limit=100{filter}")).await;
    let queue = queue.expect_status(200).unwrap();
    queue.body["items"].as_array().unwrap().clone()
}

/// The newest are due last.
async fn task_about(client: &Client, subject: &str, filter: &str) -> Option<Value> {
    let tasks = tasks(client, &format!("&sort=-due{filter}")).await;
    tasks.into_iter().find(|task| task["subject"] == subject)
}

async fn account_of(client: &Client) -> String {
    let me = client.get("/me").await.expect_status(200).unwrap();
    me.id().unwrap().to_owned()
}

/// A cadre of another county.
async fn neighbour(town: &DemoTown) -> Client {
    let admin = town.stranger.password("admin", PASSWORD).await.unwrap();
    let invitation = json!({ "role": "cadre", "district": QUFU });
    let invitation = admin.post("/admin/staff-invitations", invitation).await;
    let invitation = invitation.expect_status(201).unwrap();
    let neighbour = town.newcomer().await.unwrap();
    let code = json!({ "invitationCode": invitation.text("invitationCode").unwrap() });
    let bound = neighbour.post("/auth/staff-bindings", code).await;
    bound.expect_status(201).unwrap();
    neighbour
}

#[rstest]
#[tokio::test]
async fn an_application_waits_in_the_queue_of_its_area(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let (worker, membership) = town.provisional_member().await.unwrap();
    let reviews = "&kind=membership_review";
    let task = task_about(&town.cadre, &membership, reviews).await.unwrap();
    let list = "/admin/membership-applications";
    let revision = town.cadre.revision(list, &membership).await;
    assert_eq!(
        (&task["revision"], &task["status"], &task["isOverdue"]),
        (&json!(revision), &json!("open"), &json!(false))
    );
    assert_eq!(
        (&task["district"], &task["needsSecondPerson"]),
        (&json!(DISTRICT), &json!(false))
    );
    assert!(task["summary"].as_str().unwrap().contains('*'), "{task}");
    assert!(task["unionId"].is_string() && task["place"].is_string());
    assert!(task["dueAt"].as_str().unwrap().ends_with("+08:00"));

    let queue = town.cadre.get("/admin/tasks?limit=1").await;
    let queue = queue.expect_status(200).unwrap();
    let counts = queue.body["counts"].as_array().unwrap();
    let reviews = counts.iter().find(|it| it["kind"] == "membership_review");
    assert!(reviews.unwrap()["open"].as_i64() >= Some(1), "{counts:?}");
    for nothing in [
        "&kind=wish_review",
        "&dueBefore=2026-01-01T00:00:00%2B08:00",
        "&area=370881",
    ] {
        let none = task_about(&town.cadre, &membership, nothing).await;
        assert!(none.is_none(), "{nothing}");
    }
    for filter in [
        "kind=x",
        "area=3708",
        "dueBefore=x",
        "assignee=x",
        "sort=kind",
    ] {
        let refused = town.cadre.get(&format!("/admin/tasks?{filter}")).await;
        refused.expect_problem(422, "invalid_fields").unwrap();
    }
    worker
        .get("/admin/tasks")
        .await
        .expect_problem(403, "forbidden")
        .unwrap();
}

#[rstest]
#[tokio::test]
async fn one_hand_takes_a_task(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    let (_, membership) = town.provisional_member().await.unwrap();
    let me = account_of(&town.cadre).await;
    let task = task_about(&town.cadre, &membership, "&assignee=none").await;
    let id = task.unwrap()["id"].as_str().unwrap().to_owned();
    let path = format!("/admin/tasks/{id}/assignment");
    let take = json!({ "current": null, "target": me });
    let taken = town.cadre.post(&path, take.clone()).await;
    let taken = taken.expect_status(200).unwrap();
    assert_eq!(taken.body["assigneeId"], json!(me));
    let again = town.cadre.post(&path, take).await;
    again.expect_problem(409, "assigned_meanwhile").unwrap();
    let mine = task_about(&town.cadre, &membership, &format!("&assignee={me}")).await;
    assert_eq!(mine.unwrap()["id"], json!(id));

    let staff = account_of(&town.staff).await;
    let unfit = json!({ "current": me, "target": staff });
    let unfit = town.cadre.post(&path, unfit).await;
    unfit.expect_problem(422, "assignee_unfit").unwrap();
    let same = json!({ "current": me, "target": me });
    let same = town.cadre.post(&path, same).await;
    same.expect_problem(422, "invalid_fields").unwrap();
    let back = json!({ "current": me, "target": null });
    let back = town.cadre.post(&path, back).await.expect_status(200);
    assert_eq!(back.unwrap().body["assigneeId"], Value::Null);
}

#[rstest]
#[tokio::test]
async fn many_are_decided_with_a_result_each(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    let (mut workers, mut items) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let (worker, membership) = town.provisional_member().await.unwrap();
        let task = task_about(&town.cadre, &membership, "").await.unwrap();
        items.push(json!({
            "taskId": task["id"], "decision": "accept", "revision": task["revision"],
        }));
        workers.push((worker, membership));
    }
    items[1]["revision"] = json!(items[1]["revision"].as_i64().unwrap() + 1);
    items[2]["decision"] = json!("return");
    let decide = async |client: &Client, items: &[Value]| {
        let many = json!({ "items": items });
        let results = client.post("/admin/task-decisions", many).await;
        let results = results.expect_status(200).unwrap();
        let results = results.body["results"].as_array().unwrap().clone();
        let word = |it: &Value| {
            it["code"]
                .as_str()
                .or(it["result"].as_str())
                .unwrap()
                .to_owned()
        };
        results.iter().map(word).collect::<Vec<_>>()
    };
    let neighbour = neighbour(&town).await;
    assert!(task_about(&neighbour, &workers[0].1, "").await.is_none());
    assert_eq!(decide(&neighbour, &items).await, ["not_found"; 3]);
    assert_eq!(
        decide(&town.cadre, &items).await,
        ["decided", "changed_meanwhile", "reason_missing"]
    );
    let status = async |n: usize| {
        let own = workers[n].0.get("/me/membership").await;
        own.expect_status(200)
            .unwrap()
            .text("status")
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        [status(0).await, status(1).await],
        ["active", "provisional"]
    );

    // The object's own route is another door to the same.
    let membership = &workers[1].1;
    let accept = json!({ "decision": "accept" });
    let accepted = town.cadre.decide_on_membership(membership, accept).await;
    accepted.expect_status(200).unwrap();
    assert!(task_about(&town.cadre, membership, "").await.is_none());
    items[1]["revision"] = json!(items[1]["revision"].as_i64().unwrap() - 1);
    assert_eq!(
        decide(&town.cadre, &items[1..2]).await,
        ["changed_meanwhile"]
    );
    // Who takes it back needs no decision any more.
    let back = workers[2]
        .0
        .post("/me/membership/withdrawal", json!({}))
        .await;
    back.expect_status(200).unwrap();
    assert!(task_about(&town.cadre, &workers[2].1, "").await.is_none());

    let twice = json!({ "items": [items[0], items[0]] });
    let twice = town.cadre.post("/admin/task-decisions", twice).await;
    twice.expect_problem(422, "invalid_fields").unwrap();
    let nobody = town
        .staff
        .post("/admin/task-decisions", json!({ "items": items }))
        .await;
    nobody.expect_problem(403, "forbidden").unwrap();
}
