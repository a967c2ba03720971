//! The HTTP server: middleware, health, documents, routes, and an orderly end.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    dev::Server,
    http::StatusCode,
    middleware::{Compress, from_fn},
    web,
};
use niangjia_domain::store::Store;
use serde_json::json;
use tokio::net::TcpSocket;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{
    http::{
        observe::observe,
        openapi,
        problem::Problem,
        readiness::{Phase, Readiness, starting},
        routes,
    },
    jobs::backlogs::Backlogs,
    telemetry::render_metrics,
    wiring::Services,
};

/// How long requests in flight may take after SIGTERM.
const SHUTDOWN_SECONDS: u64 = 25;

/// How many callers may knock at the same moment. Beyond it their first packets are dropped, and
/// they try again seconds later.
const BACKLOG: u32 = 4_096;

/// Listens. Not by the standard library, which has room for 128 callers.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Serves on a listener that is already bound. SIGTERM and SIGINT are the caller's to handle.
pub fn serve(listener: TcpListener, services: Services, workers: usize) -> io::Result<Server> {
    let document = openapi::document().to_string();
    let server = HttpServer::new(move || {
        let services = services.clone();
        let (app, _) = App::new()
            .into_utoipa_app()
            .configure(routes::configure)
            .split_for_parts();
        app.configure(|config| services.register(config))
            .app_data(web::QueryConfig::default().error_handler(|_, _| malformed_query().into()))
            .app_data(web::PathConfig::default().error_handler(|_, _| not_found().into()))
            .app_data(web::Data::new(Document(document.clone())))
            .configure(around)
            .default_service(web::to(unmatched))
            .wrap(Compress::default())
            .wrap(from_fn(observe))
    });
    Ok(server
        .workers(workers)
        .shutdown_timeout(SHUTDOWN_SECONDS)
        .client_request_timeout(Duration::from_secs(10))
        .disable_signals()
        .listen(listener)?
        .run())
}

struct Document(String);

/// What is not part of the contract's base path: health, metrics, documents.
fn around(config: &mut web::ServiceConfig) {
    config
        .configure(routes::local_objects)
        .route("/health/live", web::get().to(live))
        .route("/health/ready", web::get().to(ready))
        .route("/metrics", web::get().to(metrics))
        .route("/openapi.json", web::get().to(document))
        .route("/docs", web::get().to(docs))
        .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")));
}

/// Green as long as the process answers at all.
async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// Red while starting, draining, or without a database. What waits is told, but does not turn it
/// red: another process would not be quicker.
async fn ready(
    readiness: web::Data<Readiness>,
    store: web::Data<dyn Store>,
    backlogs: web::Data<Backlogs>,
) -> Result<HttpResponse, Problem> {
    match readiness.phase() {
        Phase::Starting => Err(starting()),
        Phase::Draining => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "draining",
            "服务正在更新，请稍后重试",
        )
        .retry_after(5)),
        Phase::Ready => {
            store.ping().await?;
            let details = backlogs.last().map(|seen| seen.details());
            Ok(HttpResponse::Ok().json(json!({ "status": "ready", "details": details })))
        }
    }
}

/// For Prometheus. The proxy in front keeps strangers out.
async fn metrics() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(render_metrics())
}

async fn document(document: web::Data<Document>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header(("location", "/docs/"))
        .finish()
}

async fn unmatched(_: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(not_found())
}

fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "not_found",
        "没有找到相关内容，请返回后重试",
    )
}

fn malformed_query() -> Problem {
    Problem::new(
        StatusCode::BAD_REQUEST,
        "malformed_query",
        "查询参数有误，请返回后重试",
    )
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_thousand_callers_may_knock_before_the_first_is_let_in() {
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let knock = |_| TcpStream::connect_timeout(&address, Duration::from_millis(500)).unwrap();
        let callers: Vec<_> = (0..1_000).map(knock).collect();
        assert_eq!(callers.len(), 1_000);
    }
}
