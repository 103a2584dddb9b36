//! The kernel's multipath TCP, in real time: two network namespaces, and the links between them.
//!
//! A link is a TUN device in each namespace; what goes into one comes out of the other as
//! `ems-netem` has it, by the machine's clock. Before the first frame links lose nothing, and some
//! frames that do not count make the kernel open its second subflow. Frames are sent at once
//! (`TCP_NODELAY`); the scheduler is the kernel's. A packet counts 28 bytes less than IP carries:
//! what a UDP packet of that length would carry.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};
use ems_drive::{Fate, LinkOutcome, Outcome, Profile};
use ems_model::{Micros, Timestamp};
use ems_uplink::Counts;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use socket2::{Domain, Protocol, Socket, Type};
use tappers::{Interface, Tun};

use super::Side;
use super::road::{AFTER, DAWN, FRAME_BYTES, LENGTH, Road, START, deliver};

const PORT: u16 = 4433;
const GAP: Micros = Micros::from_millis(50);
/// Frames that do not count, before the first that does.
const WARM_UP: u32 = 20;
/// A number that no frame of the count has.
const UNCOUNTED: u64 = u64::MAX;
/// IPv4 (20) and UDP (8).
const HEADER_BYTES: usize = 28;

/// Both namespaces of a run; they go when it does.
struct Spaces([String; 2]);

/// The machine's clock as that of the links.
#[derive(Clone, Copy)]
struct Clock(Instant);

struct Arrival {
    link: usize,
    from: Side,
    bytes: Vec<u8>,
}

/// Carries the frames with seeds from 0, all at the same time.
pub(crate) fn drive(profile: &Profile, n_seeds: u64) -> anyhow::Result<Vec<Outcome>> {
    let enabled = std::fs::read_to_string("/proc/sys/net/mptcp/enabled");
    let enabled = enabled.context("the kernel has no MPTCP")?;
    ensure!(enabled.trim() == "1", "MPTCP is off: sysctl -w net.mptcp.enabled=1");
    let runs: Vec<JoinHandle<_>> = (0..n_seeds)
        .map(|seed| {
            let profile = profile.clone();
            thread::spawn(move || drive_one(&profile, seed))
        })
        .collect();
    runs.into_iter().map(|run| run.join().map_err(|_| anyhow!("a run panicked"))?).collect()
}

fn drive_one(profile: &Profile, seed: u64) -> anyhow::Result<Outcome> {
    let spaces = Spaces::new(seed)?;
    let [unit, centre] = [spaces.tuns(0)?, spaces.tuns(1)?];
    spaces.configure()?;
    let clock = Clock(Instant::now() + Duration::from_secs(3));
    let roads = [Road::calm(profile)?, Road::real(profile, seed)?];
    let relay = thread::spawn(move || relay(clock, roads, [unit, centre]));
    let listening = spaces.enter(1, listen)?;
    let receiving = thread::spawn(move || receive(clock, &listening));
    let sent = spaces.enter(0, move || send(clock))?;
    let mut fates = sent;
    for (at, frame) in receiving.join().map_err(|_| anyhow!("the centre panicked"))?? {
        deliver(&mut fates, at, &frame);
    }
    let links = relay.join().map_err(|_| anyhow!("the links panicked"))?;
    let [sent, received] = [Counts::default(), Counts::default()];
    Ok(Outcome { start: START, fates, links, sent, received })
}

fn listen() -> anyhow::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP))?;
    socket.bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, PORT)).into())?;
    socket.listen(1)?;
    Ok(socket)
}

/// Takes frames until the links end.
fn receive(clock: Clock, listening: &Socket) -> anyhow::Result<Vec<(Timestamp, Vec<u8>)>> {
    let (mut socket, _) = listening.accept()?;
    let end = clock.instant(START + LENGTH + AFTER);
    let mut frames = Vec::new();
    let mut frame = vec![0; FRAME_BYTES];
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(frames);
        }
        socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        match socket.read_exact(&mut frame) {
            Ok(()) => frames.push((clock.now(), frame.clone())),
            Err(_) => return Ok(frames),
        }
    }
}

fn send(clock: Clock) -> anyhow::Result<Vec<Fate>> {
    let mut socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::MPTCP))?;
    socket.connect(&SocketAddr::from((address(1, 0), PORT)).into())?;
    socket.set_tcp_nodelay(true)?;
    let mut frame = vec![0; FRAME_BYTES];
    frame[..8].copy_from_slice(&UNCOUNTED.to_be_bytes());
    for left in (1..=WARM_UP).rev() {
        clock.sleep_until(START + Micros::new(-GAP.get() * i64::from(left)));
        socket.write_all(&frame)?;
    }
    let mut fates = Vec::new();
    let mut next = START;
    while next < START + LENGTH {
        clock.sleep_until(next);
        frame[..8].copy_from_slice(&(fates.len() as u64).to_be_bytes());
        let class = ems_uplink::Class::Vitals;
        fates.push(Fate { class, n_bytes: FRAME_BYTES, pushed_at: next, delivered_at: None });
        socket.write_all(&frame)?;
        next = next + GAP;
    }
    // The connection stays until all that may arrive has.
    clock.sleep_until(START + LENGTH + AFTER);
    Ok(fates)
}

/// Moves packets between the namespaces until the links end.
fn relay(clock: Clock, [calm, real]: [Road; 2], tuns: [Vec<Arc<Tun>>; 2]) -> Vec<LinkOutcome> {
    let (sender, arrivals) = channel();
    for (tuns, from) in tuns.iter().zip([Side::Ambulance, Side::Centre]) {
        for (link, tun) in tuns.iter().enumerate() {
            listen_to(Arc::clone(tun), link, from, sender.clone());
        }
    }
    pass(clock, calm, &arrivals, &tuns, START);
    pass(clock, real, &arrivals, &tuns, START + LENGTH + AFTER)
}

