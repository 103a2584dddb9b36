//! One WebSocket to a centre, and the pauses between attempts.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::READ_BUFFER_BYTES;

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// How long a connection may take to stand.
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
/// The largest message that is read.
const MESSAGE_BYTES_MAX: usize = 16 << 20;
/// Pauses before the next attempts; the last one repeats.
const PAUSES_MS: [u64; 5] = [50, 100, 250, 500, 1000];

/// Connects, or says why not.
pub(crate) async fn connect(url: String) -> Result<Socket, String> {
    let request = url.into_client_request().map_err(|error| error.to_string())?;
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER_BYTES)
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let connect = connect_async_with_config(request, Some(config), true);
    match tokio::time::timeout(CONNECT_WITHIN, connect).await {
        Ok(Ok((socket, _response))) => Ok(socket),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no connection in {CONNECT_WITHIN:?}")),
    }
}

/// Counts attempts and gives the pause before the next.
#[derive(Debug, Default)]
pub(crate) struct Pauses {
    n_failures: usize,
}

impl Pauses {
    pub(crate) fn on_success(&mut self) {
        self.n_failures = 0;
    }

    pub(crate) fn next(&mut self) -> Duration {
        let pause = PAUSES_MS[self.n_failures.min(PAUSES_MS.len() - 1)];
        self.n_failures += 1;
        Duration::from_millis(pause)
    }
}
