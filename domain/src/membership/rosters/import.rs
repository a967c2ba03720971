//! Importing a list of expected members. All rows are checked first; if one is broken nothing is
//! written, and the report names each broken row and field. Importing the same list again changes
//! nothing.

use chrono::{DateTime, Utc};

use super::roster_row::RosterRow;
use crate::{
    audit::{Area, Deed},
    kernel::{
        FieldError, Invalid, Phone,
        id::RosterRowId,
        invalid::FieldCheck,
        values::{local_time, text},
    },
    membership::{MembershipService, applications::application, error::MembershipError},
    store::Tx,
};

/// One row as it stands in the file; the union is named.
#[derive(Clone)]
pub struct RosterEntry {
    pub phone: String,
    pub name: String,
    pub id_number: String,
    pub occupation: String,
    pub union: String,
}

/// What is wrong with a row; never repeats what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// 1 is the first row after the heading.
    pub row: usize,
    pub errors: Vec<FieldError>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterReport {
    pub added: usize,
    /// Listed before.
    pub known: usize,
    /// Not empty: nothing was written.
    pub refused: Vec<RefusedRow>,
}

impl MembershipService {
    /// For the command line and the seed; `origin` names which in the audit trail.
    pub async fn import_roster(
        &self,
        origin: &str,
        entries: &[RosterEntry],
    ) -> Result<RosterReport, MembershipError> {
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let mut report = RosterReport::default();
        for (n, entry) in entries.iter().enumerate() {
            match self.row(&mut *tx, entry, now).await {
                Ok(row) if tx.rosters().add(&row, now).await? => report.added += 1,
                Ok(_) => report.known += 1,
                Err(MembershipError::Invalid(Invalid { errors })) => {
                    report.refused.push(RefusedRow { row: n + 1, errors });
                }
                Err(other) => return Err(other),
            }
        }
        if !report.refused.is_empty() {
            return Ok(RosterReport {
                added: 0,
                known: 0,
                ..report
            });
        }
        let detail = serde_json::json!({ "added": report.added, "known": report.known });
        let deed = Deed::new("roster.imported", origin)
            .within(Area::Everywhere)
            .with(detail);
        tx.audit()
            .append(deed.by_system(origin, now, self.foundation.random()))
            .await?;
        tx.commit().await?;
        Ok(report)
    }

    async fn row(
        &self,
        tx: &mut dyn Tx,
        entry: &RosterEntry,
        now: DateTime<Utc>,
    ) -> Result<RosterRow, MembershipError> {
        let mut check = FieldCheck::default();
        let phone = check.take(
            Phone::parse(&entry.phone)
                .map_err(|_| invalid("phone", "phone_invalid", "手机号应为 11 位")),
        );
        let name = check.take(text::person_name("name", &entry.name));
        let today = local_time::date_of(now);
        let id_number = check.take(application::id_number("idNumber", &entry.id_number, today));
        let occupation = check.take(application::occupation("occupation", &entry.occupation));
        let union = tx.unions().find_by_name(entry.union.trim()).await?;
        let union = check.take(
            union.ok_or_else(|| invalid("union", "union_unknown", "没有这个工会，请填写工会全称")),
        );
        check.finish()?;
        match (phone, name, id_number, occupation, union) {
            (Some(phone), Some(name), Some(id_number), Some(occupation), Some(union)) => {
                let id = RosterRowId::generate(now, self.foundation.random());
                Ok(RosterRow {
                    id,
                    union_id: union.id,
                    phone,
                    name,
                    id_number,
                    occupation,
                })
            }
            _ => Err(invalid("phone", "row_incomplete", "该行内容不完整").into()),
        }
    }
}

fn invalid(field: &str, code: &'static str, detail: &str) -> Invalid {
    Invalid::field(field, code, detail)
}
