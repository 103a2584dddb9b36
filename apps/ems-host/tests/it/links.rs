//! The uplink over QUIC links: a session of a gateway with two loopback addresses.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use ems_host::{
    Authority, Clock, Credentials, Issued, LinkSpec, Links, UplinkClient, UplinkPort, system_time,
};
use ems_model::{Frame, FrameBody, Millis, Timestamp, WaveChunk};
use ems_store::Outbox;
use serde_json::json;
use tempfile::TempDir;

use crate::floor::{Floor, assign, unit, until};
use crate::radio::Radio;
use crate::uplink::{delivered, frame, gap_is_told, outbox_with_a_gap};

const A: &str = "127.0.0.1";
const B: &str = "127.0.0.2";

/// A centre with its port, and the authority of both ends.
struct Ground {
    floor: Floor,
    authority: Authority,
    centre: Issued,
    port: UplinkPort,
    radio: Radio,
}

impl Ground {
    async fn open() -> Self {
        let authority = Authority::make(system_time(), 30).unwrap();
        let centre = authority.centre(system_time(), 30).unwrap();
        let floor = Floor::open().await;
        let port = hear(&floor, &centre, "127.0.0.1:0".parse().unwrap());
        let radio = Radio::to(port.address()).await;
        Self { floor, authority, centre, port, radio }
    }

    /// The centre stops and starts again, at another address.
    async fn restart(self) -> Self {
        let Self { floor, authority, centre, port, radio } = self;
        drop(port);
        let floor = floor.restart().await;
        let port = hear(&floor, &centre, "127.0.0.1:0".parse().unwrap());
        radio.lead_to(port.address());
        Self { floor, authority, centre, port, radio }
    }

    fn links(&self) -> Links {
        let issued = self.authority.unit(&unit("A1"), system_time(), 30).unwrap();
        self.links_with(&issued)
    }

    fn links_with(&self, issued: &Issued) -> Links {
        self.links_by(issued, Clock::system())
    }

    /// Links of a unit with a clock of its own.
    fn links_by(&self, issued: &Issued, clock: Clock) -> Links {
        let specs = [format!("5g-a={A}"), format!("5g-b={B}")];
        let specs: Vec<LinkSpec> = specs.iter().map(|spec| spec.parse().unwrap()).collect();
        let credentials = Credentials::of(issued).unwrap();
        Links::start(&unit("A1"), &self.radio.address.to_string(), specs, credentials, clock)
            .unwrap()
    }

    /// The numbers of A1's frames that are stored.
    fn stored(&self) -> Vec<u64> {
        let frames = self.floor.telemetry.read_after(&unit("A1"), 0, 100_000).unwrap();
        frames.iter().map(|frame| frame.seq).collect()
    }
}

fn hear(floor: &Floor, centre: &Issued, address: SocketAddr) -> UplinkPort {
    let socket = UdpSocket::bind(address).unwrap();
    floor.server.hear_links(socket, Credentials::of(centre).unwrap()).unwrap()
}

/// A gateway's disk and the uplink from it.
struct Gateway {
    _folder: TempDir,
    outbox: Arc<Outbox>,
    uplink: UplinkClient,
}

