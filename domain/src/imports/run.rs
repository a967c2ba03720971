//! Carrying imports on, a chunk at a time. Rows, counters and place are written together.

use std::sync::{Arc, PoisonError};

use serde_json::json;

use super::{
    CHUNK_ROWS, ImportError, ImportService,
    cursor::{Cursor, RowStream},
    import::{Import, Tally},
    receive::about,
    take::is_ours,
    target::ImportTarget,
};
use crate::{
    audit::{AuditEntry, Deed},
    kernel::{AccessError, id::ImportId},
    store::StoreError,
};

impl ImportService {
    /// One chunk of the oldest open import: how many rows it took on; 0 when there is nothing to
    /// do. A file's end counts as work too.
    pub async fn run_once(&self) -> Result<u64, ImportError> {
        let open = self
            .foundation
            .read()
            .await?
            .imports()
            .oldest_open()
            .await?;
        match open {
            Some(import) => self.step(import).await.map(|rows| rows.max(1)),
            None => {
                self.forget_place();
                Ok(0)
            }
        }
    }

    /// One chunk of this import; how it stands afterwards.
    pub async fn carry_on(&self, id: ImportId) -> Result<Import, ImportError> {
        let import = self.find(id).await?;
        if !import.is_open() {
            return Ok(import);
        }
        self.step(import).await?;
        self.find(id).await
    }

    pub(super) async fn find(&self, id: ImportId) -> Result<Import, ImportError> {
        let found = self.foundation.read().await?.imports().find(id).await?;
        found.ok_or_else(|| AccessError::NotFound.into())
    }

    async fn step(&self, import: Import) -> Result<u64, ImportError> {
        let target = match self.target(&import.kind) {
            Ok(target) => target.clone(),
            Err(fault) => return self.give_up(import, fault).await,
        };
        let mut cursor = match self.cursor(&import, &*target).await {
            Ok(Some(cursor)) => cursor,
            // Another process ended it meanwhile.
            Ok(None) => return Ok(0),
            Err(fault) => return self.give_up(import, fault).await,
        };
        let rows = match cursor.rows.next(CHUNK_ROWS).await {
            Ok(rows) => rows,
            Err(fault) => return self.give_up(import, fault).await,
        };
        let count = rows.len() as u64;
        if rows.is_empty() {
            self.finish(import).await?;
            return Ok(0);
        }
        let (id, from) = (import.id, import.tally.read);
        let stands = match self.take_chunk(&import, &*target, &rows).await {
            Err(ImportError::Store(fault)) if is_ours(&fault) => {
                match self.take_singly(import.clone(), &*target, &rows).await {
                    Err(fault) => return self.give_up(import, fault).await,
                    Ok(stands) => stands,
                }
            }
            other => other?,
        };
        if stands {
            cursor.read = from + count;
            self.remember(Cursor {
                import: id,
                ..cursor
            });
        }
        Ok(count)
    }

    /// Where the import stands: kept from the last chunk, or found by reading the file anew.
    async fn cursor(
        &self,
        import: &Import,
        target: &dyn ImportTarget,
    ) -> Result<Option<Cursor>, ImportError> {
        let kept = self
            .place
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(cursor) = kept
            && (cursor.import, cursor.read) == (import.id, import.tally.read)
        {
            return Ok(Some(cursor));
        }
        let file = self
            .foundation
            .read()
            .await?
            .imports()
            .file(import.id)
            .await?;
        let Some(file) = file else { return Ok(None) };
        let mut rows = RowStream::open(&*self.tables, target.kind(), Arc::new(file)).await?;
        rows.skip(import.tally.read).await?;
        let (import, read) = (import.id, import.tally.read);
        Ok(Some(Cursor { import, read, rows }))
    }

    /// Nothing is open: the file need not stay in memory.
    fn forget_place(&self) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn remember(&self, cursor: Cursor) {
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(cursor);
    }

    async fn finish(&self, import: Import) -> Result<(), ImportError> {
        let now = self.foundation.now();
        if let Ok(import) = import.finish(now) {
            self.end("import.finished", import).await?;
        }
        Ok(())
    }

    /// A file that was read once and cannot be any more, or a row that cannot even be refused:
    /// nothing but a defect does that, so the import ends instead of stopping those behind it.
    async fn give_up(&self, import: Import, fault: ImportError) -> Result<u64, ImportError> {
        if let ImportError::Store(StoreError::Unavailable(_) | StoreError::Locked { .. }) = fault {
            return Err(fault);
        }
        if let Ok(import) = import.fail(self.foundation.now()) {
            self.end("import.failed", import).await?;
        }
        Err(fault)
    }

    async fn end(&self, action: &'static str, import: Import) -> Result<(), ImportError> {
        let Tally {
            added,
            updated,
            unchanged,
            refused,
            read,
            ..
        } = import.tally;
        let mut tx = self.foundation.begin().await?;
        if !tx.imports().save(&import, read).await? {
            return Ok(());
        }
        tx.imports().remove_file(import.id).await?;
        let detail = json!({
            "kind": import.kind, "dryRun": import.dry_run, "added": added,
            "updated": updated, "unchanged": unchanged, "refused": refused,
        });
        let deed = about(action, &import).with(detail);
        tx.audit().append(self.signed(deed)).await?;
        Ok(tx.commit().await?)
    }

    pub(super) fn signed(&self, deed: Deed) -> AuditEntry {
        deed.by_system("imports", self.foundation.now(), self.foundation.random())
    }
}
