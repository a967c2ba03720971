//! Taking a file in: it is looked at right away, so that a wrong one is told at once, and kept for
//! the job that takes its rows.

use std::sync::Arc;

use serde_json::json;

use super::{
    ImportError, ImportService, MAX_FILE_BYTES, MAX_ROWS,
    cursor::RowStream,
    import::{Import, ImportState, Tally},
    kind::{ImportKind, TableFormat},
};
use crate::{
    audit::{Area, Deed},
    kernel::{AccessError, Actor, Jurisdiction, id::ImportId},
};

/// Characters of a file name that are kept.
const MAX_NAME: usize = 100;

/// A file that somebody hands in.
#[derive(Clone)]
pub struct NewImport {
    /// Code of the kind.
    pub kind: String,
    pub dry_run: bool,
    pub file_name: String,
    pub file: Vec<u8>,
}

/// Who hands it in.
enum Source<'a> {
    Actor(&'a Actor),
    /// The command line or the seed.
    System(&'a str),
}

impl ImportService {
    /// Whether the caller may hand anything in at all: asked before a file is read.
    pub fn admit(&self, actor: &Actor) -> Result<(), ImportError> {
        let admitted = self.targets.iter().any(|target| target.area(actor).is_ok());
        if admitted {
            Ok(())
        } else {
            Err(AccessError::Forbidden.into())
        }
    }

    /// Keeps the file for the job; `Invalid` and the like when it is no such table.
    pub async fn receive(&self, actor: &Actor, new: NewImport) -> Result<Import, ImportError> {
        let area = self.target(&new.kind)?.area(actor)?;
        self.keep(&Source::Actor(actor), area, new).await
    }

    /// For the command line and the seed; `origin` names which in the audit trail.
    pub async fn receive_from(&self, origin: &str, new: NewImport) -> Result<Import, ImportError> {
        self.keep(&Source::System(origin), Jurisdiction::Everywhere, new)
            .await
    }

    /// The file that an office fills in. For whoever may import the kind.
    pub fn template(
        &self,
        actor: &Actor,
        kind: &str,
        format: TableFormat,
    ) -> Result<Vec<u8>, ImportError> {
        let target = self.target(kind)?;
        target.area(actor)?;
        Ok(self.templates.template(target.kind(), format)?)
    }

    async fn keep(
        &self,
        from: &Source<'_>,
        area: Jurisdiction,
        new: NewImport,
    ) -> Result<Import, ImportError> {
        let target = self.target(&new.kind)?;
        let file = Arc::new(new.file);
        let rows_total = self.survey(target.kind(), file.clone()).await?;
        let now = self.foundation.now();
        let mut tx = self.foundation.begin().await?;
        let import = Import {
            id: ImportId::generate(now, self.foundation.random()),
            kind: new.kind,
            dry_run: new.dry_run,
            file_name: short_name(&new.file_name),
            area,
            district: target.district_of(&mut *tx, &area).await?,
            requested_by: match from {
                Source::Actor(actor) => Some(actor.account_id),
                Source::System(_) => None,
            },
            rows_total,
            tally: Tally::default(),
            state: ImportState::Received,
            created_at: now,
        };
        tx.imports().add(&import, &file).await?;
        let detail = json!({ "kind": import.kind, "dryRun": import.dry_run, "rows": rows_total });
        let deed = about("import.received", &import).with(detail);
        let entry = match from {
            Source::Actor(actor) => deed.by(actor, now, self.foundation.random()),
            Source::System(origin) => deed.by_system(origin, now, self.foundation.random()),
        };
        tx.audit().append(entry).await?;
        tx.commit().await?;
        Ok(import)
    }

    /// How many rows there are; or why this is no such table.
    async fn survey(
        &self,
        kind: &'static ImportKind,
        file: Arc<Vec<u8>>,
    ) -> Result<u64, ImportError> {
        if file.len() > MAX_FILE_BYTES {
            return Err(ImportError::FileTooLarge);
        }
        let rows = RowStream::open(&*self.tables, kind, file).await?;
        match rows.count(MAX_ROWS).await? {
            None => Err(ImportError::TooManyRows),
            Some(0) => Err(ImportError::NoRows),
            Some(count) => Ok(count),
        }
    }
}

/// A deed about an import, in its area.
pub(super) fn about(action: &'static str, import: &Import) -> Deed {
    let area = import.district.map_or(Area::Everywhere, Area::District);
    Deed::new(action, import.id).within(area)
}

/// What can be shown of a file's name.
fn short_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown = name.chars().filter(|c| !c.is_control());
    shown.take(MAX_NAME).collect()
}
