//! What people are told, in their words. Never a name, phone or address of the other side (W5), and
//! never the pick-up code: it is read from its wish.

use chrono::{DateTime, Utc};

use crate::{
    kernel::values::local_time,
    notices::{Draft, Recipient, templates},
};

templates! {
    RETURNED "wish_returned" about "wish": "心愿需要修改",
        "“{wish}”需要修改：{reason}。修改后可重新提交。";
    REJECTED "wish_rejected" about "wish": "心愿未通过审核",
        "“{wish}”未通过审核：{reason}。如有疑问请联系所属工会。";
    PUBLISHED "wish_published" about "wish": "心愿已发布",
        "“{wish}”已通过审核并发布，有人认领时会通知您。";
    CLAIMED "wish_claimed" about "wish": "心愿有人认领了",
        "“{wish}”已有爱心人士认领，物品到站后会通知您领取。";
    CLAIM_OPENED "wish_claim_opened" about "wish": "认领成功",
        "感谢您认领“{wish}”，请在 {lapses} 前寄出或送到{station}，并点“已寄出”。";
    CLAIM_REMINDER "wish_claim_reminder" about "wish": "认领即将超时",
        "您认领的“{wish}”还未寄出，请在 {lapses} 前寄出；如无法完成，请取消认领。";
    CLAIM_GIVEN_UP "wish_claim_given_up" about "wish": "心愿重新等待认领",
        "“{wish}”的认领已取消，心愿已回到心愿墙，请耐心等待。";
    CLAIM_LAPSED "wish_claim_lapsed" about "wish": "认领已超时释放",
        "“{wish}”的认领超过 72 小时未寄出，心愿已回到心愿墙。";
    DISPATCHED "wish_dispatched" about "wish": "心愿物品已寄出",
        "“{wish}”的物品正送往{station}，到站后会通知您领取。";
    ARRIVED "wish_arrived" about "wish": "心愿物品已到站",
        "“{wish}”的物品已到{station}，请打开“我的心愿”查看取件码，凭码领取，不要告诉他人。";
    ARRIVED_FOR_DONOR "wish_arrived_for_donor" about "wish": "您寄送的物品已到站",
        "“{wish}”的物品已到{station}，正等待职工领取。";
    HANDED_OVER "wish_handed_over" about "wish": "心愿达成",
        "“{wish}”的物品已领取，可以写几句话感谢爱心人士。";
    HANDED_OVER_FOR_DONOR "wish_handed_over_for_donor" about "wish": "您认领的心愿已达成",
        "“{wish}”的物品已由驿站工作人员交到职工手中，感谢您的爱心。";
    THANKED "wish_thanked" about "wish": "您收到一份感谢",
        "许下“{wish}”的职工向您表达了感谢，请在“我的认领”中查看。";
}

pub(super) enum News<'a> {
    Returned {
        reason: &'a str,
    },
    Rejected {
        reason: &'a str,
    },
    Published,
    Claimed,
    ClaimOpened {
        station: &'a str,
        lapses_at: DateTime<Utc>,
    },
    ClaimReminder {
        lapses_at: DateTime<Utc>,
    },
    ClaimGivenUp,
    ClaimLapsed,
    Dispatched {
        station: &'a str,
    },
    Arrived {
        station: &'a str,
    },
    ArrivedForDonor {
        station: &'a str,
    },
    HandedOver,
    HandedOverForDonor,
    Thanked,
}

impl News<'_> {
    /// The message, but for the wish itself.
    pub(super) fn message(&self, to: Recipient) -> Draft {
        match self {
            Self::Returned { reason } => to.template(&RETURNED).with("reason", reason),
            Self::Rejected { reason } => to.template(&REJECTED).with("reason", reason),
            Self::Published => to.template(&PUBLISHED),
            Self::Claimed => to.template(&CLAIMED),
            Self::ClaimOpened { station, lapses_at } => to
                .template(&CLAIM_OPENED)
                .with("station", station)
                .with("lapses", local_time::day_and_time(*lapses_at)),
            Self::ClaimReminder { lapses_at } => to
                .template(&CLAIM_REMINDER)
                .with("lapses", local_time::day_and_time(*lapses_at)),
            Self::ClaimGivenUp => to.template(&CLAIM_GIVEN_UP),
            Self::ClaimLapsed => to.template(&CLAIM_LAPSED),
            Self::Dispatched { station } => to.template(&DISPATCHED).with("station", station),
            Self::Arrived { station } => to.template(&ARRIVED).with("station", station),
            Self::ArrivedForDonor { station } => {
                to.template(&ARRIVED_FOR_DONOR).with("station", station)
            }
            Self::HandedOver => to.template(&HANDED_OVER),
            Self::HandedOverForDonor => to.template(&HANDED_OVER_FOR_DONOR),
            Self::Thanked => to.template(&THANKED),
        }
    }
}
