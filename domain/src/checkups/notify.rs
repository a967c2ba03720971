//! What the inbox says about bookings.

use chrono::{DateTime, Utc};

use super::{
    bookings::booking::Booking,
    sessions::{session::CheckupSession, slot::Slot},
};
use crate::{
    kernel::{Random, values::local_time},
    outbox::OutboxEvent,
};

pub(super) fn booked(
    booking: &Booking,
    slot: &Slot,
    session: &CheckupSession,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> OutboxEvent {
    let body = format!(
        "您已预约{}在{}的体检。到场后请打开“我的预约”出示签到码；如不能前往，请在开始前 24 小时以上取消，把名额留给其他工友。",
        when(slot, session),
        session.place
    );
    news(booking, "checkup_booked", "体检预约成功", body, now, random)
}

pub(super) fn cancelled(
    booking: &Booking,
    slot: &Slot,
    session: &CheckupSession,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> OutboxEvent {
    let body = format!(
        "您已取消{}在{}的体检。需要时可以重新预约其他时段。",
        when(slot, session),
        session.place
    );
    news(
        booking,
        "checkup_cancelled",
        "体检预约已取消",
        body,
        now,
        random,
    )
}

pub(super) fn completed(booking: &Booking, now: DateTime<Utc>, random: &dyn Random) -> OutboxEvent {
    let body = "您本次的体检项目已全部完成，感谢配合，祝您健康。";
    news(
        booking,
        "checkup_completed",
        "体检已完成",
        body.to_owned(),
        now,
        random,
    )
}

fn when(slot: &Slot, session: &CheckupSession) -> String {
    format!(
        "{} {}–{}",
        local_time::spaced_day(session.date),
        local_time::clock_time(slot.starts_at),
        local_time::clock_time(slot.ends_at)
    )
}

fn news(
    booking: &Booking,
    topic: &str,
    title: &str,
    body: String,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> OutboxEvent {
    OutboxEvent::inbox(
        booking.account_id,
        topic,
        title,
        body,
        Some(booking.id.to_string()),
        now,
        random,
    )
}
