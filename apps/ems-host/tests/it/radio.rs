//! A radio between gateways and a centre: UDP that loses, goes black, repeats, and changes the
//! address under which a gateway is seen.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// Passes datagrams on, by the gateway's address.
pub(crate) struct Radio {
    pub(crate) address: SocketAddr,
    air: Arc<Mutex<Air>>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Air {
    black: BTreeSet<IpAddr>,
    /// Of 1,000 datagrams so many are lost.
    loss: u64,
    dice: u64,
    /// Counts changes of address.
    n_moves: u64,
    /// What gateways sent lately.
    heard: Vec<Vec<u8>>,
    n_passed: u64,
    to: Option<SocketAddr>,
}

impl Air {
    fn passes(&mut self, from: IpAddr) -> bool {
        // xorshift64 (Marsaglia 2003)
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        let passes = !self.black.contains(&from) && self.dice % 1000 >= self.loss;
        self.n_passed += u64::from(passes);
        passes
    }
}

impl Radio {
    pub(crate) async fn to(centre: SocketAddr) -> Self {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
        let address = socket.local_addr().unwrap();
        let air = Air { dice: 0x9E37_79B9_7F4A_7C15, to: Some(centre), ..Air::default() };
        let air = Arc::new(Mutex::new(air));
        let task = tokio::spawn(pass_up(socket, Arc::clone(&air)));
        Self { address, air, task }
    }

    /// From here on the centre is there.
    pub(crate) fn lead_to(&self, centre: SocketAddr) {
        self.air.lock().unwrap().to = Some(centre);
    }

    pub(crate) fn lose(&self, per_mille: u64) {
        self.air.lock().unwrap().loss = per_mille;
    }

    pub(crate) fn blacken(&self, ip: &str, is_black: bool) {
        let ip = ip.parse().unwrap();
        let mut air = self.air.lock().unwrap();
        if is_black {
            air.black.insert(ip)
        } else {
            air.black.remove(&ip)
        };
    }

    /// The centre sees every gateway under another address from here on.
    pub(crate) fn move_gateways(&self) {
        self.air.lock().unwrap().n_moves += 1;
    }

    pub(crate) fn heard(&self) -> Vec<Vec<u8>> {
        self.air.lock().unwrap().heard.clone()
    }
}

impl Drop for Radio {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pass_up(socket: Arc<UdpSocket>, air: Arc<Mutex<Air>>) {
    let mut ways: BTreeMap<(SocketAddr, u64), (Arc<UdpSocket>, JoinHandle<()>)> = BTreeMap::new();
    let mut bytes = [0; 2048];
    loop {
        let Ok((n_bytes, from)) = socket.recv_from(&mut bytes).await else { continue };
        let (passes, n_moves, to) = {
            let mut air = air.lock().unwrap();
            if air.heard.len() < 4096 {
                air.heard.push(bytes[..n_bytes].to_vec());
            }
            (air.passes(from.ip()), air.n_moves, air.to)
        };
        let Some(to) = to.filter(|_| passes) else { continue };
        let (up, _) = match ways.entry((from, n_moves)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let up = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
                let (down, known, air) = (Arc::clone(&socket), Arc::clone(&up), Arc::clone(&air));
                new.insert((up, tokio::spawn(pass_down(known, down, from, air))))
            }
        };
        // A centre that is away refuses datagrams.
        let _ = up.send_to(&bytes[..n_bytes], to).await;
    }
}

async fn pass_down(
    from: Arc<UdpSocket>,
    over: Arc<UdpSocket>,
    to: SocketAddr,
    air: Arc<Mutex<Air>>,
) {
    let mut bytes = [0; 2048];
    loop {
        let Ok((n_bytes, _)) = from.recv_from(&mut bytes).await else { continue };
        if air.lock().unwrap().passes(to.ip()) {
            let _ = over.send_to(&bytes[..n_bytes], to).await;
        }
    }
}
