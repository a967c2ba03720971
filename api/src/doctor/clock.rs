//! Our clock against another server's: codes of 30 seconds and signatures of 15 minutes depend on
//! it.

use chrono::TimeDelta;
use niangjia_domain::kernel::Clock;
use niangjia_infra::remote_clock::remote_time;

use super::Finding;
use crate::config::{Config, ObjectsConfig, WechatConfig};

const ABOUT: &str = "clock";
const MEND: &str = "let NTP set this machine's clock: voucher codes live for 30 seconds";

pub(super) async fn examine(config: &Config, clock: &dyn Clock) -> Finding {
    let Some(url) = server_with_a_clock(config) else {
        return Finding::ok(
            ABOUT,
            format!(
                "{} (no outside server to compare with)",
                clock.now().to_rfc3339()
            ),
        );
    };
    match remote_time(url).await {
        Ok(theirs) => judge(clock.now() - theirs),
        Err(error) => Finding::warn(
            ABOUT,
            format!("cannot ask {url}: {error}"),
            "compare with another clock yourself",
        ),
    }
}

fn server_with_a_clock(config: &Config) -> Option<&str> {
    match (&config.wechat, &config.objects) {
        (WechatConfig::Http(app), _) => Some(&app.base_url),
        (_, ObjectsConfig::OssV4(oss) | ObjectsConfig::OssV1(oss)) => Some(&oss.endpoint),
        (WechatConfig::Dev, ObjectsConfig::Local { .. }) => None,
    }
}

/// The header is exact to a second, and the answer takes its time.
fn judge(apart: TimeDelta) -> Finding {
    let seconds = apart.num_seconds();
    let text = format!("{seconds} s away from the outside");
    match seconds.abs() {
        0..=3 => Finding::ok(ABOUT, text),
        4..=15 => Finding::warn(ABOUT, text, MEND),
        _ => Finding::fail(ABOUT, text, MEND),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Health;

    #[rstest::rstest]
    #[case(0, Health::Ok)]
    #[case(-3, Health::Ok)]
    #[case(10, Health::Warn)]
    #[case(-40, Health::Fail)]
    fn a_clock_may_be_a_little_off(#[case] seconds: i64, #[case] expected: Health) {
        assert_eq!(judge(TimeDelta::seconds(seconds)).health, expected);
    }
}
