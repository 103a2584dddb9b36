//! A link that swallows what is sent over it, and closes nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ems_host::CentreUrl;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Which way packets are swallowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Swallow {
    BothWays,
    FromTheCentre,
}

/// The air between a gateway and its centre.
pub(crate) struct Air {
    pub(crate) url: CentreUrl,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    n_connections: AtomicU64,
    /// Connections up to this one are silent from now on, each way.
    to_centre_silent: AtomicU64,
    from_centre_silent: AtomicU64,
    is_down: AtomicBool,
}

impl Air {
    pub(crate) async fn to(centre: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(State::default());
        tokio::spawn(carry_all(listener, centre, Arc::clone(&state)));
        Self { url: CentreUrl::parse(&url).unwrap(), state }
    }

    /// Swallows what is sent on the connections that stand; new ones find no centre.
    pub(crate) fn swallow(&self, which: Swallow) {
        let state = &self.state;
        state.is_down.store(true, Ordering::SeqCst);
        let through = state.n_connections.load(Ordering::SeqCst);
        state.from_centre_silent.store(through, Ordering::SeqCst);
        if which == Swallow::BothWays {
            state.to_centre_silent.store(through, Ordering::SeqCst);
        }
    }

    /// New connections reach the centre; the silent ones stay silent.
    pub(crate) fn mend(&self) {
        self.state.is_down.store(false, Ordering::SeqCst);
    }
}

async fn carry_all(listener: TcpListener, centre: SocketAddr, state: Arc<State>) {
    loop {
        let (near, _) = listener.accept().await.unwrap();
        if state.is_down.load(Ordering::SeqCst) {
            continue;
        }
        let Ok(far) = TcpStream::connect(centre).await else { continue };
        let id = state.n_connections.fetch_add(1, Ordering::SeqCst) + 1;
        let (from_near, to_near) = near.into_split();
        let (from_far, to_far) = far.into_split();
        let (up, down) = (Arc::clone(&state), Arc::clone(&state));
        tokio::spawn(carry(from_near, to_far, move || {
            id <= up.to_centre_silent.load(Ordering::SeqCst)
        }));
        tokio::spawn(carry(from_far, to_near, move || {
            id <= down.from_centre_silent.load(Ordering::SeqCst)
        }));
    }
}

/// Carries bytes until one side ends; a silent way swallows even the end.
async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    is_silent: impl Fn() -> bool,
) {
    let mut bytes = vec![0; 64 << 10];
    loop {
        let n_bytes = from.read(&mut bytes).await.unwrap_or(0);
        if is_silent() {
            if n_bytes == 0 {
                std::future::pending::<()>().await;
            }
            continue;
        }
        if n_bytes == 0 || to.write_all(&bytes[..n_bytes]).await.is_err() {
            return;
        }
    }
}
