//! Whether the object store takes, gives back and deletes a small object.

use niangjia_domain::uploads::objects::{ObjectError, ObjectStore};

use super::{Finding, PATIENCE};
use crate::config::ObjectsConfig;

const ABOUT: &str = "objects";

pub(super) async fn examine(config: &ObjectsConfig, store: &dyn ObjectStore) -> Finding {
    let place = match config {
        ObjectsConfig::Local { folder } => folder.display().to_string(),
        ObjectsConfig::OssV4(oss) | ObjectsConfig::OssV1(oss) => {
            format!("bucket {} at {}", oss.bucket, oss.endpoint)
        }
    };
    match tokio::time::timeout(PATIENCE, store.probe()).await {
        Ok(Ok(())) => Finding::ok(ABOUT, place),
        Ok(Err(error)) => judge(&place, config, &error),
        Err(_) => Finding::fail(
            ABOUT,
            format!("{place}: no answer"),
            "may this machine reach the endpoint?",
        ),
    }
}

fn judge(place: &str, config: &ObjectsConfig, error: &ObjectError) -> Finding {
    let mend = match (config, error) {
        (ObjectsConfig::Local { .. }, _) => "give the service's user the folder",
        (_, ObjectError::Misconfigured(_)) => {
            "check NIANGJIA_OBJECTS_BUCKET, _REGION and the AccessKey, and the clock"
        }
        _ => "may this machine reach the endpoint?",
    };
    Finding::fail(ABOUT, format!("{place}: {error}"), mend)
}
