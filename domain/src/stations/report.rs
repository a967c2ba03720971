//! "I found it shut": a worker's report reaches the station's keepers.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{StationService, error::StationError, news};
use crate::{
    audit::Deed,
    kernel::{
        AccessError, Actor, Answer, IdempotentRequest,
        coded::coded,
        id::{AccountId, StationId, StationReportId},
        idempotency::{first_answer, remember},
        values::text,
    },
    notices::Template,
    outbox::OutboxEvent,
};

coded! {
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    ReportKind {
        FoundShut "found_shut",
        WrongPlace "wrong_place",
        Other "other",
    }
}

impl ReportKind {
    /// What the keepers are told.
    const fn news(self) -> &'static Template {
        match self {
            Self::FoundShut => &news::FOUND_SHUT,
            Self::WrongPlace => &news::WRONG_PLACE,
            Self::Other => &news::OTHER,
        }
    }
}

#[derive(Debug, Clone)]
pub struct NewReport {
    pub station_id: StationId,
    pub kind: ReportKind,
    pub note: Option<String>,
}

#[derive(Debug, Clone)]
pub struct StationReport {
    pub id: StationReportId,
    pub station_id: StationId,
    pub account_id: AccountId,
    pub kind: ReportKind,
    pub note: Option<String>,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportReceipt {
    pub id: StationReportId,
}

impl StationService {
    pub async fn report(
        &self,
        actor: &Actor,
        request: &IdempotentRequest,
        new: NewReport,
    ) -> Result<Answer<ReportReceipt>, StationError> {
        let now = self.foundation.now();
        let note = new
            .note
            .as_deref()
            .map(|note| text::paragraphs("note", note, 0, 200))
            .transpose()?;
        let mut tx = self.foundation.begin().await?;
        if let Some(first) = first_answer::<_, StationError>(&mut *tx, request, now).await? {
            return Ok(first);
        }
        let station = tx
            .stations()
            .find(new.station_id)
            .await?
            .ok_or(AccessError::NotFound)?;
        let report = StationReport {
            id: StationReportId::generate(now, self.foundation.random()),
            station_id: station.id,
            account_id: actor.account_id,
            kind: new.kind,
            note,
            at: now,
        };
        tx.stations().add_report(&report).await?;
        for keeper in tx.stations().staff_of(station.id).await? {
            let event = OutboxEvent::to(keeper)
                .template(new.kind.news())
                .with("station", &station.name)
                .about(report.id)
                .at(now, self.foundation.random());
            tx.outbox().append(event).await?;
        }
        let deed = Deed::new("station.reported", station.id).within(station.district);
        tx.audit()
            .append(deed.by(actor, now, self.foundation.random()))
            .await?;
        let answer = remember(&mut *tx, request, ReportReceipt { id: report.id }).await?;
        tx.commit().await?;
        Ok(answer)
    }
}
