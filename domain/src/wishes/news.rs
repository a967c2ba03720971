//! What people are told, in their words. Never a name, phone or address of the other side (W5).

use chrono::{DateTime, Utc};

use super::handover::pickup::PickupCode;
use crate::kernel::values::local_time;

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
        code: &'a PickupCode,
    },
    ArrivedForDonor {
        station: &'a str,
    },
    HandedOver,
    HandedOverForDonor,
    Thanked,
}

impl News<'_> {
    pub(super) const fn topic(&self) -> &'static str {
        match self {
            Self::Returned { .. } => "wish_returned",
            Self::Rejected { .. } => "wish_rejected",
            Self::Published => "wish_published",
            Self::Claimed => "wish_claimed",
            Self::ClaimOpened { .. } => "wish_claim_opened",
            Self::ClaimReminder { .. } => "wish_claim_reminder",
            Self::ClaimGivenUp => "wish_claim_given_up",
            Self::ClaimLapsed => "wish_claim_lapsed",
            Self::Dispatched { .. } => "wish_dispatched",
            Self::Arrived { .. } => "wish_arrived",
            Self::ArrivedForDonor { .. } => "wish_arrived_for_donor",
            Self::HandedOver => "wish_handed_over",
            Self::HandedOverForDonor => "wish_handed_over_for_donor",
            Self::Thanked => "wish_thanked",
        }
    }

    pub(super) const fn title(&self) -> &'static str {
        match self {
            Self::Returned { .. } => "心愿需要修改",
            Self::Rejected { .. } => "心愿未通过审核",
            Self::Published => "心愿已发布",
            Self::Claimed => "心愿有人认领了",
            Self::ClaimOpened { .. } => "认领成功",
            Self::ClaimReminder { .. } => "认领即将超时",
            Self::ClaimGivenUp => "心愿重新等待认领",
            Self::ClaimLapsed => "认领已超时释放",
            Self::Dispatched { .. } => "心愿物品已寄出",
            Self::Arrived { .. } => "心愿物品已到站",
            Self::ArrivedForDonor { .. } => "您寄送的物品已到站",
            Self::HandedOver => "心愿达成",
            Self::HandedOverForDonor => "您认领的心愿已达成",
            Self::Thanked => "您收到一份感谢",
        }
    }

    pub(super) fn body(&self, wish: &str) -> String {
        match self {
            Self::Returned { reason } => format!("“{wish}”需要修改：{reason}。修改后可重新提交。"),
            Self::Rejected { reason } => {
                format!("“{wish}”未通过审核：{reason}。如有疑问请联系所属工会。")
            }
            Self::Published => format!("“{wish}”已通过审核并发布，有人认领时会通知您。"),
            Self::Claimed => format!("“{wish}”已有爱心人士认领，物品到站后会通知您领取。"),
            Self::ClaimOpened { station, lapses_at } => {
                format!(
                    "感谢您认领“{wish}”，请在 {} 前寄出或送到{station}，并点“已寄出”。",
                    local_time::day_and_time(*lapses_at)
                )
            }
            Self::ClaimReminder { lapses_at } => {
                format!(
                    "您认领的“{wish}”还未寄出，请在 {} 前寄出；如无法完成，请取消认领。",
                    local_time::day_and_time(*lapses_at)
                )
            }
            Self::ClaimGivenUp => format!("“{wish}”的认领已取消，心愿已回到心愿墙，请耐心等待。"),
            Self::ClaimLapsed => format!("“{wish}”的认领超过 72 小时未寄出，心愿已回到心愿墙。"),
            Self::Dispatched { station } => {
                format!("“{wish}”的物品正送往{station}，到站后会发给您取件码。")
            }
            Self::Arrived { station, code } => {
                format!(
                    "“{wish}”的物品已到{station}，取件码 {}，请凭码领取，不要告诉他人。",
                    code.expose()
                )
            }
            Self::ArrivedForDonor { station } => {
                format!("“{wish}”的物品已到{station}，正等待职工领取。")
            }
            Self::HandedOver => format!("“{wish}”的物品已领取，可以写几句话感谢爱心人士。"),
            Self::HandedOverForDonor => {
                format!("“{wish}”的物品已由驿站工作人员交到职工手中，感谢您的爱心。")
            }
            Self::Thanked => format!("许下“{wish}”的职工向您表达了感谢，请在“我的认领”中查看。"),
        }
    }
}
