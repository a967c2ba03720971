//! The real routes in this process on port 0, with as much behind them as a test wants.

use std::{net::TcpListener, sync::Arc};

use actix_web::{
    App, HttpServer,
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use niangjia_api::http::{
    extract::Authenticate,
    observe::observe,
    readiness::{Phase, Readiness},
    routes,
};
use niangjia_domain::kernel::Random;
use niangjia_infra::system::SystemRandom;
use utoipa_actix_web::AppExt;

/// A loopback port, and the address that stands for it.
pub fn free_listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, base)
}

/// Serves every route of the API; `behind` puts services behind those that are called. Returns the
/// address.
pub fn serve(
    callers: Arc<dyn Authenticate>,
    behind: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> String {
    let (listener, base) = free_listener();
    let readiness = web::Data::new(Readiness::default());
    readiness.enter(Phase::Ready);
    let server = HttpServer::new(move || {
        let (app, _) = App::new()
            .into_utoipa_app()
            .configure(routes::configure)
            .split_for_parts();
        app.app_data(readiness.clone())
            .app_data(randomness())
            .app_data(web::Data::new(callers.clone()))
            .configure(behind.clone())
            .wrap(from_fn(observe))
    });
    let server = server.workers(1).disable_signals();
    tokio::spawn(server.listen(listener).expect("it listens").run());
    base
}

/// What request ids are drawn from.
pub fn randomness() -> web::Data<dyn Random> {
    web::Data::from(Arc::new(SystemRandom) as Arc<dyn Random>)
}