fn listen_to(tun: Arc<Tun>, link: usize, from: Side, sender: Sender<Arrival>) {
    thread::spawn(move || {
        let mut bytes = vec![0; 2048];
        while let Ok(n_bytes) = tun.recv(&mut bytes) {
            // IPv6 greets its neighbours; only IPv4 is carried.
            let bytes = bytes[..n_bytes].to_vec();
            let is_ipv4 = bytes.first().is_some_and(|first| first >> 4 == 4);
            if is_ipv4 && sender.send(Arrival { link, from, bytes }).is_err() {
                return;
            }
        }
    });
}

fn pass(
    clock: Clock,
    mut road: Road,
    arrivals: &Receiver<Arrival>,
    tuns: &[Vec<Arc<Tun>>; 2],
    end: Timestamp,
) -> Vec<LinkOutcome> {
    while clock.now() < end {
        let wake = road.next_wake().map_or(end, |at| at.min(end));
        let wait = clock.instant(wake).saturating_duration_since(Instant::now());
        match arrivals.recv_timeout(wait) {
            Ok(Arrival { link, from, bytes }) => {
                let n_bytes = bytes.len().saturating_sub(HEADER_BYTES);
                // What a link drops is in its tally.
                let _ = road.way(link, from).push(clock.now(), n_bytes, bytes);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        for (link, _) in tuns[0].iter().enumerate() {
            for (from, to) in [(Side::Ambulance, 1), (Side::Centre, 0)] {
                while let Some(bytes) = road.way(link, from).poll_output(clock.now()) {
                    // A device that takes no packet has lost it.
                    let _ = tuns[to][link].send(&bytes);
                }
            }
        }
    }
    road.tallies()
}

impl Clock {
    fn now(self) -> Timestamp {
        let now = Instant::now();
        let micros = |time: Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX / 2);
        let since = micros(now.saturating_duration_since(self.0));
        let until = micros(self.0.saturating_duration_since(now));
        START + Micros::new(since - until)
    }

    fn instant(self, at: Timestamp) -> Instant {
        let since = at.micros_since(DAWN).get() - START.micros_since(DAWN).get();
        let time = Duration::from_micros(since.unsigned_abs());
        if since < 0 { self.0 - time } else { self.0 + time }
    }

    fn sleep_until(self, at: Timestamp) {
        thread::sleep(self.instant(at).saturating_duration_since(Instant::now()));
    }
}

/// The address of an end (0 the ambulance) on a link.
fn address(end: u8, link: u8) -> Ipv4Addr {
    Ipv4Addr::new(10, 9, link, end + 1)
}

impl Spaces {
    fn new(seed: u64) -> anyhow::Result<Self> {
        let name = |end| format!("gh-f1-{}-{seed}-{end}", std::process::id());
        let spaces = Self([name("unit"), name("centre")]);
        for space in &spaces.0 {
            ip(&["netns", "add", space])?;
        }
        Ok(spaces)
    }

    /// A device for each link, in the namespace of an end.
    fn tuns(&self, end: usize) -> anyhow::Result<Vec<Arc<Tun>>> {
        self.enter(end, || {
            let tun = |name| anyhow::Ok(Arc::new(Tun::new_named(Interface::new(name)?)?));
            ["link0", "link1"].into_iter().map(tun).collect()
        })
    }

    fn configure(&self) -> anyhow::Result<()> {
        for (end, space) in (0..).zip(&self.0) {
            for link in 0..2 {
                let [here, there] = [end, 1 - end].map(|end| address(end, link).to_string());
                let device = format!("link{link}");
                ip(&["-n", space, "addr", "add", &here, "peer", &there, "dev", &device])?;
                ip(&["-n", space, "link", "set", &device, "mtu", "1400", "up"])?;
            }
            let limits = ["subflows", "2", "add_addr_accepted", "2"];
            ip(&[&["-n", space, "mptcp", "limits", "set"][..], &limits].concat())?;
        }
        // The centre tells of its address on link B; the ambulance opens a subflow to it.
        let spare = address(1, 1).to_string();
        ip(&["-n", &self.0[1], "mptcp", "endpoint", "add", &spare, "dev", "link1", "signal"])
    }

    /// Does something on a thread within the namespace of an end.
    fn enter<T: Send>(
        &self,
        end: usize,
        what: impl FnOnce() -> anyhow::Result<T> + Send,
    ) -> anyhow::Result<T> {
        let space = File::open(format!("/run/netns/{}", self.0[end]))?;
        thread::scope(|scope| {
            let inside = scope.spawn(move || {
                move_into_link_name_space(space.as_fd(), Some(LinkNameSpaceType::Network))?;
                what()
            });
            inside.join().map_err(|_| anyhow!("a thread in a namespace panicked"))?
        })
    }
}

impl Drop for Spaces {
    fn drop(&mut self) {
        for space in &self.0 {
            // A namespace that is left over does no harm.
            let _ = ip(&["netns", "del", space]);
        }
    }
}

fn ip(args: &[&str]) -> anyhow::Result<()> {
    let done = Command::new("ip").args(args).output().context("iproute2 is missing")?;
    let why = String::from_utf8_lossy(&done.stderr);
    ensure!(done.status.success(), "ip {}: {}", args.join(" "), why.trim());
    Ok(())
}
