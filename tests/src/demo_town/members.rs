//! Joining, and what a cadre makes of it.

use serde_json::{Value, json};

use super::DemoTown;
use crate::{
    client::{Client, Reply, Surprise},
    people::Invented,
    places::DISTRICT,
};

impl DemoTown {
    /// Fills in the three fields.
    pub async fn apply(&self, worker: &Client, person: &Invented) -> Result<Reply, Surprise> {
        let form = application(&consents(worker).await?, person);
        Ok(worker.post_once("/memberships", form).await)
    }

    /// A cadre's decision makes an applicant active.
    pub async fn accept(&self, membership: &str) -> Result<(), Surprise> {
        let accept = json!({ "decision": "accept" });
        let decided = self.cadre.decide_on_membership(membership, accept).await;
        decided.expect_status(200)?;
        Ok(())
    }

    /// A newcomer in the county's holding pool, and the membership's id.
    pub async fn provisional_member(&self) -> Result<(Client, String), Surprise> {
        self.provisional_member_who_is("food_delivery_rider").await
    }

    /// The same with another occupation.
    pub async fn provisional_member_who_is(
        &self,
        occupation: &str,
    ) -> Result<(Client, String), Surprise> {
        let worker = self.newcomer().await?;
        let mut form = application(&consents(&worker).await?, &Invented::new());
        form["occupation"] = occupation.into();
        let joined = worker.post_once("/memberships", form).await;
        let joined = joined.expect_status(201)?;
        let id = joined.id()?.to_owned();
        match joined.text("status")? {
            "provisional" => Ok((worker, id)),
            other => Err(Surprise(format!("{id} is {other}"))),
        }
    }

    /// A newcomer whom a union has accepted.
    pub async fn member(&self) -> Result<Client, Surprise> {
        let (worker, membership) = self.provisional_member().await?;
        self.accept(&membership).await?;
        Ok(worker)
    }
}

/// The consents that the form asks for.
pub async fn consents(client: &Client) -> Result<Vec<Value>, Surprise> {
    let form = client.get("/membership-form").await.expect_status(200)?;
    let texts = form.body["consents"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    Ok(texts
        .iter()
        .map(|text| json!({ "purpose": text["purpose"], "version": text["version"] }))
        .collect())
}

/// What somebody on no list sends.
pub fn application(consents: &[Value], person: &Invented) -> Value {
    json!({
        "phoneCode": format!("dev:{}", person.phone), "name": person.name, "idNumber": person.id_number,
        "occupation": "food_delivery_rider", "workDistrict": DISTRICT, "consents": consents, "voluntary": true,
    })
}
