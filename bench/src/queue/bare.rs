//! The limit: a handler of the same framework that does nothing but answer 304, in the same run.

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};

/// How many threads serve it: as many as the hub has by default.
fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// The hub's answer from constants, without the headers of its quota.
async fn not_modified() -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header(("etag", "\"UA209030-4000-json\""))
        .insert_header(("cache-control", "private, no-cache"))
        .insert_header(("x-request-id", "019f0000-0000-7000-8000-000000000000"))
        .finish()
}

/// A server that answers 304 to everything.
pub(super) struct Bare {
    handle: ServerHandle,
    /// Where it listens.
    pub(super) address: String,
}

impl Bare {
    /// Starts it on a free port, in threads of its own.
    pub(super) fn start() -> anyhow::Result<Self> {
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let outcome = actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(|| App::new().default_service(web::to(not_modified)))
                    .workers(workers())
                    .disable_signals()
                    .bind(("127.0.0.1", 0))?;
                let address = server.addrs().first().map(ToString::to_string).unwrap_or_default();
                let server = server.run();
                let _ = tell.send((server.handle(), address));
                server.await
            });
            drop(outcome);
        });
        let (handle, address) = told.recv()?;
        Ok(Self { handle, address })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // The answer is not waited for: the process goes on and the threads end by themselves.
        drop(self.handle.stop(false));
    }
}
