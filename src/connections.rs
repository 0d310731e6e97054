//! Takes connections and serves them, and ends those that only hold a place: a request's head must be complete in
//! time, and a connection on which nothing moves is closed. (A body has its own time, where it is read.)

mod watched;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, warn};

use self::watched::{Progress, Watched};

/// How long a connection may take over what (contract 1.3).
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a request's head, from its first byte; for the first one, from the connection.
    pub head: Duration,
    /// Without a byte in either direction, while no request is being answered.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { head: Duration::from_secs(10), idle: Duration::from_secs(120) }
    }
}

/// Serves until `stop`, then until the requests under way are answered.
pub async fn serve(listener: TcpListener, app: Router, limits: Limits, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                connections.spawn(serve_one(stream, peer, app.clone(), limits, stop.clone()));
            }
            Err(error) => pause(&error).await,
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// Out of file descriptors, perhaps: trying again at once would only burn time.
async fn pause(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        warn!(%error, "No connection can be taken at the moment");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn serve_one(
    stream: TcpStream,
    peer: SocketAddr,
    app: Router,
    limits: Limits,
    stop: CancellationToken,
) {
    // Answers are written whole; waiting for more to send only delays them.
    let _ = stream.set_nodelay(true);
    let progress = Arc::new(Progress::default());
    let io = TokioIo::new(Watched::new(stream, limits, progress.clone()));
    let service = tower::service_fn(move |request: Request<_>| {
        let (app, running) = (app.clone(), progress.begin());
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            let response = app.oneshot(request).await;
            drop(running);
            response
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None);
    builder.http2().timer(TokioTimer::new());
    let connection = builder.serve_connection(io, TowerToHyperService::new(service));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, "A connection ended");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const SHORT: Duration = Duration::from_secs(1);
    const LONG: Duration = Duration::from_secs(60);

    struct Server {
        address: SocketAddr,
        stop: CancellationToken,
        serving: tokio::task::JoinHandle<()>,
    }

    async fn server(head: Duration, idle: Duration) -> Server {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("127.0.0.1 has a free port");
        let address = listener.local_addr().expect("it is bound");
        let who = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
        let stop = CancellationToken::new();
        let app = Router::new().route("/", get(who));
        let serving = tokio::spawn(serve(listener, app, Limits { head, idle }, stop.clone()));
        Server { address, stop, serving }
    }

    async fn connect(server: &Server) -> TcpStream {
        TcpStream::connect(server.address).await.expect("it listens")
    }

    /// Sends a request and reads its answer, which names the asker.
    async fn ask(stream: &mut TcpStream) {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.expect("sent");
        let own = stream.local_addr().expect("connected").to_string();
        let mut read = Vec::new();
        while !read.ends_with(own.as_bytes()) {
            assert_ne!(stream.read_buf(&mut read).await.expect("read"), 0, "closed early");
        }
    }

    async fn is_closed(mut stream: TcpStream) -> bool {
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await.is_err() || rest.is_empty()
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_ends_the_connection() {
        let server = server(SHORT, LONG).await;
        let silent = connect(&server).await;
        let mut slow = connect(&server).await;
        slow.write_all(b"GET / HTTP/1.1\r\nX-Slow: ").await.expect("sent");
        let mut second = connect(&server).await;
        ask(&mut second).await;
        second.write_all(b"GET /").await.expect("sent");
        for stream in [silent, slow, second] {
            assert!(is_closed(stream).await);
        }
    }

    #[tokio::test]
    async fn a_head_that_trickles_is_not_waited_for_longer() {
        let server = server(SHORT, LONG).await;
        let (mut reading, mut writing) = connect(&server).await.into_split();
        writing.write_all(b"GET / HTTP/1.1\r\n").await.expect("sent");
        let mut ticks = tokio::time::interval(SHORT / 10);
        let mut byte = [0];
        loop {
            tokio::select! {
                _ = reading.read(&mut byte) => break,
                _ = ticks.tick() => drop(writing.write_all(b"X-A: b\r\n").await),
            }
        }
    }

    #[tokio::test]
    async fn a_kept_connection_outlives_the_time_of_a_head_and_ends_when_idle() {
        let server = server(SHORT, 3 * SHORT).await;
        let mut kept = connect(&server).await;
        let started = std::time::Instant::now();
        ask(&mut kept).await;
        assert!(is_closed(kept).await);
        assert!(started.elapsed() >= 2 * SHORT, "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn stopping_ends_idle_connections_at_once() {
        let server = server(LONG, LONG).await;
        let mut kept = connect(&server).await;
        ask(&mut kept).await;
        server.stop.cancel();
        server.serving.await.expect("it ends");
        assert!(is_closed(kept).await);
    }
}
