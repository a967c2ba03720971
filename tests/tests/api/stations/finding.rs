//! Finding stations, by place, hour and service.

use chrono::Timelike;
use niangjia_domain::kernel::{Clock, values::local_time};
use niangjia_infra::system::SystemClock;
use niangjia_tests::{demo_town::DemoTown, places::QUFU, servers::database::Kind};
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};

use super::{added, assert_field, form, ids, list};

/// Hours of which this moment is none, and hours of which it is one, far from their ends.
fn hours_shut_and_open() -> (Value, Value) {
    let shut = if local_time::time_of(SystemClock.now()).hour() < 12 {
        json!({ "from": "20:00", "to": "21:00" })
    } else {
        json!({ "from": "02:00", "to": "03:00" })
    };
    (shut, json!({ "from": "00:00", "to": "24:00" }))
}

#[rstest]
#[tokio::test]
async fn stations_are_listed_nearest_first_page_by_page(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let mut stations = Vec::new();
    for lat in [34.03, 34.01, 34.02] {
        stations.push(added(&town.cadre, form(118.0, lat)).await);
    }
    let nearest = list(&town.stranger, "near=118.0,34.0&limit=3").await;
    assert_eq!(ids(&nearest), [&stations[1], &stations[2], &stations[0]]);
    let metres = nearest.body["items"].as_array().unwrap().iter();
    let metres: Vec<_> = metres
        .map(|one| one["distanceMetres"].as_u64().unwrap())
        .collect();
    // A hundredth of a degree of latitude is 1,112 metres.
    assert_eq!(metres, [1_112, 2_224, 3_336]);

    let first = list(&town.stranger, "near=118.0,34.0&limit=2").await;
    assert_eq!(ids(&first), [&stations[1], &stations[2]]);
    let cursor = first.text("nextCursor").unwrap();
    let rest = format!("near=118.0,34.0&limit=1&cursor={cursor}");
    assert_eq!(ids(&list(&town.stranger, &rest).await), [&stations[0]]);

    let by_name = list(&town.stranger, "limit=100").await;
    assert_eq!(by_name.body["items"][0].get("distanceMetres"), None);
}

#[rstest]
#[tokio::test]
async fn a_list_is_narrowed_by_district_service_and_hour(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let town = DemoTown::shared(kind).await;
    let (shut_now, open_now) = hours_shut_and_open();
    let (mut shut, mut open) = (form(118.0, 36.01), form(118.0, 36.02));
    shut["hours"] = shut_now.clone();
    open["hours"] = open_now;
    open["services"] = json!(["microwave"]);
    let shut = added(&town.cadre, shut).await;
    let open = added(&town.cadre, open).await;

    let near = "near=118.0,36.0&limit=2";
    let both = list(&town.stranger, near).await;
    assert_eq!(ids(&both), [&shut, &open]);
    let flags = both.body["items"].as_array().unwrap().iter();
    let flags: Vec<_> = flags.map(|one| one["openNow"].clone()).collect();
    assert_eq!(flags, [json!(false), json!(true)]);
    let narrowed = async |filter: &str| {
        let page = list(&town.stranger, &format!("{near}&{filter}")).await;
        let of_ours = |id: &&str| [&shut, &open].iter().any(|ours| ours == id);
        let ours = ids(&page).into_iter().filter(of_ours);
        ours.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(narrowed("openNow=true").await, std::slice::from_ref(&open));
    assert_eq!(narrowed("service=water").await, std::slice::from_ref(&shut));
    assert_eq!(
        narrowed("service=microwave").await,
        std::slice::from_ref(&open)
    );
    assert_eq!(
        narrowed("district=370811").await,
        [shut.clone(), open.clone()]
    );
    // A prefecture covers its counties; a county does not cover its neighbour.
    assert_eq!(narrowed("district=370800").await.len(), 2);
    assert!(narrowed(&format!("district={QUFU}")).await.is_empty());

    let one = town.stranger.get(&format!("/stations/{shut}")).await;
    let one = one.expect_status(200).unwrap().body;
    assert_eq!(one["openNow"], false);
    let days = one["hours"].as_array().unwrap();
    assert_eq!(days.len(), 7);
    assert_eq!(days[6], json!({ "weekday": 7, "openings": [shut_now] }));
}

#[rstest]
#[tokio::test]
async fn who_has_the_answer_already_is_told_so(#[values(Kind::Sqlite, Kind::Postgres)] kind: Kind) {
    let town = DemoTown::shared(kind).await;
    let station = added(&town.cadre, form(119.0, 34.01)).await;
    let one = format!("/stations/{station}");
    let nearest = "/stations?near=119.0,34.0&limit=1".to_owned();
    for path in [&one, &nearest] {
        let first = town.stranger.get(path).await.expect_status(200).unwrap();
        let tag = first.header("etag").expect("a tag").to_owned();
        let again = town.stranger.get_if_none_match(path, &tag).await;
        assert_eq!((again.status, again.header("etag")), (304, Some(&*tag)));
        assert_eq!(again.body, json!(""), "nothing is sent again");
        let other = town.stranger.get_if_none_match(path, "\"other\"").await;
        assert_eq!((other.status, &other.body), (200, &first.body));
    }
    let before = town.stranger.get(&nearest).await;
    let closer = added(&town.cadre, form(119.0, 34.0)).await;
    let tag = before.header("etag").unwrap();
    let after = town.stranger.get_if_none_match(&nearest, tag).await;
    assert_eq!(after.status, 200, "a new station shows at once");
    assert_eq!(ids(&after), [&closer]);
}

#[tokio::test]
async fn a_query_that_makes_no_sense_names_its_field() {
    let town = DemoTown::shared(Kind::Sqlite).await;
    for (query, named, code) in [
        ("near=north", "near", "near_invalid"),
        ("near=116.59", "near", "near_invalid"),
        ("near=200,35", "near", "near_invalid"),
        ("near=NaN,35", "near", "near_invalid"),
        ("district=37", "district", "district_invalid"),
        ("service=sauna", "service", "service_unknown"),
    ] {
        let refused = town.stranger.get(&format!("/stations?{query}")).await;
        assert_field(&refused, named, code);
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let town = DemoTown::shared(Kind::Sqlite).await;
    for id in ["stn_01jd3v7c9vf8ys2v4t0y3z5q7r", "stn_1", "wish_1", "%00"] {
        let path = format!("/stations/{id}");
        let absent = town.stranger.get(&path).await;
        absent.expect_problem(404, "not_found").unwrap();
        let deleted = town.cadre.call(Method::DELETE, &path, None, None).await;
        assert!([404, 405].contains(&deleted.status), "{}", deleted.status);
    }
}
