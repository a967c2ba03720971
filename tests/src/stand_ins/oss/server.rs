//! The server on a port of its own, with what it keeps.

use std::{
    collections::{BTreeMap, VecDeque},
    net::TcpListener,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
        mpsc,
    },
    thread,
};

use actix_web::{App, HttpServer, dev::ServerHandle, rt::System, web};
use chrono::{DateTime, TimeDelta, Utc};
use md5::{Digest, Md5};
use niangjia_domain::kernel::Clock;
use niangjia_infra::system::SystemClock;

use super::{answers::OssFault, faults::Mishap, handlers::serve, verify::Account};

/// An object as it is kept.
#[derive(Debug, Clone)]
pub struct StoredObject {
    pub bytes: web::Bytes,
    pub content_type: String,
    pub modified: DateTime<Utc>,
}

impl StoredObject {
    pub(super) fn etag(&self) -> String {
        format!("\"{}\"", hex::encode_upper(Md5::digest(&self.bytes)))
    }
}

pub(super) struct Shared {
    pub(super) account: Account,
    pub(super) bucket: String,
    pub(super) objects: Mutex<BTreeMap<String, StoredObject>>,
    mishaps: Mutex<VecDeque<Mishap>>,
    calls: AtomicI64,
    clock_offset_s: AtomicI64,
}

impl Shared {
    pub(super) fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::seconds(self.clock_offset_s.load(Ordering::Relaxed))
    }

    pub(super) fn next_mishap(&self) -> Option<Mishap> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.mishaps.lock().expect("mishaps").pop_front()
    }

    pub(super) fn store(
        &self,
        key: &str,
        object: StoredObject,
        forbid: Option<&str>,
    ) -> Result<(), OssFault> {
        let mut objects = self.objects.lock().expect("objects");
        match forbid {
            None | Some("false") => {}
            Some("true") if !objects.contains_key(key) => {}
            Some("true") => {
                let message = "The object you specified already exists and can not be overwritten.";
                return Err(OssFault::new(409, "FileAlreadyExists", message));
            }
            Some(_) => {
                return Err(
                    OssFault::invalid("Invalid x-oss-forbid-overwrite.").with_ec("0017-00000279")
                );
            }
        }
        objects.insert(key.to_owned(), object);
        Ok(())
    }
}

/// A running stand-in; it stops when dropped.
pub struct OssStandIn {
    pub account: Account,
    pub bucket: String,
    /// `http://127.0.0.1:port`
    pub endpoint: String,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

impl OssStandIn {
    pub fn start() -> Self {
        let account = Account {
            access_key_id: "testkey".into(),
            access_key_secret: "testsecret".into(),
            security_token: None,
            region: "cn-hangzhou".into(),
        };
        let bucket = "union-test".to_owned();
        let shared = Arc::new(Shared {
            account: account.clone(),
            bucket: bucket.clone(),
            objects: Mutex::default(),
            mishaps: Mutex::default(),
            calls: AtomicI64::new(0),
            clock_offset_s: AtomicI64::new(0),
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let handle = run(listener, shared.clone());
        Self {
            account,
            bucket,
            endpoint,
            shared,
            handle,
        }
    }

    /// What goes wrong with the next requests, in order.
    pub fn suffer(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        self.shared.mishaps.lock().expect("mishaps").extend(mishaps);
    }

    /// From now on the server's clock is this far from ours.
    pub fn set_clock_ahead(&self, by: TimeDelta) {
        self.shared
            .clock_offset_s
            .store(by.num_seconds(), Ordering::Relaxed);
    }

    pub fn object(&self, key: &str) -> Option<StoredObject> {
        self.shared
            .objects
            .lock()
            .expect("objects")
            .get(key)
            .cloned()
    }

    pub fn keys(&self) -> Vec<String> {
        self.shared
            .objects
            .lock()
            .expect("objects")
            .keys()
            .cloned()
            .collect()
    }

    /// Requests that arrived so far, misfortunes included.
    pub fn calls(&self) -> i64 {
        self.shared.calls.load(Ordering::Relaxed)
    }
}

impl Drop for OssStandIn {
    fn drop(&mut self) {
        // The stop command is sent at once; waiting for it is not needed.
        drop(self.handle.stop(false));
    }
}

/// A thread with a runtime of its own, because tests' runtimes come and go.
fn run(listener: TcpListener, shared: Arc<Shared>) -> ServerHandle {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        System::new().block_on(async move {
            let shared = web::Data::from(shared);
            let server = HttpServer::new(move || {
                App::new()
                    .app_data(shared.clone())
                    .app_data(web::PayloadConfig::new(64 * 1024 * 1024))
                    .default_service(web::to(serve))
            });
            let server = server
                .workers(1)
                .disable_signals()
                .listen(listener)
                .expect("the port listens")
                .run();
            tell.send(server.handle()).expect("the starter waits");
            server.await
        })
    });
    told.recv().expect("the server starts")
}
