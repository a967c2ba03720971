//! The object store: files of this process, which it then serves itself, or a bucket whose signed
//! URLs are followed to no other host.

use std::{error::Error, sync::Arc, time::Duration};

use niangjia_domain::{
    kernel::{Clock, Random},
    uploads::objects::ObjectStore,
};
use niangjia_infra::objects::{LocalObjects, LocalSettings, OssSettings, OssSignature, OssStore};

use crate::config::{Config, ObjectsConfig, OssConfig};

/// For one try, transfer included: ten megabytes on a slow line.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

pub(super) struct Photos {
    pub(super) objects: Arc<dyn ObjectStore>,
    pub(super) local_objects: Option<Arc<LocalObjects>>,
}

impl Photos {
    pub(super) fn open(
        config: &Config,
        public_url: &str,
        clock: &Arc<dyn Clock>,
        random: &Arc<dyn Random>,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let (signature, bucket) = match &config.objects {
            ObjectsConfig::Local { folder } => {
                let settings = LocalSettings {
                    folder: folder.clone(),
                    public_url: public_url.to_owned(),
                    key: config.keys.derived("local objects"),
                };
                let local = Arc::new(LocalObjects::open(settings, clock.clone(), random.clone())?);
                return Ok(Self {
                    objects: local.clone(),
                    local_objects: Some(local),
                });
            }
            ObjectsConfig::OssV4(bucket) => (OssSignature::V4, bucket),
            ObjectsConfig::OssV1(bucket) => (OssSignature::V1, bucket),
        };
        let http = reqwest::Client::builder()
            .connect_timeout(Duration::from_secs(2))
            // A signature is for one host.
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let store = OssStore::new(&settings(signature, bucket), http, clock.clone())?;
        Ok(Self {
            objects: Arc::new(store),
            local_objects: None,
        })
    }
}

fn settings(signature: OssSignature, bucket: &OssConfig) -> OssSettings {
    OssSettings {
        signature,
        bucket: bucket.bucket.clone(),
        region: bucket.region.clone(),
        endpoint: Some(bucket.endpoint.clone()),
        access_key_id: bucket.access_key_id.clone(),
        access_key_secret: bucket.access_key_secret.clone(),
        attempt_timeout: ATTEMPT_TIMEOUT,
    }
}
