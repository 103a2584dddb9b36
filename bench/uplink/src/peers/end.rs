//! An end of a QUIC connection by `quinn-proto`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use quinn_proto::{
    ClientConfig, Connection, ConnectionHandle, DatagramEvent, Dir, Endpoint, EndpointConfig,
    ServerConfig, StreamId,
};

use super::Inbox;
use super::tls::link;

pub(crate) struct End {
    endpoint: Endpoint,
    pub(crate) connection: Option<(ConnectionHandle, Connection)>,
    reading: Vec<StreamId>,
}

impl End {
    pub(crate) fn new(
        config: EndpointConfig,
        seed: u64,
        salt: u8,
        server: Option<ServerConfig>,
    ) -> Self {
        let mut random = [salt; 32];
        random[..8].copy_from_slice(&seed.to_be_bytes());
        Self {
            endpoint: Endpoint::new(Arc::new(config), server.map(Arc::new), true, Some(random)),
            connection: None,
            reading: Vec::new(),
        }
    }

    pub(crate) fn connect(
        &mut self,
        now: Instant,
        client: ClientConfig,
        to: SocketAddr,
        name: &str,
    ) -> anyhow::Result<()> {
        self.connection = Some(self.endpoint.connect(now, client, to, name)?);
        Ok(())
    }

    /// Sends a datagram; one of a connection that does not stand yet is lost.
    pub(crate) fn send_datagram(&mut self, bytes: Vec<u8>) {
        if let Some((_, connection)) = &mut self.connection {
            let _ = connection.datagrams().send(Bytes::from(bytes), true);
        }
    }

    /// Datagrams that have come.
    pub(crate) fn datagrams(&mut self) -> Vec<Bytes> {
        let Some((_, connection)) = &mut self.connection else { return vec![] };
        std::iter::from_fn(|| connection.datagrams().recv()).collect()
    }

    pub(crate) fn on_packet(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let mut answer = Vec::new();
        match self.endpoint.handle(now, from, None, None, BytesMut::from(bytes), &mut answer) {
            Some(DatagramEvent::ConnectionEvent(_, event)) => {
                if let Some((_, connection)) = &mut self.connection {
                    connection.handle_event(event);
                }
            }
            Some(DatagramEvent::NewConnection(incoming)) => {
                self.connection = self.endpoint.accept(incoming, now, &mut answer, None).ok();
            }
            Some(DatagramEvent::Response(_)) | None => {}
        }
        self.settle();
    }

    pub(crate) fn on_wake(&mut self, now: Instant) {
        if let Some((_, connection)) = &mut self.connection
            && connection.poll_timeout().is_some_and(|at| at <= now)
        {
            connection.handle_timeout(now);
        }
        self.settle();
    }

    /// Lets the endpoint know what the connection asks of it.
    fn settle(&mut self) {
        let Some((handle, connection)) = &mut self.connection else { return };
        while let Some(event) = connection.poll_endpoint_events() {
            if let Some(event) = self.endpoint.handle_event(*handle, event) {
                connection.handle_event(event);
            }
        }
        while connection.poll().is_some() {}
    }

    pub(crate) fn read(&mut self, inbox: &mut Inbox) {
        let Some((_, connection)) = &mut self.connection else { return };
        while let Some(stream) = connection.streams().accept(Dir::Uni) {
            self.reading.push(stream);
        }
        self.reading.retain(|stream| {
            let mut receiving = connection.recv_stream(*stream);
            let Ok(mut chunks) = receiving.read(true) else { return false };
            let is_open = loop {
                match chunks.next(usize::MAX) {
                    Ok(Some(chunk)) => inbox.read(stream.index(), &chunk.bytes),
                    Ok(None) => break false,
                    Err(_) => break true,
                }
            };
            let _ = chunks.finalize();
            is_open
        });
    }

    pub(crate) fn poll_packet(&mut self, now: Instant) -> Option<(usize, Vec<u8>)> {
        let (_, connection) = self.connection.as_mut()?;
        let mut bytes = Vec::new();
        let sent = connection.poll_transmit(now, 1, &mut bytes)?;
        bytes.truncate(sent.size);
        Some((link(sent.destination), bytes))
    }

    pub(crate) fn next_wake(&mut self) -> Option<Instant> {
        self.connection.as_mut()?.1.poll_timeout()
    }
}
