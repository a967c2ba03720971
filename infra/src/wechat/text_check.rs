//! `TextCheck` by WeChat's `msg_sec_check`, version 2. `errcode` 0 only says that the check ran;
//! the verdict is in `result`. Whatever is not clearly a pass goes to a human.

use async_trait::async_trait;
use niangjia_domain::wishes::moderation::text_check::{
    TextCheck, TextCheckError, TextToCheck, TextVerdict, Verdict,
};
use serde::{Deserialize, Serialize};

use super::{HttpWechat, client::Question, errcode::Fault, http::Loose};

const ENDPOINT: &str = "/wxa/msg_sec_check";
/// Forum: many people's texts on one public wall.
const SCENE: u8 = 3;
const LONGEST_CONTENT: usize = 2500;

#[derive(Serialize)]
struct Check<'a> {
    version: u8,
    scene: u8,
    openid: &'a str,
    title: &'a str,
    content: &'a str,
}

#[derive(Deserialize)]
struct Checked {
    result: Opinion,
    detail: Option<Vec<Detail>>,
    #[serde(alias = "traceId")]
    trace_id: Option<String>,
}

#[derive(Deserialize)]
struct Opinion {
    suggest: String,
    label: Option<Loose>,
}

/// One strategy's opinion; it counts only if its own `errcode` is 0.
#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    errcode: i64,
    suggest: Option<String>,
}

impl Checked {
    /// The strictest opinion that counts. A pass that no strategy stands behind is no pass.
    fn verdict(self) -> TextVerdict {
        let strategies = self.detail.unwrap_or_default();
        let ran: Vec<_> = strategies
            .iter()
            .filter(|strategy| strategy.errcode == 0)
            .collect();
        let nobody_ran = ran.is_empty() && !strategies.is_empty();
        let overall = opinion(&self.result.suggest);
        let floor = if nobody_ran {
            stricter(overall, Verdict::Review)
        } else {
            overall
        };
        let verdict = ran
            .iter()
            .filter_map(|strategy| strategy.suggest.as_deref())
            .fold(floor, |verdict, suggest| {
                stricter(verdict, opinion(suggest))
            });
        let label = self
            .result
            .label
            .map(|label| label.text())
            .unwrap_or_default();
        TextVerdict {
            verdict,
            label,
            trace_id: self.trace_id,
        }
    }
}

fn opinion(suggest: &str) -> Verdict {
    match suggest {
        "pass" => Verdict::Pass,
        "risky" => Verdict::Risky,
        _ => Verdict::Review,
    }
}

pub(super) fn stricter(one: Verdict, other: Verdict) -> Verdict {
    match (one, other) {
        (Verdict::Risky, _) | (_, Verdict::Risky) => Verdict::Risky,
        (Verdict::Review, _) | (_, Verdict::Review) => Verdict::Review,
        (Verdict::Pass, Verdict::Pass) => Verdict::Pass,
    }
}

impl HttpWechat {
    async fn check_text(&self, text: &TextToCheck, openid: &str) -> Result<Checked, Fault> {
        let check = Check {
            version: 2,
            scene: SCENE,
            openid,
            title: &text.title,
            content: &text.content,
        };
        let question = Question::new(ENDPOINT)
            .json(&check)?
            .hide(openid)
            .hide(&text.title)
            .hide(&text.content);
        self.ask_with_token(question).await
    }
}

#[async_trait]
impl TextCheck for HttpWechat {
    async fn check(&self, text: &TextToCheck) -> Result<TextVerdict, TextCheckError> {
        let needs_human = |reason: &str| TextCheckError::NeedsHuman(reason.to_owned());
        let openid = text
            .openid
            .as_deref()
            .ok_or_else(|| needs_human("no openid"))?;
        if text.content.is_empty() {
            return Err(needs_human("no text"));
        }
        // Cutting it would let the tail through unread.
        if text.content.chars().count() > LONGEST_CONTENT {
            return Err(needs_human("too long for the machine"));
        }
        Ok(self
            .within_deadline(ENDPOINT, self.check_text(text, openid))
            .await?
            .verdict())
    }
}
