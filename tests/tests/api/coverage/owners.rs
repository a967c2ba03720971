use niangjia_tests::client::{Client, Reply, fresh_key};
use reqwest::Method;
use serde_json::{Value, json};

use super::{cast, fill::absent_id, make};

/// Everything that one worker has, another worker, and the donor of the first one's published wish.
struct Neighbours {
    owner: Client,
    other: Client,
    donor: Client,
    station: String,
    wish: String,
    upload: String,
    voucher: String,
    entry: String,
    booking: String,
    notice: String,
    claim: String,
}

impl Neighbours {
    async fn gather() -> Self {
        let stranger = cast::stranger().await;
        let (cadre, checker) = (
            cast::desk(&stranger, "cadre").await,
            cast::desk(&stranger, "checker").await,
        );
        let station = cast::demo_station(&cast::demo_staff(&stranger).await).await;
        let owner = cast::member(&stranger, &cadre).await;
        let other = cast::member(&stranger, &cadre).await;
        let donor = cast::newcomer(&stranger).await;
        let claim = claim(
            &cast::member(&stranger, &cadre).await,
            &donor,
            &cadre,
            &station,
        )
        .await;
        let batch = make::running_batch(&cadre, &checker, &station).await;
        Self {
            wish: make::wish(&owner, &station).await,
            upload: make::upload(&owner).await,
            voucher: make::voucher(&owner, &batch).await,
            entry: make::entry(&owner, &make::draw_batch(&cadre, &checker, &station).await).await,
            booking: make::booking(&owner, &make::van(&cadre).await.slot).await,
            notice: make::notice(&owner).await,
            claim,
            owner,
            other,
            donor,
            station,
        }
    }

    /// Calls about each thing, with `{}` in the place of its id.
    fn calls(&self) -> Vec<(Method, &'static str, &str, Value)> {
        let [wish, upload, voucher, booking, notice, claim] = [
            &self.wish,
            &self.upload,
            &self.voucher,
            &self.booking,
            &self.notice,
            &self.claim,
        ]
        .map(String::as_str);
        let get = |path, id| (Method::GET, path, id, json!({}));
        let post = |path, id| (Method::POST, path, id, json!({}));
        let with = |path, id, body| (Method::POST, path, id, body);
        let thanks = json!({ "message": "谢谢您", "photoIds": [] });
        vec![
            get("/wishes/{}", wish),
            post("/wishes/{}/withdrawal", wish),
            with("/wishes/{}/thanks", wish, thanks),
            post("/wishes/{}/claims", wish),
            with("/wishes/{}/reports", wish, json!({ "reason": "内容不实" })),
            get("/uploads/{}", upload),
            post("/uploads/{}/completion", upload),
            get("/vouchers/{}", voucher),
            get("/vouchers/{}/code", voucher),
            with(
                "/vouchers/{}/code-secret",
                voucher,
                json!({ "deviceId": "phone" }),
            ),
            get("/voucher-draw-entries/{}", &self.entry),
            get("/checkup-bookings/{}", booking),
            post("/checkup-bookings/{}/cancellation", booking),
            post("/me/inbox/{}/read", notice),
            post("/wish-claims/{}/dispatch", claim),
            post("/wish-claims/{}/cancellation", claim),
        ]
    }
}

/// The donor's claim on a published wish.
async fn claim(worker: &Client, donor: &Client, cadre: &Client, station: &str) -> String {
    let wish = make::wish(worker, station).await;
    cadre
        .decide_on_wish(&wish, json!({ "decision": "publish" }))
        .await
        .expect_status(200)
        .unwrap();
    let claim = donor
        .post_once(&format!("/wishes/{wish}/claims"), json!({}))
        .await;
    claim.expect_status(201).unwrap().id().unwrap().to_owned()
}

async fn call(client: &Client, method: &Method, path: &str, body: &Value) -> Reply {
    let body = (*method == Method::POST).then(|| body.clone());
    client
        .call(method.clone(), path, body, Some(&fresh_key()))
        .await
}

/// A refusal without what differs between any two requests.
fn refusal(reply: &Reply) -> Value {
    let mut body = reply.body.clone();
    body.as_object_mut().expect("a problem").remove("traceId");
    body
}

#[tokio::test]
async fn what_belongs_to_another_is_absent() {
    let neighbours = Neighbours::gather().await;
    let mut wrong = vec![];
    for (method, path, id, body) in neighbours.calls() {
        let prefix = id.split('_').next().unwrap();
        let foreign = call(&neighbours.other, &method, &path.replace("{}", id), &body).await;
        let absent = call(
            &neighbours.other,
            &method,
            &path.replace("{}", &absent_id(prefix)),
            &body,
        )
        .await;
        if (foreign.status, refusal(&foreign)) != (404, refusal(&absent)) || absent.status != 404 {
            wrong.push(format!(
                "{} answered {}, but {} for an absent id",
                foreign.call, foreign.body, absent.body
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_untouched(&neighbours).await;
}

/// The control: the things are there, as they were.
async fn assert_untouched(neighbours: &Neighbours) {
    let Neighbours { owner, donor, .. } = neighbours;
    for (path, status) in [
        (format!("/wishes/{}", neighbours.wish), "reviewing"),
        (format!("/uploads/{}", neighbours.upload), "ready"),
        (format!("/vouchers/{}", neighbours.voucher), "issued"),
        (
            format!("/voucher-draw-entries/{}", neighbours.entry),
            "entered",
        ),
        (
            format!("/checkup-bookings/{}", neighbours.booking),
            "booked",
        ),
    ] {
        assert_eq!(
            owner.get(&path).await.expect_status(200).unwrap().body["status"],
            status,
            "{path}"
        );
    }
    let claims = donor
        .get("/me/wish-claims")
        .await
        .expect_status(200)
        .unwrap();
    assert_eq!(claims.body["items"][0]["id"], neighbours.claim);
    let read = owner
        .post(&format!("/me/inbox/{}/read", neighbours.notice), json!({}))
        .await;
    read.expect_status(200).unwrap();
}

#[tokio::test]
async fn lists_of_ones_own_show_nobody_elses() {
    let neighbours = Neighbours::gather().await;
    for (path, id) in [
        ("/me/wishes", &neighbours.wish),
        ("/me/vouchers", &neighbours.voucher),
        ("/me/checkup-bookings", &neighbours.booking),
        ("/me/inbox", &neighbours.notice),
    ] {
        assert!(list(&neighbours.owner, path).await.contains(id), "{path}");
        assert!(!list(&neighbours.other, path).await.contains(id), "{path}");
    }
}

async fn list(client: &Client, path: &str) -> String {
    client
        .get(&format!("{path}?limit=100"))
        .await
        .expect_status(200)
        .unwrap()
        .body
        .to_string()
}

#[tokio::test]
async fn another_ones_photo_does_not_go_into_a_wish() {
    let neighbours = Neighbours::gather().await;
    let absent = absent_id("upl");
    let [foreign, absent] =
        [neighbours.upload.as_str(), &absent].map(|id| make::wish_form(&neighbours.station, &[id]));
    let foreign = neighbours.other.post_once("/wishes", foreign).await;
    let absent = neighbours.other.post_once("/wishes", absent).await;
    assert_eq!(foreign.status, 422, "{}", foreign.body);
    assert_eq!(refusal(&foreign), refusal(&absent));
}
