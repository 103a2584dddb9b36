//! Personal health devices that speak IEEE 11073-20601, over TCP or a serial line.

use std::time::Duration;

use ems_device::PhdManager;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Input;
use super::readings::hand_on;
use crate::clock::Clock;

/// Devices that may be connected at once; further ones wait.
const DEVICES_MAX: usize = 16;
/// A device that says nothing for this long is taken to be gone.
const IDLE_MAX: Duration = Duration::from_mins(5);
/// The pause after the system could not take a connection.
const TRY_AGAIN: Duration = Duration::from_secs(1);
const READ_BYTES: usize = 8 << 10;
/// An EUI-64 of the locally administered kind: we have bought no number of our own.
const SYSTEM_ID: [u8; 8] = *b"\x02GolHour";

/// Takes what devices send until the gateway ends.
pub(super) async fn listen(listener: TcpListener, clock: Clock, inputs: mpsc::Sender<Input>) {
    let mut devices = JoinSet::new();
    while !inputs.is_closed() {
        while devices.len() >= DEVICES_MAX {
            devices.join_next().await;
        }
        match listener.accept().await {
            Ok((stream, address)) => {
                tracing::info!(%address, "a health device is heard");
                let (clock, inputs) = (clock.clone(), inputs.clone());
                devices.spawn(async move {
                    hear(stream, IDLE_MAX, &clock, &inputs).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no health device could be heard");
                tokio::time::sleep(TRY_AGAIN).await;
            }
        }
    }
}

/// Hears one device out: until it is gone, or silent for too long.
pub(super) async fn hear(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    idle_max: Duration,
    clock: &Clock,
    inputs: &mpsc::Sender<Input>,
) {
    let mut manager = PhdManager::new(SYSTEM_ID);
    let mut bytes = vec![0; READ_BYTES];
    while let Ok(Ok(n_bytes @ 1..)) = tokio::time::timeout(idle_max, stream.read(&mut bytes)).await
    {
        let heard = manager.push(&bytes[..n_bytes]);
        hand_on(Ok(heard.readings), clock.now(), inputs).await;
        if stream.write_all(&heard.answers).await.is_err() {
            return;
        }
    }
}
