//! A file on its way in: written beside the objects, and made one of them in a single step or not
//! at all.

use std::path::{Path, PathBuf};

use niangjia_domain::uploads::objects::ObjectError;
use tokio::{fs, io::AsyncWriteExt};

use super::{local_files::io_fault, post_policy::FormFault};

/// Bytes received so far, within a size range. Dropping it leaves nothing behind.
pub struct Incoming {
    file: fs::File,
    scrap: Scrap,
    target: PathBuf,
    written: u64,
    min_bytes: u64,
    max_bytes: u64,
}

/// Removes its file when dropped.
struct Scrap(PathBuf);

impl Drop for Scrap {
    fn drop(&mut self) {
        // Gone already when it was renamed; what cannot be removed now is removed at the next
        // start.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Incoming {
    pub(super) async fn begin(
        scrap: PathBuf,
        target: PathBuf,
        bounds: (u64, u64),
    ) -> Result<Self, ObjectError> {
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&scrap)
            .await
            .map_err(io_fault)?;
        Ok(Self {
            file,
            scrap: Scrap(scrap),
            target,
            written: 0,
            min_bytes: bounds.0,
            max_bytes: bounds.1,
        })
    }

    pub async fn write(&mut self, chunk: &[u8]) -> Result<(), FormFault> {
        self.written = self.written.saturating_add(chunk.len() as u64);
        if self.written > self.max_bytes {
            return Err(FormFault::EntityTooLarge);
        }
        Ok(self.file.write_all(chunk).await.map_err(io_fault)?)
    }

    /// Durable on return. An object that exists is never replaced: the link fails, whoever is
    /// faster.
    pub async fn finish(mut self) -> Result<(), FormFault> {
        if self.written < self.min_bytes {
            return Err(FormFault::EntityTooSmall);
        }
        self.sync().await?;
        match fs::hard_link(&self.scrap.0, &self.target).await {
            Ok(()) => Ok(sync_folder(&self.target).await?),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(FormFault::FileAlreadyExists)
            }
            Err(error) => Err(io_fault(error).into()),
        }
    }

    /// Durable on return; replaces what is there.
    pub(super) async fn replace(mut self) -> Result<(), ObjectError> {
        self.sync().await?;
        fs::rename(&self.scrap.0, &self.target)
            .await
            .map_err(io_fault)?;
        sync_folder(&self.target).await
    }

    async fn sync(&mut self) -> Result<(), ObjectError> {
        self.file.flush().await.map_err(io_fault)?;
        self.file.sync_all().await.map_err(io_fault)
    }
}

/// A new name is durable only once its folder is.
pub(super) async fn sync_folder(file: &Path) -> Result<(), ObjectError> {
    let Some(folder) = file.parent() else {
        return Ok(());
    };
    fs::File::open(folder)
        .await
        .map_err(io_fault)?
        .sync_all()
        .await
        .map_err(io_fault)
}
