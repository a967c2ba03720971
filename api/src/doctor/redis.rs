//! Redis, where there is one.

use niangjia_domain::kernel::ports::cache::Cache;

use super::Finding;
use crate::config::RedisConfig;

const ABOUT: &str = "redis";

pub(super) async fn examine(config: &RedisConfig, cache: &dyn Cache) -> Finding {
    if config.url.is_none() {
        return Finding::ok(
            ABOUT,
            "not used: cache and limits live in this process, so run only one",
        );
    }
    match cache.healthy().await {
        Some(true) => Finding::ok(ABOUT, "answers"),
        // Answers stay right without it, so this is no failure.
        Some(false) | None => Finding::warn(
            ABOUT,
            "does not answer; everything works, slower",
            "is it running, does NIANGJIA_REDIS_URL name it with the right password?",
        ),
    }
}
