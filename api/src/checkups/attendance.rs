//! Who came and who did not: counts only, nobody's name.

use actix_web::{HttpResponse, get, web};
use niangjia_domain::{
    checkups::{Attendance, CheckupService, Counts},
    kernel::{id::kind, values::local_time::rfc3339},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{
    extract::{Caller, IdPath},
    problem::Problem,
    reply,
};

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckupAttendance)]
pub struct AttendanceDto {
    session_id: String,
    capacity: u32,
    #[serde(flatten)]
    total: CountsDto,
    slots: Vec<SlotAttendanceDto>,
}

impl From<Attendance> for AttendanceDto {
    fn from(attendance: Attendance) -> Self {
        let (capacity, total) = (attendance.capacity(), attendance.total().into());
        let slots = attendance.slots.into_iter().map(|slot| SlotAttendanceDto {
            id: slot.slot_id.to_string(),
            start: rfc3339(slot.start),
            end: rfc3339(slot.end),
            capacity: slot.capacity,
            counts: slot.counts.into(),
        });
        Self {
            session_id: attendance.session_id.to_string(),
            capacity,
            total,
            slots: slots.collect(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckupSlotAttendance)]
pub struct SlotAttendanceDto {
    id: String,
    start: String,
    end: String,
    capacity: u32,
    #[serde(flatten)]
    counts: CountsDto,
}

/// Every booking is counted once, by its present state.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CheckupCounts)]
pub struct CountsDto {
    /// Expected and not here yet.
    booked: u32,
    /// Here, not finished.
    checked_in: u32,
    completed: u32,
    cancelled: u32,
}

impl From<Counts> for CountsDto {
    fn from(counts: Counts) -> Self {
        let Counts {
            booked,
            checked_in,
            completed,
            cancelled,
        } = counts;
        Self {
            booked,
            checked_in,
            completed,
            cancelled,
        }
    }
}

/// How many booked, came and finished. Counts only.
#[utoipa::path(tag = "checkups", params(("id" = String, Path)), responses((status = 200, body = AttendanceDto)), security(("bearer" = [])))]
#[get("/admin/checkup-sessions/{id}/attendance")]
pub async fn get_checkup_attendance(
    checkups: web::Data<CheckupService>,
    caller: Caller,
    id: IdPath<kind::CheckupSession>,
) -> Result<HttpResponse, Problem> {
    let attendance = checkups.attendance(&caller.0, id.0).await?;
    Ok(reply::ok(AttendanceDto::from(attendance)))
}
