//! The three stores under test, each behind the port and behind its own URLs.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use niangjia_domain::{
    kernel::{Clock, Random},
    uploads::{
        ObjectKey,
        objects::{ObjectStore, UploadPolicy},
    },
};
use niangjia_infra::{
    objects::{OssSettings, OssSignature, OssStore},
    system::{SystemClock, SystemRandom},
};
use niangjia_tests::stand_ins::{local_objects::LocalObjectServer, oss::OssStandIn};

#[derive(Debug, Clone, Copy)]
pub enum Which {
    Local,
    OssV4,
    OssV1,
}

enum Server {
    Local(LocalObjectServer),
    Oss(OssStandIn),
}

pub struct Place {
    pub objects: Arc<dyn ObjectStore>,
    server: Server,
}

impl Place {
    pub fn new(which: Which) -> Self {
        match which {
            Which::Local => {
                let town = LocalObjectServer::start();
                Self {
                    objects: town.objects.clone(),
                    server: Server::Local(town),
                }
            }
            Which::OssV4 => Self::oss(OssSignature::V4),
            Which::OssV1 => Self::oss(OssSignature::V1),
        }
    }

    fn oss(signature: OssSignature) -> Self {
        let stand_in = OssStandIn::start();
        let objects = oss_store(&stand_in, signature, "testsecret", Duration::from_secs(5));
        Self {
            objects: Arc::new(objects),
            server: Server::Oss(stand_in),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        match &self.server {
            Server::Local(town) => town.clock.now(),
            Server::Oss(_) => SystemClock.now(),
        }
    }

    /// Time passes for the server.
    pub fn wait(&self, time: TimeDelta) {
        match &self.server {
            Server::Local(town) => town.clock.advance(time),
            Server::Oss(stand_in) => stand_in.set_clock_ahead(time),
        }
    }

    /// A policy for a key of its own: 1 to 1,000 bytes of JPEG within ten minutes.
    pub fn policy(&self) -> UploadPolicy {
        UploadPolicy {
            key: fresh_key("tmp"),
            content_type: "image/jpeg".to_owned(),
            min_bytes: 1,
            max_bytes: 1_000,
            issued_at: self.now(),
            expires_at: self.now() + TimeDelta::minutes(10),
        }
    }
}

pub fn oss_store(
    stand_in: &OssStandIn,
    signature: OssSignature,
    secret: &str,
    patience: Duration,
) -> OssStore {
    let settings = OssSettings {
        signature,
        bucket: stand_in.bucket.clone(),
        region: stand_in.account.region.clone(),
        endpoint: Some(stand_in.endpoint.clone()),
        access_key_id: stand_in.account.access_key_id.clone(),
        access_key_secret: secret.to_owned().into(),
        attempt_timeout: patience,
    };
    OssStore::new(&settings, reqwest::Client::new(), Arc::new(SystemClock)).unwrap()
}

pub fn fresh_key(folder: &str) -> ObjectKey {
    let mut bytes = [0; 16];
    SystemRandom.fill(&mut bytes);
    ObjectKey::parse(&format!("{folder}/{}", hex::encode(bytes))).unwrap()
}
