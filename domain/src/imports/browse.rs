//! How imports stand, for those who look after their area.

use super::{
    ImportError, ImportService,
    import::{Import, RowError},
};
use crate::kernel::{AccessError, Actor, Page, PageRequest, id::ImportId};

/// An import with the cells that were refused, by line; at most
/// [`MAX_NAMED_ERRORS`](super::MAX_NAMED_ERRORS).
#[derive(Debug, Clone)]
pub struct Report {
    pub import: Import,
    pub errors: Vec<RowError>,
}

impl ImportService {
    /// Newest first.
    pub async fn imports(
        &self,
        actor: &Actor,
        page: PageRequest,
    ) -> Result<Page<Import>, ImportError> {
        let area = actor.require_reader()?;
        Ok(self
            .foundation
            .read()
            .await?
            .imports()
            .list(&area, page)
            .await?)
    }

    pub async fn report(&self, actor: &Actor, id: ImportId) -> Result<Report, ImportError> {
        let area = actor.require_reader()?;
        let mut tx = self.foundation.read().await?;
        let import = tx.imports().find_within(id, &area).await?;
        let import = import.ok_or(AccessError::NotFound)?;
        let errors = tx.imports().errors(id).await?;
        Ok(Report { import, errors })
    }

    /// The same without a caller: for the command line.
    pub async fn errors(&self, id: ImportId) -> Result<Vec<RowError>, ImportError> {
        Ok(self.foundation.read().await?.imports().errors(id).await?)
    }
}
