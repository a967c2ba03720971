//! One bookable session: today's van, or tomorrow's when the day is nearly over.

use chrono::{NaiveTime, TimeDelta};
use niangjia_domain::{
    checkups::sessions::{campaign::CampaignPlan, session::SessionPlan, slot::SlotPlan},
    kernel::{Actor, PageRequest, values::local_time},
    stations::station::Station,
};

use super::{Failure, people::Cast};
use crate::wiring::Services;

const NAME: &str = "新就业形态劳动者免费体检（演示）";
/// Later than this, in Shanghai, nobody would come today.
const LAST_CALL: NaiveTime = NaiveTime::from_hms_opt(22, 0, 0).expect("a time of day");
const SEATS: u32 = 40;

/// Whether this last step of the demo has been made.
pub(super) async fn is_seeded(services: &Services, reader: &Actor) -> Result<bool, Failure> {
    let page = PageRequest {
        limit: PageRequest::MAX_LIMIT,
        after: None,
    };
    let campaigns = services.checkups.campaigns(reader, page).await?;
    Ok(campaigns.items.iter().any(|campaign| campaign.name == NAME))
}

pub(super) async fn seed(services: &Services, cast: &Cast, home: &Station) -> Result<(), Failure> {
    if is_seeded(services, &cast.cadre).await? {
        return Ok(());
    }
    let now = services.foundation.clock.now();
    let today = local_time::date_of(now);
    let date = if local_time::time_of(now) < LAST_CALL {
        today
    } else {
        today + TimeDelta::days(1)
    };
    let plan = CampaignPlan {
        name: NAME.to_owned(),
        district: cast.home,
        from: today,
        to: today + TimeDelta::days(60),
    };
    let campaign = services.checkups.open_campaign(&cast.cadre, plan).await?;
    let session = SessionPlan {
        district: cast.home,
        place: "太白广场（演示）".to_owned(),
        location: home.place,
        date,
        vehicle: "移动体检车一号（演示）".to_owned(),
        packages: vec!["basic".to_owned()],
    };
    let midnight = local_time::start_of(date + TimeDelta::days(1));
    let noon = local_time::start_of(date) + TimeDelta::hours(12);
    let slots = [
        SlotPlan {
            start: local_time::start_of(date),
            end: noon,
            capacity: SEATS,
        },
        SlotPlan {
            start: noon,
            end: midnight,
            capacity: SEATS,
        },
    ];
    let open: Vec<_> = slots.into_iter().filter(|slot| slot.end > now).collect();
    services
        .checkups
        .schedule_session(&cast.cadre, campaign.id, session, &open)
        .await?;
    Ok(())
}
