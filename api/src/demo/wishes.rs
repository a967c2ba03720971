//! Two published wishes of two invented members.

use niangjia_domain::{
    kernel::{
        Actor, Grant, IdempotencyKey, IdempotentRequest,
        id::{AccountId, StationId, WishId},
    },
    membership::{applications::application::JoinForm, consents::consent::ConsentPurpose},
    wishes::{WishDecision, WishForm},
};

use super::{Failure, people, people::Cast};
use crate::wiring::Services;

/// Openid, phone, name, ID number of a place that does not exist, title, story, fen.
const WISHERS: [(&str, &str, &str, &str, &str, &str, i64); 2] = [
    (
        "wisher-1",
        "13900009001",
        "周演暖",
        "379999199001011232",
        "一双防滑手套",
        "冬天送件，手冻得握不住车把。",
        6_000,
    ),
    (
        "wisher-2",
        "13900009002",
        "吴演春",
        "379999198505052340",
        "一只保温杯",
        "跑长途，想喝口热水。",
        8_800,
    ),
];

pub(super) async fn seed(
    services: &Services,
    cast: &Cast,
    station: StationId,
) -> Result<(), Failure> {
    for (openid, phone, name, id_number, title, story, estimate_fen) in WISHERS {
        let account = services
            .identity
            .ensure_wechat_account(openid, name, &[])
            .await?;
        let mut worker = people::actor(services, account, Grant::Worker);
        join(services, &worker, phone, name, id_number).await?;
        worker.person_id = services
            .foundation
            .store
            .read()
            .await?
            .accounts()
            .person_of(account)
            .await?;
        let form = WishForm {
            title: title.to_owned(),
            story: story.to_owned(),
            category: "daily_goods".to_owned(),
            estimate_fen,
            photo_ids: Vec::new(),
            station_id: station,
        };
        let wish = services
            .wishes
            .submit(&worker, &once(account, "wish")?, &form)
            .await?;
        if !wish.replayed {
            publish(services, cast, wish.value.id).await?;
        }
    }
    Ok(())
}

async fn publish(services: &Services, cast: &Cast, id: WishId) -> Result<(), Failure> {
    let shown = services.wishes.under_review(&[id.to_string()]).await?;
    if let Some(wish) = shown.first() {
        services
            .wishes
            .decide(&cast.cadre, id, WishDecision::Publish, wish.revision)
            .await?;
    }
    Ok(())
}

async fn join(
    services: &Services,
    worker: &Actor,
    phone: &str,
    name: &str,
    id_number: &str,
) -> Result<(), Failure> {
    let consent = ConsentPurpose::Membership.text();
    let form = JoinForm {
        phone_code: format!("dev:{phone}"),
        name: Some(name.to_owned()),
        id_number: Some(id_number.to_owned()),
        occupation: Some("courier".to_owned()),
        platform: None,
        work_district: Some("370811".to_owned()),
        location: None,
        consents: vec![(
            consent.purpose.code().to_owned(),
            consent.version.to_owned(),
        )],
        voluntary: true,
    };
    services
        .membership
        .join(worker, &once(worker.account_id, "join")?, form)
        .await?;
    Ok(())
}

/// The same key in every run: seeding again changes nothing.
fn once(account_id: AccountId, what: &str) -> Result<IdempotentRequest, Failure> {
    let key = IdempotencyKey::parse(&format!("demo-{what}")).ok_or("a key")?;
    Ok(IdempotentRequest {
        account_id,
        key,
        fingerprint: [0; 32],
    })
}
