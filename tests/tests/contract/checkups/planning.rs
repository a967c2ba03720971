//! Campaigns and sessions, planned inside a district.

use chrono::TimeDelta;
use niangjia_domain::{
    checkups::{
        BrowseSessions, CheckupError,
        sessions::{campaign::CampaignPlan, session::SessionPlan, slot::SlotPlan},
    },
    kernel::{AccessError, Actor, DistrictCode, Place},
};
use niangjia_tests::{places::DISTRICT, servers::database::Kind, town::CheckupTown};
use rstest::rstest;

use super::{PAGE, codes};

#[rstest]
#[tokio::test]
async fn cadres_plan_inside_their_district_and_campaign(
    #[values(Kind::Sqlite, Kind::Postgres)] kind: Kind,
) {
    let checkup = CheckupTown::new(kind, 3).await;
    let date = checkup.van.session.date;
    let district = |code| DistrictCode::parse(code).unwrap();
    let campaign = |code| CampaignPlan {
        name: "秋季体检".to_owned(),
        district: district(code),
        from: date,
        to: date,
    };
    let van = |code, date| SessionPlan {
        district: district(code),
        place: "演示广场".to_owned(),
        location: Place::new(116.6, 35.4).unwrap(),
        date,
        vehicle: "体检车 2 号".to_owned(),
        packages: Vec::new(),
    };
    let slots = [SlotPlan {
        start: checkup.van.slot.starts_at,
        end: checkup.van.slot.ends_at,
        capacity: 40,
    }];
    let (city, county) = (checkup.town.cadre("370800"), checkup.town.cadre(DISTRICT));

    let outside = checkup
        .town
        .services
        .checkups
        .open_campaign(&county, campaign("370812"))
        .await;
    assert!(
        matches!(outside, Err(CheckupError::Access(AccessError::Forbidden))),
        "{outside:?}"
    );
    let whole_city = checkup
        .town
        .services
        .checkups
        .open_campaign(&city, campaign("370800"))
        .await
        .unwrap()
        .id;
    assert_eq!(
        checkup
            .town
            .services
            .checkups
            .campaigns(&county, PAGE)
            .await
            .unwrap()
            .items
            .len(),
        1,
        "the county's own"
    );

    let plan = async |who: &Actor, van| {
        checkup
            .town
            .services
            .checkups
            .schedule_session(who, whole_city, van, &slots)
            .await
    };
    let session = plan(&county, van(DISTRICT, date)).await.unwrap();
    assert_eq!(session.slots[0].bookable, 40);
    let next_door = plan(&county, van("370812", date)).await;
    assert!(
        matches!(next_door, Err(CheckupError::Access(AccessError::Forbidden))),
        "{next_door:?}"
    );
    let wrong_day = plan(&county, van(DISTRICT, date + TimeDelta::days(1)))
        .await
        .unwrap_err();
    assert_eq!(codes(wrong_day), ["date_outside_campaign"]);

    let wanted = BrowseSessions {
        near: Place::new(116.6, 35.4).ok(),
        ..BrowseSessions::default()
    };
    let found = checkup
        .town
        .services
        .checkups
        .sessions(&wanted, PAGE)
        .await
        .unwrap()
        .items;
    assert_eq!(
        found.iter().map(|one| one.session.id).collect::<Vec<_>>(),
        [session.session.id, checkup.van.session.id]
    );
    assert_eq!(found[0].distance_metres, Some(0));
    let backwards = BrowseSessions {
        to: Some(date - TimeDelta::days(30)),
        ..wanted
    };
    assert_eq!(
        codes(
            checkup
                .town
                .services
                .checkups
                .sessions(&backwards, PAGE)
                .await
                .unwrap_err()
        ),
        ["date_order"]
    );
}
