//! One file on its way in: received → running → done, or checked for a dry run; or failed when the
//! file turns out to be unreadable after all.

use chrono::{DateTime, Utc};

use crate::kernel::{
    DistrictCode, Jurisdiction,
    coded::coded,
    id::{AccountId, ImportId},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub id: ImportId,
    /// Code of its [`super::ImportKind`].
    pub kind: String,
    /// Everything is checked and nothing taken.
    pub dry_run: bool,
    /// As the office called it.
    pub file_name: String,
    /// Rows land inside this area only.
    pub area: Jurisdiction,
    /// The area's district; `None` for the whole city.
    pub district: Option<DistrictCode>,
    /// `None`: the command line or the seed.
    pub requested_by: Option<AccountId>,
    /// Rows of the file, without heading and blank ones.
    pub rows_total: u64,
    pub tally: Tally,
    pub state: ImportState,
    pub created_at: DateTime<Utc>,
}

/// How far it came, and what became of the rows so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub read: u64,
    pub added: u64,
    pub updated: u64,
    pub unchanged: u64,
    /// Rows, not cells.
    pub refused: u64,
    /// Refused cells; a row may have several.
    pub errors: u64,
}

coded! {
    /// An [`ImportState`] without its data.
    ImportStatus {
        Received "received",
        Running "running",
        Checked "checked",
        Done "done",
        Failed "failed",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    Received,
    Running,
    /// The dry run is over.
    Checked {
        at: DateTime<Utc>,
    },
    Done {
        at: DateTime<Utc>,
    },
    Failed {
        at: DateTime<Utc>,
    },
}

impl ImportState {
    pub const fn status(self) -> ImportStatus {
        match self {
            Self::Received => ImportStatus::Received,
            Self::Running => ImportStatus::Running,
            Self::Checked { .. } => ImportStatus::Checked,
            Self::Done { .. } => ImportStatus::Done,
            Self::Failed { .. } => ImportStatus::Failed,
        }
    }

    /// What is stored; `None` when the parts do not belong together.
    pub const fn of(status: ImportStatus, finished_at: Option<DateTime<Utc>>) -> Option<Self> {
        match (status, finished_at) {
            (ImportStatus::Received, None) => Some(Self::Received),
            (ImportStatus::Running, None) => Some(Self::Running),
            (ImportStatus::Checked, Some(at)) => Some(Self::Checked { at }),
            (ImportStatus::Done, Some(at)) => Some(Self::Done { at }),
            (ImportStatus::Failed, Some(at)) => Some(Self::Failed { at }),
            _ => None,
        }
    }

    pub const fn finished_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Received | Self::Running => None,
            Self::Checked { at } | Self::Done { at } | Self::Failed { at } => Some(at),
        }
    }
}

/// The import is over and goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("import is over")]
pub struct ImportOver;

impl Import {
    pub const fn is_open(&self) -> bool {
        self.state.finished_at().is_none()
    }

    /// Some more rows were read.
    pub fn advance(self, tally: Tally) -> Result<Self, ImportOver> {
        self.open()?;
        let state = ImportState::Running;
        Ok(Self {
            tally,
            state,
            ..self
        })
    }

    /// The file is at its end.
    pub fn finish(self, at: DateTime<Utc>) -> Result<Self, ImportOver> {
        self.open()?;
        let state = if self.dry_run {
            ImportState::Checked { at }
        } else {
            ImportState::Done { at }
        };
        Ok(Self { state, ..self })
    }

    /// The file cannot be read on.
    pub fn fail(self, at: DateTime<Utc>) -> Result<Self, ImportOver> {
        self.open()?;
        let state = ImportState::Failed { at };
        Ok(Self { state, ..self })
    }

    const fn open(&self) -> Result<(), ImportOver> {
        if self.is_open() {
            Ok(())
        } else {
            Err(ImportOver)
        }
    }
}

/// A refused cell. Never repeats what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// As the spreadsheet counts: the first line is 1.
    pub line: u32,
    /// Key of the column.
    pub column: String,
    /// Stable snake_case code.
    pub code: String,
    /// What to change, for people.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const AT: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn import(state: ImportState, dry_run: bool) -> Import {
        Import {
            id: ImportId::from_uuid(uuid::Uuid::nil()),
            kind: "roster".to_owned(),
            dry_run,
            file_name: "花名册.xlsx".to_owned(),
            area: Jurisdiction::Everywhere,
            district: None,
            requested_by: None,
            rows_total: 1,
            tally: Tally::default(),
            state,
            created_at: AT,
        }
    }

    // Every state × every step.
    #[rstest]
    #[case(ImportState::Received, true)]
    #[case(ImportState::Running, true)]
    #[case(ImportState::Checked { at: AT }, false)]
    #[case(ImportState::Done { at: AT }, false)]
    #[case(ImportState::Failed { at: AT }, false)]
    fn an_import_that_is_over_goes_no_further(#[case] state: ImportState, #[case] goes_on: bool) {
        let step = |to: Result<Import, ImportOver>| to.map(|import| import.state).ok();
        let expected = |to| goes_on.then_some(to);
        let tally = Tally::default();
        assert_eq!(
            step(import(state, false).advance(tally)),
            expected(ImportState::Running)
        );
        assert_eq!(
            step(import(state, false).finish(AT)),
            expected(ImportState::Done { at: AT })
        );
        assert_eq!(
            step(import(state, true).finish(AT)),
            expected(ImportState::Checked { at: AT })
        );
        assert_eq!(
            step(import(state, false).fail(AT)),
            expected(ImportState::Failed { at: AT })
        );
        assert_eq!(
            ImportState::of(state.status(), state.finished_at()),
            Some(state)
        );
    }
}
