//! Three processes: an ambulance without a link, another that carries for it, the centre.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use ems_host::{CentreClient, CentreUrl};
use ems_model::{Frame, UnitId};
use ems_store::{Outbox, Telemetry};
use serde::Deserialize;

use crate::bundles::{at, certify, serve};
use crate::gateway_killed::{healthy, write_recording};
use crate::process::{Chance, KILLING, Process, free_port, wait_until};

const SEED: u64 = 31;
const WITHIN: Duration = Duration::from_mins(1);

/// A never reaches the centre; B, which carries, is killed again and again.
#[tokio::test(flavor = "multi_thread")]
async fn frames_reach_the_centre_by_another_ambulance_that_is_killed_meanwhile() {
    let _alone = KILLING.lock().await;
    let street = Street::new();
    let b = street.carrier();
    let frames = street.measure_without_a_link().await;
    assert!(frames.len() > 20, "{} frames", frames.len());
    let a = street.alone(None);
    wait_until("all frames on the carrier's shelf", WITHIN, async || {
        street.n_carried("bundles") > 0 && street.is_all_carried(&frames)
    })
    .await;
    b.kill();
    let b = street.carrier();
    // Time for the ambulances to find each other again: nothing may come of it.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(street.backlog().await, Some(frames.len() as u64), "no receipt, nothing forgotten");

    let mut chance = Chance(SEED);
    let centre = street.centre();
    let mut carrier = Some(b);
    for _ in 0..6 {
        tokio::time::sleep(chance.millis(50..700)).await;
        carrier.take().expect("it runs").kill();
        carrier = Some(street.carrier());
    }
    wait_until("the centre's receipts at their unit", WITHIN, async || {
        street.backlog().await == Some(0) && street.n_carried("receipts") == 0
    })
    .await;
    for process in [a, carrier.expect("it runs"), centre] {
        process.kill();
    }
    street.check(&frames);
    assert_eq!((street.n_carried("bundles"), street.n_carried("receipts")), (0, 0));
}

/// What is on the carrier's shelf comes by A's own link first.
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_by_both_roads_is_stored_once() {
    let _alone = KILLING.lock().await;
    let street = Street::new();
    let b = street.carrier();
    let frames = street.measure_without_a_link().await;
    let a = street.alone(None);
    wait_until("all frames on the carrier's shelf", WITHIN, async || {
        street.is_all_carried(&frames)
    })
    .await;
    b.kill();
    a.kill();

    let centre = street.centre();
    healthy(&street.url()).await;
    let a = street.alone(Some(street.links));
    wait_until("the frames by A's link", WITHIN, async || street.backlog().await == Some(0)).await;
    let n_repeated = street.counted("frames_repeated").await;
    let b = street.carrier();
    wait_until("an empty shelf", WITHIN, async || street.n_carried("bundles") == 0).await;
    let n_frames = frames.len() as u64;
    let n_again = street.counted("frames_repeated").await - n_repeated;
    assert_eq!(n_again, n_frames, "all came twice");
    assert_eq!(street.counted("frames_stored").await, n_frames, "and are stored once");
    for process in [a, b, centre] {
        process.kill();
    }
    street.check(&frames);
}

struct Street {
    folder: tempfile::TempDir,
    http: u16,
    links: u16,
    relay: u16,
    page: u16,
}

#[derive(Deserialize)]
struct CrewView {
    link: LinkView,
}

#[derive(Deserialize)]
struct LinkView {
    backlog_frames: u64,
}

