//! WeChat for development: `dev:<openid>` signs in, `dev:<phone>` gives a phone number, a word list
//! judges texts. Production refuses to start with either.

use async_trait::async_trait;
use niangjia_domain::{
    identity::wechat::{WechatError, WechatGateway, WechatIdentity},
    kernel::Phone,
    wishes::moderation::text_check::{
        TextCheck, TextCheckError, TextToCheck, TextVerdict, Verdict,
    },
};

use super::text_check::stricter;

#[derive(Debug, Clone, Copy, Default)]
pub struct DevWechat;

/// What follows `dev:`; real codes are refused, as WeChat refuses ours.
fn dev_code(code: &str) -> Result<&str, WechatError> {
    code.strip_prefix("dev:")
        .filter(|rest| !rest.is_empty())
        .ok_or(WechatError::CodeRefused)
}

#[async_trait]
impl WechatGateway for DevWechat {
    async fn sign_in(&self, code: &str) -> Result<WechatIdentity, WechatError> {
        Ok(WechatIdentity {
            openid: dev_code(code)?.to_owned(),
            unionid: None,
        })
    }

    async fn phone_number(&self, phone_code: &str, _openid: &str) -> Result<Phone, WechatError> {
        Phone::parse(dev_code(phone_code)?).map_err(|_| WechatError::ForeignPhone)
    }

    async fn probe(&self) -> Result<(), WechatError> {
        Ok(())
    }
}

/// Words and what their presence means.
#[derive(Debug, Clone)]
pub struct WordList {
    words: Vec<(String, Verdict)>,
}

impl WordList {
    /// Words are found whatever their case and whatever blanks are put between their letters.
    pub fn new<W: AsRef<str>>(risky: &[W], review: &[W]) -> Self {
        let labelled = |words: &[W], verdict| -> Vec<(String, Verdict)> {
            let words = words.iter().map(|word| squeezed(word.as_ref()));
            words
                .filter(|word| !word.is_empty())
                .map(|word| (word, verdict))
                .collect()
        };
        Self {
            words: [
                labelled(risky, Verdict::Risky),
                labelled(review, Verdict::Review),
            ]
            .concat(),
        }
    }
}

impl Default for WordList {
    fn default() -> Self {
        Self::new(
            &["赌博", "毒品", "色情", "枪支"],
            &["微信号", "转账", "贷款", "刷单", "http"],
        )
    }
}

fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

#[async_trait]
impl TextCheck for WordList {
    async fn check(&self, text: &TextToCheck) -> Result<TextVerdict, TextCheckError> {
        let text = squeezed(&format!("{}\n{}", text.title, text.content));
        let verdict = self
            .words
            .iter()
            .filter(|(word, _)| text.contains(word))
            .fold(Verdict::Pass, |verdict, (_, found)| {
                stricter(verdict, *found)
            });
        Ok(TextVerdict {
            verdict,
            label: "word_list".to_owned(),
            trace_id: None,
        })
    }
}
