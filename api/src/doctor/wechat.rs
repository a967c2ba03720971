//! WeChat, with our credentials.

use niangjia_domain::identity::wechat::{WechatError, WechatGateway};

use super::{Finding, PATIENCE};
use crate::config::WechatConfig;

const ABOUT: &str = "wechat";

pub(super) async fn examine(config: &WechatConfig, gateway: &dyn WechatGateway) -> Finding {
    let WechatConfig::Http(app) = config else {
        return Finding::ok(ABOUT, "dev codes; the real service is not asked");
    };
    let mend = match tokio::time::timeout(PATIENCE, gateway.probe()).await {
        Ok(Ok(())) => return Finding::ok(ABOUT, format!("{} knows {}", app.base_url, app.app_id)),
        Ok(Err(WechatError::Misconfigured(why))) => {
            let mend = "check NIANGJIA_WECHAT_APP_ID and NIANGJIA_WECHAT_SECRET, and the console's IP allow-list";
            return Finding::fail(ABOUT, why, mend);
        }
        Ok(Err(WechatError::TooOften { .. })) => "asked too often: try again in a minute",
        Ok(Err(_)) | Err(_) => {
            "may this machine reach api.weixin.qq.com? Signed-in workers go on meanwhile"
        }
    };
    Finding::fail(
        ABOUT,
        format!("{} does not answer as it should", app.base_url),
        mend,
    )
}
