//! The accept loop: connections in, requests to the service, and an end that leaves nothing behind.

use std::sync::Arc;
use std::time::Duration;

use axum::{Extension, Router};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::clock::pause;
use crate::faults::{Line, Wire};
use crate::service::Service;

/// How long nothing is accepted when something could not be: other connections may end meanwhile.
const RELIEF: Duration = Duration::from_millis(10);

/// Serves until `stopped` resolves, then cuts what connections are open.
///
/// The loop owns its connections, rather than leaving them to a framework's detached tasks: a test
/// that stops its sandbox must not find one of them still answering.
pub(crate) async fn serve(
    listener: TcpListener,
    service: Arc<Service>,
    mut stopped: oneshot::Receiver<()>,
) {
    let router = service.router();
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(converse(stream, router.clone()));
                }
                // Out of file handles, or a connection that was gone before it was taken.
                Err(error) => {
                    tracing::warn!(%error, "could not accept a connection");
                    pause(RELIEF).await;
                }
            },
            // Finished connections are let go as they finish.
            Some(_) = connections.join_next() => {}
        }
    }
    connections.shutdown().await;
}

/// Answers the requests of one connection.
async fn converse(stream: TcpStream, router: Router) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not turn Nagle's algorithm off");
    }
    let line = Line::default();
    let wire = TokioIo::new(Wire::new(stream, line.clone()));
    let service = TowerToHyperService::new(router.layer(Extension(line)));
    // Without a timer hyper never closes an idle connection: none fails that no fault was set for.
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(wire, service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection broke off");
    }
}
