//! WeChat and the text check, real or for development.

use std::sync::Arc;

use niangjia_domain::{
    identity::wechat::{WechatError, WechatGateway},
    kernel::{Clock, Random, ports::cache::SharedValues},
    wishes::moderation::text_check::TextCheck,
};
use niangjia_infra::wechat::{DevWechat, HttpWechat, WechatSettings, WordList};

use crate::config::{Config, TextCheckConfig, WechatConfig};

type Opened = (Arc<dyn WechatGateway>, Arc<dyn TextCheck>);

pub(super) fn open(
    config: &Config,
    shared: &Arc<dyn SharedValues>,
    clock: &Arc<dyn Clock>,
    random: &dyn Random,
) -> Result<Opened, WechatError> {
    let WechatConfig::Http(app) = &config.wechat else {
        return Ok((Arc::new(DevWechat), Arc::new(WordList::default())));
    };
    let mut settings = WechatSettings::new(app.app_id.clone(), app.secret.clone());
    settings.base_url.clone_from(&app.base_url);
    let wechat = Arc::new(HttpWechat::new(
        settings,
        shared.clone(),
        clock.clone(),
        random,
    )?);
    let text_check: Arc<dyn TextCheck> = match config.text_check {
        TextCheckConfig::Dev => Arc::new(WordList::default()),
        TextCheckConfig::Wechat => wechat.clone(),
    };
    Ok((wechat, text_check))
}
