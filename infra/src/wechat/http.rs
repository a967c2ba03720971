//! `WechatGateway` over WeChat's server API.

use std::sync::Arc;

use async_trait::async_trait;
use niangjia_domain::{
    identity::wechat::{WechatError, WechatGateway, WechatIdentity},
    kernel::{
        Clock, Phone, Random,
        ports::{cache::SharedValues, random},
    },
};
use secrecy::ExposeSecret;
use serde::{Deserialize, de::DeserializeOwned};
use tokio::time::timeout;

use super::{
    WechatSettings,
    access_token::AccessTokens,
    client::{Client, Question},
    errcode::{Fault, Meaning},
};

const SIGN_IN: &str = "/sns/jscode2session";
const PHONE: &str = "/wxa/business/getuserphonenumber";

/// The real thing. One per process: it holds the connections and the token.
pub struct HttpWechat {
    client: Arc<Client>,
    settings: Arc<WechatSettings>,
    tokens: AccessTokens,
}

/// `session_key` is not even read: nothing here needs it, so nothing can leak it.
#[derive(Deserialize)]
struct Session {
    openid: String,
    unionid: Option<String>,
}

#[derive(Deserialize)]
struct PhoneAnswer {
    phone_info: PhoneInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PhoneInfo {
    pure_phone_number: String,
    #[serde(default)]
    country_code: Option<Loose>,
    watermark: Watermark,
}

#[derive(Deserialize)]
struct Watermark {
    appid: String,
}

/// A number in the documents, a string on the wire, or the other way round.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Loose {
    Number(i64),
    Text(String),
}

impl Loose {
    pub(super) fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl HttpWechat {
    pub fn new(
        settings: WechatSettings,
        shared: Arc<dyn SharedValues>,
        clock: Arc<dyn Clock>,
        random: &dyn Random,
    ) -> Result<Self, WechatError> {
        let client = Client::new(&settings.base_url).map_err(|error| {
            WechatError::Misconfigured(format!("http client: {}", error.without_url()))
        })?;
        let (client, settings) = (Arc::new(client), Arc::new(settings));
        let tokens = AccessTokens::new(
            Arc::clone(&client),
            Arc::clone(&settings),
            shared,
            clock,
            random::token(random),
        );
        Ok(Self {
            client,
            settings,
            tokens,
        })
    }

    /// Everything an answer to one question takes, within the deadline.
    pub(super) async fn within_deadline<T>(
        &self,
        endpoint: &'static str,
        answer: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        timeout(self.settings.deadline, answer)
            .await
            .unwrap_or_else(|_| Err(Fault::no_answer(endpoint, "too slow")))
    }

    /// Asks with the access token; if WeChat refuses the token, once more with another one.
    pub(super) async fn ask_with_token<T: DeserializeOwned>(
        &self,
        question: Question<'_>,
    ) -> Result<T, Fault> {
        let token = self.tokens.current(None).await?;
        let refused = match self.client.ask(&question.with_token(&token)).await {
            Err(fault) if fault.means(Meaning::StaleToken) => token,
            answer => return answer,
        };
        let token = self.tokens.current(Some(&refused)).await?;
        self.client.ask(&question.with_token(&token)).await
    }

    async fn session(&self, code: &str) -> Result<Session, Fault> {
        let question = Question::new(SIGN_IN)
            .query("appid", &self.settings.appid)
            .hidden_query("secret", self.settings.secret.expose_secret())
            .hidden_query("js_code", code)
            .query("grant_type", "authorization_code");
        self.client.ask(&question).await
    }

    async fn phone_info(&self, phone_code: &str, openid: &str) -> Result<PhoneInfo, Fault> {
        let body = serde_json::json!({ "code": phone_code, "openid": openid });
        let question = Question::new(PHONE)
            .json(&body)?
            .hide(phone_code)
            .hide(openid);
        Ok(self
            .ask_with_token::<PhoneAnswer>(question)
            .await?
            .phone_info)
    }

    /// The watermark says whose user this is; anything else was not meant for us.
    fn phone(&self, info: &PhoneInfo) -> Result<Phone, WechatError> {
        if info.watermark.appid != self.settings.appid {
            tracing::error!(
                endpoint = PHONE,
                "wechat answered with another mini-program's phone number"
            );
            return Err(WechatError::Misconfigured(format!(
                "{PHONE}: watermark of another appid"
            )));
        }
        if info
            .country_code
            .as_ref()
            .is_some_and(|code| code.text().trim_start_matches('+') != "86")
        {
            return Err(WechatError::ForeignPhone);
        }
        Phone::parse(&info.pure_phone_number).map_err(|_| WechatError::ForeignPhone)
    }
}

#[async_trait]
impl WechatGateway for HttpWechat {
    async fn sign_in(&self, code: &str) -> Result<WechatIdentity, WechatError> {
        if code.is_empty() {
            return Err(WechatError::CodeRefused);
        }
        let session = self.within_deadline(SIGN_IN, self.session(code)).await?;
        if session.openid.is_empty() {
            return Err(WechatError::Unavailable(format!("{SIGN_IN}: no openid")));
        }
        Ok(WechatIdentity {
            openid: session.openid,
            unionid: session.unionid.filter(|unionid| !unionid.is_empty()),
        })
    }

    async fn phone_number(&self, phone_code: &str, openid: &str) -> Result<Phone, WechatError> {
        if phone_code.is_empty() {
            return Err(WechatError::CodeRefused);
        }
        self.phone(
            &self
                .within_deadline(PHONE, self.phone_info(phone_code, openid))
                .await?,
        )
    }

    async fn probe(&self) -> Result<(), WechatError> {
        Ok(self
            .within_deadline("/cgi-bin/stable_token", self.tokens.probe())
            .await?)
    }
}
