//! Whether a store does what it must: for `doctor`.

use niangjia_domain::uploads::{
    ObjectKey,
    objects::{ObjectError, ObjectStore},
};

const CONTENT: &[u8] = b"niangjia";

/// Writes, reads and deletes a small object under `tmp/`.
pub(super) async fn write_read_delete(store: &dyn ObjectStore) -> Result<(), ObjectError> {
    let key = ObjectKey::parse("tmp/probe")
        .map_err(|error| ObjectError::Misconfigured(error.to_string()))?;
    store.put(&key, "text/plain", CONTENT.to_vec()).await?;
    let read = store.get(&key, CONTENT.len() as u64).await?;
    store.delete(&key).await?;
    if read == CONTENT {
        Ok(())
    } else {
        Err(ObjectError::Misconfigured(
            "what was written reads differently".into(),
        ))
    }
}
