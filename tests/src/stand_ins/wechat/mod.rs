//! A WeChat that behaves as its documents say — one-use codes, tokens that end, `text/plain`
//! answers, no `errcode` on success — until it is told to misbehave. It writes down every call.

mod answers;

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    body::SizedStream,
    dev::ServerHandle,
    http::StatusCode,
    web::{self, Bytes, Data, Query},
};
use serde_json::Value;

use self::answers::{failure, proper};
pub use self::answers::{phone_info, text_verdict};

pub const SIGN_IN: &str = "/sns/jscode2session";
pub const TOKEN: &str = "/cgi-bin/stable_token";
pub const PHONE: &str = "/wxa/business/getuserphonenumber";
pub const TEXT: &str = "/wxa/msg_sec_check";

pub const APPID: &str = "wx0000000000000001";
pub const SECRET: &str = "stand-in-secret-0123456789abcdef";

/// Something WeChat does instead of answering properly.
#[derive(Debug, Clone)]
pub enum Trouble {
    /// HTTP 200 with this `errcode`.
    Code(i64),
    /// This body, with HTTP 200.
    Body(Value),
    /// Bytes that are no JSON, with this status.
    Garbage(u16),
    /// Answers properly, this much later.
    Slow(Duration),
    /// Promises more than it sends.
    CutBody,
}

/// One call as it arrived.
#[derive(Debug, Clone)]
pub struct Call {
    pub query: HashMap<String, String>,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

impl Call {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

#[derive(Default)]
struct State {
    calls: HashMap<String, Vec<Call>>,
    troubles: HashMap<String, VecDeque<Trouble>>,
    used_codes: HashSet<String>,
    tokens_issued: u64,
    valid_token: Option<String>,
    /// What `watermark.appid`, `countryCode`, … say, and the text verdict: replaced by tests.
    answers: HashMap<String, Value>,
}

/// A running stand-in. Sign-in codes read `code:<openid>`, phone codes `phone:<number>`; each works
/// once.
pub struct WechatStandIn {
    pub base_url: String,
    state: Arc<Mutex<State>>,
    server: ServerHandle,
}

impl WechatStandIn {
    pub async fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let data = Data::from(Arc::clone(&state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .default_service(web::to(answer))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .expect("a free port");
        let base_url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            base_url,
            state,
            server: handle,
        }
    }

    /// The next calls of `path` meet these, one each; after that all is well again.
    pub fn misbehave(&self, path: &str, troubles: impl IntoIterator<Item = Trouble>) {
        self.state()
            .troubles
            .entry(path.to_owned())
            .or_default()
            .extend(troubles);
    }

    /// From now on the body of a success at `path`.
    pub fn answer(&self, path: &str, body: Value) {
        self.state().answers.insert(path.to_owned(), body);
    }

    /// The token that is out ends now, as if two hours had passed.
    pub fn end_token(&self) {
        self.state().valid_token = None;
    }

    pub fn calls(&self, path: &str) -> Vec<Call> {
        self.state().calls.get(path).cloned().unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panicked in here")
    }
}

impl Drop for WechatStandIn {
    fn drop(&mut self) {
        // The stop signal is sent when the future is made.
        drop(self.server.stop(false));
    }
}

async fn answer(
    request: HttpRequest,
    query: Query<HashMap<String, String>>,
    body: Bytes,
    state: Data<Mutex<State>>,
) -> HttpResponse {
    let path = request.path().to_owned();
    let call = Call {
        query: query.into_inner(),
        content_type: request
            .headers()
            .get("content-type")
            .and_then(|it| it.to_str().ok())
            .map(str::to_owned),
        body: body.to_vec(),
    };
    let trouble = {
        let mut state = state.lock().expect("no test panicked in here");
        state
            .calls
            .entry(path.clone())
            .or_default()
            .push(call.clone());
        state.troubles.get_mut(&path).and_then(VecDeque::pop_front)
    };
    match trouble {
        Some(Trouble::Code(errcode)) => text(&failure(errcode)),
        Some(Trouble::Body(body)) => text(&body),
        Some(Trouble::Garbage(status)) => {
            HttpResponse::build(StatusCode::from_u16(status).expect("a status"))
                .body("<html>upstream error</html>")
        }
        Some(Trouble::CutBody) => HttpResponse::Ok().body(SizedStream::new(500, cut_stream())),
        Some(Trouble::Slow(delay)) => {
            tokio::time::sleep(delay).await;
            text(&proper(&path, &call, &state))
        }
        None => text(&proper(&path, &call, &state)),
    }
}

fn cut_stream() -> impl futures_util::Stream<Item = Result<Bytes, std::io::Error>> {
    futures_util::stream::iter([
        Ok(Bytes::from_static(b"{\"openid\":\"o")),
        Err(std::io::Error::other("cut")),
    ])
}

/// WeChat calls its JSON text.
fn text(body: &Value) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain")
        .body(body.to_string())
}
