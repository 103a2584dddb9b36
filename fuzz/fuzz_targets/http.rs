#![no_main]
//! A call with any path, query and body is answered, and the centre is there for the next one.
//! The first line is method and target, the rest the body.
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, LazyLock};

use ems_fuzz::{CONFIG, START, TOWN};
use ems_host::{CentreParts, Clock, Patience, Server, ServerParts, listen};
use ems_store::{Photos, SqliteLog, Telemetry, TrafficStore};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use tokio::runtime::Runtime;

struct Centre {
    address: SocketAddr,
    _server: Server,
    _runtime: Runtime,
    _folder: TempDir,
}

static CENTRE: LazyLock<Centre> = LazyLock::new(Centre::start);

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
    let (call, body) = (&bytes[..end], bytes.get(end + 1..).unwrap_or_default());
    let is_line = call.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    if is_line {
        let answer = CENTRE.call(call, body);
        assert!(!answer.starts_with(b"HTTP/1.1 500"), "{}", String::from_utf8_lossy(&answer));
    }
});

impl Centre {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let at = |name: &str| folder.path().join(name);
        let runtime = Runtime::new().expect("threads can be had");
        let server = runtime.block_on(async {
            let centre = CentreParts {
                config: CONFIG.clone(),
                city: TOWN.clone(),
                log: Arc::new(SqliteLog::open(&at("events.db")).expect("it can be made")),
                traffic: Arc::new(TrafficStore::open(&at("traffic.db")).expect("it can be made")),
                clock: Clock::scaled(START, 1.0),
            };
            let telemetry = Telemetry::open(&at("telemetry.db")).expect("it can be made");
            let parts = ServerParts {
                centre,
                telemetry: Arc::new(telemetry),
                photos: Photos::open(&at("photos")).expect("it can be made"),
                tiles: None,
                patience: Patience::default(),
            };
            let listener = listen("127.0.0.1:0").await.expect("a port is free");
            Server::start(parts, listener).expect("it can start")
        });
        Self { address: server.address(), _server: server, _runtime: runtime, _folder: folder }
    }

    fn call(&self, call: &[u8], body: &[u8]) -> Vec<u8> {
        let mut socket = TcpStream::connect(self.address).expect("the centre listens");
        let rest = format!(
            " HTTP/1.1\r\nHost: town\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let request = [call, rest.as_bytes(), body].concat();
        let mut answer = Vec::new();
        // A refused head may close the socket before its body is read; then no answer comes.
        let _ = socket.write_all(&request).and_then(|()| socket.read_to_end(&mut answer));
        answer
    }
}
