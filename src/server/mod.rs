//! Listeners, routes and the orderly end: no new connections, the requests under way finish, the store is closed last.

mod pages;

use crate::app::{App, Peer, Routes};
use crate::error::{Error, Result};
use crate::{admin, ingest, openapi, replay, upkeep, visitor};
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::{HeaderValue, header};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// Connections open at once, over all listeners.
const CONNECTIONS_MAX: usize = 8_192;
/// How long a stranger may take to say what he wants.
const HEADER_WAIT: Duration = Duration::from_secs(10);
/// How long requests under way may take to finish once the server stops.
const STOP_WAIT: Duration = Duration::from_secs(8);
/// Before the next try when the system has no more file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Bodies of the API; batches have their own bound.
const BODY_BYTES_MAX: usize = 256 << 10;

/// The API, as its description lists it.
pub fn api_routes() -> Routes {
    admin::routes().and(replay::routes())
}

/// Everything that this server answers.
pub fn router(app: Arc<App>) -> Router {
    let api = api_routes()
        .router
        .route("/api/v1/openapi.json", get(description))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .merge(visitor::routes())
        .layer(middleware::from_fn(plain_answers));
    let pages = Router::new()
        .route("/sign-in/{token}", get(admin::account::follow_link))
        .merge(visitor::pages())
        .fallback(pages::serve);
    api.merge(pages)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(app.clone())
        .merge(ingest::routes(app))
        .method_not_allowed_fallback(async || Error::NotFound)
}

/// Take an address, or say which one is taken.
pub async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|cause| match cause.kind() {
        std::io::ErrorKind::AddrInUse => Error::Failed(format!(
            "Port {} on {} is in use by another program. Stop it, or choose another address with --listen.",
            address.port(),
            address.ip()
        )),
        std::io::ErrorKind::PermissionDenied => Error::Failed(format!(
            "Port {} needs more rights than this process has. Choose a port above 1023 with --listen.",
            address.port()
        )),
        _ => Error::Failed(format!("{address} cannot be listened on: {cause}.")),
    })
}

/// Serve each listener with its router until `stop` ends, then finish what is under way and close the store.
pub async fn serve(app: Arc<App>, doors: Vec<(TcpListener, Router)>, stop: impl Future<Output = ()>) {
    let upkeep = tokio::spawn(upkeep::run(app.clone()));
    let connections = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = Arc::new(GracefulShutdown::new());
    let accepting: Vec<_> = doors
        .into_iter()
        .map(|(listener, router)| tokio::spawn(accept(listener, router, connections.clone(), graceful.clone())))
        .collect();
    stop.await;
    tracing::info!("stopping: finishing what is under way");
    app.stop();
    for task in &accepting {
        task.abort();
    }
    for task in accepting {
        // Ended by the line above; waiting for it frees its port and its share of `graceful`.
        let _ = task.await;
    }
    upkeep.abort();
    if let Some(graceful) = Arc::into_inner(graceful)
        && tokio::time::timeout(STOP_WAIT, graceful.shutdown()).await.is_err()
    {
        tracing::warn!("some requests did not finish in time");
    }
    let closing = app.store.clone();
    let _ = tokio::task::spawn_blocking(move || closing.stop()).await;
}

async fn accept(listener: TcpListener, router: Router, connections: Arc<Semaphore>, graceful: Arc<GracefulShutdown>) {
    loop {
        let Ok(permit) = connections.clone().acquire_owned().await else { return };
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(cause) => {
                tracing::warn!(%cause, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let conversation = converse(stream, peer, router.clone(), graceful.watcher());
        tokio::spawn(async move {
            let _permit = permit;
            conversation.await;
        });
    }
}

/// Answer one connection's requests until it ends.
async fn converse(stream: TcpStream, peer: SocketAddr, router: Router, watcher: Watcher) {
    // Small answers must not wait for more; without it they only come later.
    let _ = stream.set_nodelay(true);
    let service = router
        .layer(Extension(Peer(peer.ip())))
        .map_request(|request: http::Request<hyper::body::Incoming>| request.map(Body::new));
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_WAIT);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(128);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service));
    // How a stranger's connection ends is not worth a line.
    let _ = watcher.watch(connection).await;
}

/// What every answer of the API says: not to be kept, not to be guessed at.
async fn plain_answers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    answer
}

async fn description() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], openapi::document()).into_response()
}

/// The process answers.
async fn healthz() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], r#"{"status":"ok"}"#).into_response()
}

/// The store answers too, and takes what comes. A full disk is no reason to send no one here: what there is can be watched.
async fn readyz(State(app): State<Arc<App>>) -> Result<Response> {
    let readable = app.store.read(crate::store::account::any).await.is_ok();
    if !readable || !app.store.is_alive() {
        return Err(Error::Busy { retry_s: 5 });
    }
    if app.store.can_write().await { Ok(healthz().await) } else { Err(Error::Unwritable) }
}