impl Gateway {
    fn start(links: Links) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Arc::new(Outbox::open(&folder.path().join("outbox.db")).unwrap());
        let uplink = UplinkClient::over_links(links, Arc::clone(&outbox)).unwrap();
        Self { _folder: folder, outbox, uplink }
    }

    /// Its process dies and starts again on the same disk.
    fn restart(self, links: Links) -> Self {
        let Self { _folder: folder, outbox, uplink } = self;
        drop(uplink);
        outbox.settle().unwrap();
        let uplink = UplinkClient::over_links(links, Arc::clone(&outbox)).unwrap();
        Self { _folder: folder, outbox, uplink }
    }

    async fn measure(&self, seqs: std::ops::RangeInclusive<u64>) {
        for seq in seqs {
            self.uplink.frames(vec![frame("A1", seq)]).await;
        }
    }

    async fn is_connected(&self) {
        until("the uplink to stand", async || self.uplink.status().is_connected).await;
    }

    async fn is_emptied(&self) {
        until("every frame to be acknowledged", async || self.uplink.status().backlog == 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_of_a_unit_are_stored_once_over_two_links_that_lose() {
    let ground = Ground::open().await;
    ground.radio.lose(100);
    let gateway = Gateway::start(ground.links());
    gateway.measure(1..=400).await;
    delivered(&ground.floor, 400).await;
    gateway.is_emptied().await;
    let is_up = async || gateway.uplink.status().links.iter().all(|link| link.report.is_some());
    until("both links to stand", is_up).await;
    assert_eq!(gateway.uplink.status().links.len(), 2);
    assert_eq!(ground.stored(), (1..=400).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_unit_with_a_wrong_clock_measures_stands_at_its_time_beside_the_centres_events() {
    let ground = Ground::open().await;
    let floor = &ground.floor;
    let incident = floor.incident().await;
    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    // 4.2 s behind, which the centre must find by itself.
    let behind = Millis::new(-4_200);
    let clock = Clock::scaled(floor.clock.now() + behind, 1.0);
    let issued = ground.authority.unit(&unit("A1"), system_time(), 30).unwrap();
    let gateway = Gateway::start(ground.links_by(&issued, clock.clone()));
    let is_known = async || gateway.uplink.status().clock.is_some();
    until("the clocks to be compared", is_known).await;
    let measured = |seq| Frame { at: clock.now(), incident: Some(incident), ..frame("A1", seq) };
    let from = floor.clock.now();
    gateway.uplink.frames(vec![measured(1)]).await;
    let until_us = floor.clock.now();
    delivered(floor, 1).await;
    let page = floor.get("/api/frames?unit=A1").await.1;
    let told = &page["frames"][0]["clock"];
    let off_us = told["ahead_us"].as_i64().unwrap() - 4_200_000;
    let within_us = told["uncertainty_us"].as_i64().unwrap();
    assert!(off_us.abs() <= within_us && within_us < 1_000_000, "{told}");
    let span = |from: Timestamp| {
        let until = until_us + Millis::from_secs(2);
        format!("from={}&until={}", from.as_micros(), until.as_micros())
    };
    let path = format!("/api/incidents/{incident}/line-up?{}", span(from - Millis::from_secs(2)));
    let line_up = floor.get(&path).await.1;
    let items = line_up["items"].as_array().unwrap();
    let frames: Vec<_> = items.iter().filter(|it| it["source"] == "A1").collect();
    let [item] = frames[..] else { panic!("{line_up}") };
    // By the centre's clock it was measured between the two times at which that was asked.
    let at = item["at"].as_i64().unwrap();
    let span_us = from.as_micros() - within_us..=until_us.as_micros() + within_us;
    assert!(span_us.contains(&at), "{item} beside {span_us:?}");
    assert_eq!(line_up["sources"], json!({"A1": within_us, "centre": 0}));
    assert_eq!(line_up["within_us"], within_us);
    assert_eq!(item["frame"]["seq"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_whose_clock_nobody_knows_is_told_as_unknown() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    let mut gateway = floor.socket("/api/uplink").await;
    gateway.send(&json!({"type": "hello", "unit": "A1", "protocol": 3}).to_string()).await;
    let at = floor.clock.now();
    let frame = Frame { at, incident: Some(incident), ..frame("A1", 1) };
    gateway.send(&json!({"type": "frames", "frames": [frame]}).to_string()).await;
    gateway.next_of("ack").await;
    let until = (at + Millis::from_secs(9)).as_micros();
    let path = format!("/api/incidents/{incident}/line-up?from=0&until={until}");
    let line_up = floor.get(&path).await.1;
    assert_eq!(line_up["sources"], json!({"A1": null, "centre": 0}));
    assert_eq!(line_up["within_us"], json!(null));
    let nobody = "/api/incidents/77/line-up?from=0&until=1";
    assert_eq!(floor.get(nobody).await.0, axum::http::StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_one_link_is_black_every_vital_frame_arrives_over_the_other() {
    let ground = Ground::open().await;
    let gateway = Gateway::start(ground.links());
    gateway.is_connected().await;
    for (black, seqs) in [(A, 1..=50), (B, 51..=100), (A, 101..=150)] {
        ground.radio.blacken(A, black == A);
        ground.radio.blacken(B, black == B);
        let last = *seqs.end();
        gateway.measure(seqs).await;
        delivered(&ground.floor, last).await;
    }
}

fn wave(seq: u64) -> Frame {
    let microvolts = (0..2000).map(|n| (n * 7919 % 3001) as i16).collect();
    let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts, beats: vec![] };
    Frame { body: FrameBody::Wave(chunk), ..frame("A1", seq) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_does_not_delay_what_is_new() {
    const BACKLOG: u64 = 3000;
    let ground = Ground::open().await;
    ground.radio.blacken(A, true);
    ground.radio.blacken(B, true);
    let gateway = Gateway::start(ground.links());
    gateway.uplink.frames((1..=BACKLOG).map(wave).collect()).await;
    let last = async || gateway.outbox.resume(&unit("A1")).unwrap().last;
    until("the backlog to be on the disk", async || last().await == BACKLOG).await;
    let mut screen = ground.floor.socket("/api/stream").await;
    screen.next_of("tick").await;
    ground.radio.blacken(A, false);
    ground.radio.blacken(B, false);
    gateway.is_connected().await;
    gateway.measure(BACKLOG + 1..=BACKLOG + 20).await;
    for seq in BACKLOG + 1..=BACKLOG + 20 {
        assert_eq!(screen.next_of("vitals").await["seq"], seq);
    }
    let n_stored = ground.stored().len();
    assert!((n_stored as u64) < BACKLOG, "all of the backlog had come before: {n_stored}");
    delivered(&ground.floor, BACKLOG + 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn either_end_may_start_again_and_nothing_is_lost() {
    let mut ground = Ground::open().await;
    ground.radio.lose(50);
    let mut gateway = Gateway::start(ground.links());
    let mut last = 0;
    for round in 0..6 {
        gateway.measure(last + 1..=last + 40).await;
        let resume = gateway.outbox.resume(&unit("A1"));
        last = if round % 2 == 0 {
            ground = ground.restart().await;
            last + 40
        } else {
            gateway = gateway.restart(ground.links());
            // What was not on the disk was never numbered for anybody.
            let kept = gateway.outbox.resume(&unit("A1")).unwrap().last;
            assert!(kept >= resume.unwrap().last);
            kept
        };
    }
    delivered(&ground.floor, last).await;
    gateway.is_emptied().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_whose_address_changes_goes_on() {
    let ground = Ground::open().await;
    let gateway = Gateway::start(ground.links());
    gateway.is_connected().await;
    for round in 0..4 {
        gateway.measure(round * 25 + 1..=round * 25 + 25).await;
        delivered(&ground.floor, round * 25 + 25).await;
        ground.radio.move_gateways();
    }
    assert!(gateway.uplink.status().links.iter().all(|link| link.complaint.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_the_units_certificate_is_refused() {
    let ground = Ground::open().await;
    let now = system_time();
    let long_ago = Timestamp::from_micros(now.as_micros()) + Millis::from_secs(-40 * 86_400);
    let stranger = Authority::make(now, 30).unwrap();
    let own_of = |issued: Issued| Issued { authority: ground.centre.authority.clone(), ..issued };
    for (what, issued, part) in [
        ("another authority", own_of(stranger.unit(&unit("A1"), now, 30).unwrap()), "certificate"),
        ("expired", ground.authority.unit(&unit("A1"), long_ago, 30).unwrap(), "certificate"),
        ("another unit", ground.authority.unit(&unit("A2"), now, 30).unwrap(), "is unit A2's"),
        ("a centre's", ground.centre.clone(), "certificate"),
    ] {
        let gateway = Gateway::start(ground.links_with(&issued));
        gateway.measure(1..=3).await;
        let complaints = || {
            let links = gateway.uplink.status().links;
            links.into_iter().filter_map(|link| link.complaint).collect::<Vec<_>>()
        };
        let is_told = async || complaints().iter().any(|it| it.contains(part));
        until(&format!("{what} to be refused"), is_told).await;
        // It tries again and again, and stands for as long as the centre takes to hear whose it is.
        let is_down = async || !gateway.uplink.status().is_connected;
        until(&format!("{what} to be down"), is_down).await;
    }
    assert_eq!(ground.stored(), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_refuses_a_centre_of_another_authority() {
    let ground = Ground::open().await;
    let stranger = Authority::make(system_time(), 30).unwrap();
    let gateway =
        Gateway::start(ground.links_with(&stranger.unit(&unit("A1"), system_time(), 30).unwrap()));
    gateway.measure(1..=3).await;
    let is_told = async || {
        let links = gateway.uplink.status().links;
        links.iter().any(|it| it.complaint.as_ref().is_some_and(|it| it.contains("certificate")))
    };
    until("the centre to be refused", is_told).await;
    assert_eq!(ground.stored(), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn replayed_forged_and_cut_datagrams_change_nothing() {
    let ground = Ground::open().await;
    let gateway = Gateway::start(ground.links());
    gateway.measure(1..=60).await;
    delivered(&ground.floor, 60).await;
    let hostile = UdpSocket::bind("127.0.0.3:0").unwrap();
    for (n, datagram) in ground.radio.heard().iter().enumerate() {
        hostile.send_to(datagram, ground.port.address()).unwrap();
        hostile.send_to(&datagram[..datagram.len() / 2], ground.port.address()).unwrap();
        let mut forged = datagram.clone();
        let at = n * 31 % forged.len();
        forged[at] ^= 0x40;
        hostile.send_to(&forged, ground.port.address()).unwrap();
    }
    gateway.measure(61..=120).await;
    delivered(&ground.floor, 120).await;
    gateway.is_emptied().await;
    assert_eq!(ground.floor.metric("golden_hour_frames_repeated_total").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_gateway_gave_up_is_told_over_links_that_lose() {
    let ground = Ground::open().await;
    ground.radio.lose(100);
    let folder = tempfile::tempdir().unwrap();
    let outbox = outbox_with_a_gap(&folder.path().join("outbox.db"));
    let _uplink = UplinkClient::over_links(ground.links(), Arc::clone(&outbox)).unwrap();
    gap_is_told(&ground.floor, &outbox).await;
}
