//! What people are told about their bookings.

use chrono::{DateTime, Utc};

use super::{
    bookings::booking::Booking,
    sessions::{session::CheckupSession, slot::Slot},
};
use crate::{
    kernel::{Random, values::local_time},
    notices::{Template, templates},
    outbox::OutboxEvent,
};

templates! {
    BOOKED "checkup_booked" about "booking": "体检预约成功",
        "您已预约{when}在{place}的体检。到场后请打开“我的预约”出示签到码；如不能前往，请在开始前 24 小时以上取消，把名额留给其他工友。";
    CANCELLED "checkup_cancelled" about "booking": "体检预约已取消",
        "您已取消{when}在{place}的体检。需要时可以重新预约其他时段。";
    COMPLETED "checkup_completed" about "booking": "体检已完成",
        "您本次的体检项目已全部完成，感谢配合，祝您健康。";
}

pub(super) fn booked(
    booking: &Booking,
    slot: &Slot,
    session: &CheckupSession,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> OutboxEvent {
    of_seat(&BOOKED, booking, slot, session, now, random)
}

pub(super) fn cancelled(
    booking: &Booking,
    slot: &Slot,
    session: &CheckupSession,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> OutboxEvent {
    of_seat(&CANCELLED, booking, slot, session, now, random)
}

pub(super) fn completed(booking: &Booking, now: DateTime<Utc>, random: &dyn Random) -> OutboxEvent {
    OutboxEvent::to(booking.account_id)
        .template(&COMPLETED)
        .about(booking.id)
        .at(now, random)
}

fn of_seat(
    template: &Template,
    booking: &Booking,
    slot: &Slot,
    session: &CheckupSession,
    now: DateTime<Utc>,
    random: &dyn Random,
) -> OutboxEvent {
    OutboxEvent::to(booking.account_id)
        .template(template)
        .with("when", when(slot, session))
        .with("place", &session.place)
        .about(booking.id)
        .at(now, random)
}

fn when(slot: &Slot, session: &CheckupSession) -> String {
    format!(
        "{} {}–{}",
        local_time::spaced_day(session.date),
        local_time::clock_time(slot.starts_at),
        local_time::clock_time(slot.ends_at)
    )
}
