//! Is the client the bottleneck? A bare actix handler that answers the same bytes, driven by the
//! same load: what comes out is the most that this client could ever measure on this machine.

use std::{
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use actix_web::{App, HttpResponse, HttpServer, web};

/// The words with which this program is told to be the bare server.
pub const BARE_SERVER: &str = "bare-server";

/// Serves until it is ended; prints its address.
pub fn serve() -> std::io::Result<()> {
    let body = format!(
        "{{\"id\":\"voucher_01k00000000000000000000000\",\"filler\":\"{}\"}}",
        "x".repeat(600)
    );
    actix_web::rt::System::new().block_on(async move {
        let answer = move |_: web::Bytes, body: web::Data<String>| async move {
            let mut answer = HttpResponse::Created();
            answer
                .content_type("application/json")
                .insert_header(("location", "/api/v1/vouchers/voucher_01k0"));
            answer.body(body.get_ref().clone())
        };
        let app = move || {
            App::new()
                .app_data(web::Data::new(body.clone()))
                .default_service(web::to(answer))
        };
        let server = HttpServer::new(app)
            .workers(2)
            .backlog(4_096)
            .bind("127.0.0.1:0")?;
        let mut out = std::io::stdout();
        server
            .addrs()
            .iter()
            .try_for_each(|address| writeln!(out, "{address}"))?;
        out.flush()?;
        server.run().await
    })
}

/// A child process that serves.
pub(in crate::bench) struct Bare {
    child: Child,
    pub(in crate::bench) door: SocketAddr,
}

impl Bare {
    pub(in crate::bench) fn start() -> Self {
        let here = std::env::current_exe().expect("this program has a place");
        let mut child = Command::new(here)
            .arg(BARE_SERVER)
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program starts again");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("it prints its address");
        Self {
            child,
            door: line.trim().parse().expect("an address"),
        }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
