//! The adapters that the configuration asks for, behind their ports.

use std::{error::Error, sync::Arc};

use niangjia_domain::{
    identity::wechat::WechatGateway,
    kernel::{
        Clock, Random,
        ports::cache::{Cache, RateLimiter, SharedValues},
    },
    uploads::objects::ObjectStore,
    vouchers::offline::PackSigner,
    wishes::moderation::text_check::TextCheck,
};
use niangjia_infra::{
    background::TokioBackground,
    crypto::Ed25519PackSigner,
    objects::LocalObjects,
    system::{SystemClock, SystemRandom},
};

use super::{caches::Caches, photos::Photos, wechat};
use crate::config::Config;

/// Everything outside this process, except the database.
#[derive(Clone)]
pub struct Adapters {
    pub clock: Arc<dyn Clock>,
    pub random: Arc<dyn Random>,
    pub cache: Arc<dyn Cache>,
    pub shared: Arc<dyn SharedValues>,
    pub limiter: Arc<dyn RateLimiter>,
    pub background: Arc<TokioBackground>,
    pub wechat: Arc<dyn WechatGateway>,
    pub text_check: Arc<dyn TextCheck>,
    pub pack_signer: Arc<dyn PackSigner>,
    pub objects: Arc<dyn ObjectStore>,
    /// The same store once more, where this process itself serves it.
    pub local_objects: Option<Arc<LocalObjects>>,
}

impl Adapters {
    /// Asks nobody anything yet, except Redis for a connection; its absence is no failure. Call it
    /// on the runtime that serves.
    pub async fn open(
        config: &Config,
        public_url: &str,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let Caches {
            cache,
            shared,
            limiter,
        } = Caches::open(config, &random).await?;
        let (wechat, text_check) = wechat::open(config, &shared, &clock, &*random)?;
        let Photos {
            objects,
            local_objects,
        } = Photos::open(config, public_url, &clock, &random)?;
        let background = Arc::new(TokioBackground::here());
        let pack_signer = Arc::new(Ed25519PackSigner::new(&config.keys.derived("scan packs"))?);
        Ok(Self {
            clock,
            random,
            cache,
            shared,
            limiter,
            background,
            wechat,
            text_check,
            pack_signer,
            objects,
            local_objects,
        })
    }
}