impl Street {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path(), &["A1", "B1"]);
        let [http, links, relay, page] = [(); 4].map(|()| free_port());
        Self { folder, http, links, relay, page }
    }

    fn centre(&self) -> Process {
        serve(self.path(), self.http, self.links)
    }

    /// B: nothing is measured in it.
    fn carrier(&self) -> Process {
        let listen = format!("127.0.0.1:{}", self.relay);
        self.gateway("B1", self.links, &["--relay-listen", &listen, "--phd", "127.0.0.1:0"])
    }

    /// A, which measures nothing more; its link goes to `links`, or to where nobody is.
    fn alone(&self, links: Option<u16>) -> Process {
        let relay = format!("127.0.0.1:{}", self.relay);
        let listen = format!("127.0.0.1:{}", self.page);
        let args = [
            "--relay-to",
            &relay,
            "--relay-after",
            "1",
            "--phd",
            "127.0.0.1:0",
            "--listen",
            &listen,
        ];
        self.gateway("A1", links.unwrap_or_else(nobody), &args)
    }

    /// A measures for some seconds while nobody hears it; gives what is in its outbox then.
    async fn measure_without_a_link(&self) -> Vec<Frame> {
        let recording = write_recording(self.path());
        let recording = recording.to_str().unwrap();
        let relay = format!("127.0.0.1:{}", self.relay);
        let args = [
            "--relay-to",
            &relay,
            "--relay-after",
            "1",
            "--replay",
            recording,
            "--speed",
            "20",
            "--listen",
            "127.0.0.1:0",
        ];
        let a = self.gateway("A1", nobody(), &args);
        wait_until("a bundle on the carrier's shelf", WITHIN, async || {
            self.n_carried("bundles") > 0
        })
        .await;
        a.kill();
        self.left()
    }

    fn gateway(&self, unit: &str, links: u16, more: &[&str]) -> Process {
        let (url, links) =
            (format!("http://127.0.0.1:{}", self.http), format!("127.0.0.1:{links}"));
        let (data, certs) = (at(self.path(), unit), at(self.path(), &format!("{unit}-certs")));
        let page: &[&str] =
            if more.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let args = [
            "gateway",
            "--unit",
            unit,
            "--centre",
            &url,
            "--uplink",
            &links,
            "--certs",
            &certs,
            "--link",
            "5g-a=127.0.0.1",
            "--data",
            &data,
        ];
        let log = self.path().join(format!("{unit}.log"));
        Process::start(&log, args.iter().chain(more).chain(page))
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn url(&self) -> CentreUrl {
        CentreUrl::parse(&format!("http://127.0.0.1:{}", self.http)).unwrap()
    }

    async fn backlog(&self) -> Option<u64> {
        let page = CentreUrl::parse(&format!("http://127.0.0.1:{}", self.page)).unwrap();
        let view = CentreClient::new(page).get::<CrewView>("/api/view").await.ok()?;
        Some(view.link.backlog_frames)
    }

    async fn counted(&self, name: &str) -> u64 {
        let text = metrics(self.http).await;
        let mut lines = text.lines().filter(|line| !line.starts_with('#') && line.contains(name));
        lines.next().unwrap().rsplit_once(' ').unwrap().1.parse().unwrap()
    }

    fn n_carried(&self, what: &str) -> usize {
        let Ok(entries) = self.path().join("B1/carried").join(what).read_dir() else { return 0 };
        entries
            .flatten()
            .filter(|it| it.path().extension().is_some_and(|it| it == "bundle"))
            .count()
    }

    /// Whether each number is on the shelf, by the names of the files.
    fn is_all_carried(&self, frames: &[Frame]) -> bool {
        let Ok(entries) = self.path().join("B1/carried/bundles").read_dir() else { return false };
        let names: Vec<_> =
            entries.flatten().filter_map(|it| it.file_name().into_string().ok()).collect();
        let ends = |name: &String| {
            let mut parts = name.split('~').skip(1).map(|part| part.parse::<u64>().ok());
            Some(parts.next()??..=parts.next()??)
        };
        let ranges: Vec<_> =
            names.iter().filter(|it| it.ends_with(".bundle")).filter_map(ends).collect();
        frames.iter().all(|frame| ranges.iter().any(|range| range.contains(&frame.seq)))
    }

    fn left(&self) -> Vec<Frame> {
        let outbox = Outbox::open(&self.path().join("A1/outbox.db")).unwrap();
        let resume = outbox.resume(&unit()).unwrap();
        outbox.read(&unit(), resume.acked + 1, resume.last, 1_000_000).unwrap()
    }

    /// The centre has each frame as it was, once; A has forgotten all.
    fn check(&self, frames: &[Frame]) {
        assert!(self.left().is_empty(), "custody has ended");
        let telemetry = Telemetry::open(&self.path().join("centre/telemetry.db")).unwrap();
        let stored = telemetry.read_after(&unit(), 0, 1_000_000).unwrap();
        println!("{} frames of A1 stored", stored.len());
        assert_eq!(by_number(&stored), by_number(frames));
        assert_eq!(stored.len(), frames.len());
    }
}

fn by_number(frames: &[Frame]) -> BTreeMap<u64, &Frame> {
    frames.iter().map(|frame| (frame.seq, frame)).collect()
}

fn unit() -> UnitId {
    UnitId::new("A1").unwrap()
}

/// A port where nobody answers.
fn nobody() -> u16 {
    free_port()
}

async fn metrics(port: u16) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut socket = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    socket.write_all(b"GET /metrics HTTP/1.0\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).await.unwrap();
    text
}
