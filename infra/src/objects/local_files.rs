//! Objects as files below one folder. Paths are made from [`ObjectKey`]s only, which cannot climb.

use std::{
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{Random, ports::random},
    uploads::{ObjectKey, objects::ObjectError},
};
use tokio::{fs, io::AsyncReadExt};

use super::incoming::{Incoming, sync_folder};

/// Where files are until they are whole. No key has a segment that starts with a dot.
const SCRAPS: &str = ".incoming";
/// No transfer takes as long.
const SCRAP_LIFE: TimeDelta = TimeDelta::hours(1);

pub(super) struct LocalFiles {
    folder: PathBuf,
    random: Arc<dyn Random>,
}

impl LocalFiles {
    /// Makes the folder if needed and throws away what a crash left half-written. Other processes
    /// may be receiving files meanwhile, so recent scraps stay.
    pub(super) fn open(
        folder: PathBuf,
        now: DateTime<Utc>,
        random: Arc<dyn Random>,
    ) -> io::Result<Self> {
        let scraps = folder.join(SCRAPS);
        std::fs::create_dir_all(&scraps)?;
        for scrap in std::fs::read_dir(&scraps)? {
            let scrap = scrap?;
            if DateTime::<Utc>::from(scrap.metadata()?.modified()?) < now - SCRAP_LIFE {
                std::fs::remove_file(scrap.path())?;
            }
        }
        Ok(Self { folder, random })
    }

    pub(super) async fn size(&self, key: &ObjectKey) -> Result<u64, ObjectError> {
        Ok(fs::metadata(self.path(key)).await.map_err(io_fault)?.len())
    }

    pub(super) async fn read(
        &self,
        key: &ObjectKey,
        max_bytes: u64,
    ) -> Result<Vec<u8>, ObjectError> {
        let file = fs::File::open(self.path(key)).await.map_err(io_fault)?;
        let mut bytes = Vec::new();
        file.take(max_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .await
            .map_err(io_fault)?;
        if bytes.len() as u64 > max_bytes {
            Err(ObjectError::TooLarge)
        } else {
            Ok(bytes)
        }
    }

    pub(super) async fn remove(&self, key: &ObjectKey) -> Result<(), ObjectError> {
        let path = self.path(key);
        match fs::remove_file(&path).await {
            Ok(()) => sync_folder(&path).await,
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(error) => Err(io_fault(error)),
        }
    }

    pub(super) async fn incoming(
        &self,
        key: &ObjectKey,
        bounds: (u64, u64),
    ) -> Result<Incoming, ObjectError> {
        let target = self.path(key);
        self.make_folder(&target).await?;
        let scrap = self
            .folder
            .join(SCRAPS)
            .join(hex::encode(random::bytes::<16>(&*self.random)));
        Incoming::begin(scrap, target, bounds).await
    }

    /// A new folder's name has to last, too.
    async fn make_folder(&self, target: &Path) -> Result<(), ObjectError> {
        match target.parent() {
            Some(folder) if !fs::try_exists(folder).await.map_err(io_fault)? => {
                fs::create_dir_all(folder).await.map_err(io_fault)?;
                sync_folder(folder).await
            }
            _ => Ok(()),
        }
    }

    fn path(&self, key: &ObjectKey) -> PathBuf {
        key.as_str()
            .split('/')
            .fold(self.folder.clone(), |path, segment| path.join(segment))
    }
}

pub(super) fn io_fault(error: io::Error) -> ObjectError {
    match error.kind() {
        ErrorKind::NotFound => ObjectError::NotFound,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotADirectory => {
            ObjectError::Misconfigured(format!("data folder: {}", error.kind()))
        }
        kind => ObjectError::Unavailable(format!("data folder: {kind}")),
    }
}

#[cfg(test)]
mod tests {
    use niangjia_domain::kernel::Clock;

    use super::*;
    use crate::system::{SystemClock, SystemRandom};

    fn files(folder: &Path) -> LocalFiles {
        LocalFiles::open(folder.to_owned(), SystemClock.now(), Arc::new(SystemRandom)).unwrap()
    }

    fn scraps(folder: &Path) -> usize {
        std::fs::read_dir(folder.join(SCRAPS)).unwrap().count()
    }

    #[tokio::test]
    async fn a_transfer_that_stops_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (files, key) = (files(folder.path()), ObjectKey::parse("tmp/a").unwrap());
        let mut incoming = files.incoming(&key, (1, 10)).await.unwrap();
        incoming.write(b"half").await.unwrap();
        assert_eq!(scraps(folder.path()), 1);
        drop(incoming);
        assert_eq!(scraps(folder.path()), 0);
        assert!(matches!(files.size(&key).await, Err(ObjectError::NotFound)));
    }

    #[tokio::test]
    async fn what_a_crash_left_is_gone_after_the_next_start_and_objects_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let key = ObjectKey::parse("tmp/a").unwrap();
        let mut incoming = files(folder.path()).incoming(&key, (1, 10)).await.unwrap();
        incoming.write(b"whole").await.unwrap();
        incoming.finish().await.unwrap();
        for name in ["left", "coming"] {
            std::fs::write(folder.path().join(SCRAPS).join(name), b"half").unwrap();
        }
        let left = std::fs::File::options()
            .write(true)
            .open(folder.path().join(SCRAPS).join("left"))
            .unwrap();
        left.set_modified((SystemClock.now() - TimeDelta::hours(2)).into())
            .unwrap();
        assert_eq!(files(folder.path()).read(&key, 10).await.unwrap(), b"whole");
        assert!(
            folder.path().join(SCRAPS).join("coming").exists(),
            "another process may be receiving it"
        );
        assert_eq!(scraps(folder.path()), 1);
    }
}
