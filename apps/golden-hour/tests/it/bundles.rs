//! Frames that go to the centre as files.

use std::path::{Path, PathBuf};
use std::process::Output;

use ems_bundle::Draft;
use ems_host::{CentreClient, CentreUrl, Credentials, Notary, system_time};
use ems_model::{Frame, FrameBody, Millis, Timestamp, UnitId, WaveChunk};
use ems_store::{Outbox, Telemetry};

use crate::gateway_killed::healthy;
use crate::process::{MALTA, Process, free_port, run};

const N_FRAMES: u64 = 1500;

#[tokio::test(flavor = "multi_thread")]
async fn frames_carried_as_files_arrive_once_and_leave_the_outbox_by_the_receipt() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    certify(folder, &["A1", "B1"]);
    fill(folder);
    let (http, links) = (free_port(), free_port());
    let centre = serve(folder, http, links);
    let url = format!("http://127.0.0.1:{http}");
    healthy(&CentreUrl::parse(&url).unwrap()).await;

    assert_eq!(told(&pack(folder, "A1", "A1")), "1500 frames of unit A1 are in 2 bundles\n");
    let bundles = ["A1-1-1024", "A1-1025-1500"];
    let bundles = bundles.map(|name| at(folder, &format!("stick/{name}.bundle")));
    let shown = run(["bundle", "show", &bundles[0], "--certs", &at(folder, "centre-certs")]);
    let shown: serde_json::Value = serde_json::from_str(&told(&shown)).unwrap();
    assert_eq!(shown["signature"], "right");
    assert_eq!(shown["numbers"], serde_json::json!([[1, 1024]]));
    assert_eq!(shown["source"], "dtn://A1/frames");

    refuse_what_is_forged(folder, &url, &bundles[0]).await;
    let receipts = at(folder, "stick");
    let take = || {
        run(["bundle", "take", &bundles[0], &bundles[1], "--centre", &url, "--receipts", &receipts])
    };
    let first = told(&take());
    assert!(first.starts_with("1024 frames of unit A1 are stored: "), "{first}");
    assert_eq!(told(&take()), first, "what is known is told again");
    assert_eq!(left(folder), N_FRAMES, "a bundle takes nothing out of the outbox");

    let settle = |receipt: &str| {
        run([
            "bundle",
            "settle",
            receipt,
            "--outbox",
            &at(folder, "gateway/outbox.db"),
            "--unit",
            "A1",
            "--certs",
            &at(folder, "A1-certs"),
        ])
    };
    assert_eq!(
        told(&settle(&at(folder, "stick/A1-1.receipt"))),
        "the centre has 1024 frames of unit A1\n"
    );
    assert_eq!(left(folder), N_FRAMES - 1024);
    complaint(&settle(&bundles[1]), "is no receipt for unit A1");
    told(&settle(&at(folder, "stick/A1-1025.receipt")));
    assert_eq!(left(folder), 0);

    centre.kill();
    let telemetry = Telemetry::open(&folder.join("centre/telemetry.db")).unwrap();
    let stored = telemetry.read_after(&unit("A1"), 0, 10_000).unwrap();
    assert!(stored == frames(), "{} frames, each once and as it was", stored.len());
}

/// Whoever carries a bundle can change nothing, and nobody speaks for another unit.
async fn refuse_what_is_forged(folder: &Path, url: &str, bundle: &str) {
    let mut changed = std::fs::read(bundle).unwrap();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let notary = |name: &str| {
        Notary::of(&Credentials::read(&folder.join(format!("{name}-certs")), "unit").unwrap())
            .unwrap()
    };
    let of_a1 = || Draft::frames(&unit("A1"), &frames()[..3], system_time(), Millis::from_mins(9));
    let forged = notary("B1").seal(&of_a1().unwrap().0).unwrap();
    let then = Timestamp::from_micros(system_time().as_micros() - 3_600_000_000);
    let (old, _) = Draft::frames(&unit("A1"), &frames()[..3], then, Millis::from_mins(9)).unwrap();
    let expired = notary("A1").seal(&old).unwrap();
    let (receipt, stored) =
        (Draft::receipt(&unit("A1"), &[(1, 3)], system_time(), Millis::from_mins(9)), [0; 9]);
    let of_no_centre = notary("A1").seal(&receipt.unwrap()).unwrap();
    let client = CentreClient::new(CentreUrl::parse(url).unwrap());
    for (bundle, why) in [
        (changed, "it is no bundle of RFC 9171"),
        (forged, "it says that it is unit A1's, its signature is unit B1's"),
        (expired, "it expired at"),
        (of_no_centre, "the bundle's certificate is refused"),
        (stored.to_vec(), "it is no bundle of RFC 9171"),
    ] {
        let error = client.take_bundle(bundle).await.unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
    let stranger = pack(folder, "A1", "B1");
    complaint(&stranger, "--certs is not unit A1's");
}

fn pack(folder: &Path, of: &str, certs: &str) -> Output {
    let (outbox, out) = (at(folder, "gateway/outbox.db"), at(folder, "stick"));
    let certs = at(folder, &format!("{certs}-certs"));
    run(["bundle", "pack", "--outbox", &outbox, "--unit", of, "--certs", &certs, "--out", &out])
}

pub(crate) fn certify(folder: &Path, units: &[&str]) {
    told(&run(["certs", "authority", "--out", &at(folder, "authority")]));
    let authority = at(folder, "authority");
    let out = at(folder, "centre-certs");
    told(&run(["certs", "centre", "--authority", &authority, "--out", &out]));
    for unit in units {
        let out = at(folder, &format!("{unit}-certs"));
        told(&run(["certs", "unit", unit, "--authority", &authority, "--out", &out]));
    }
}

pub(crate) fn serve(folder: &Path, http: u16, links: u16) -> Process {
    let (listen, links) = (format!("127.0.0.1:{http}"), format!("127.0.0.1:{links}"));
    let (city, data) = (MALTA.to_str().unwrap(), at(folder, "centre"));
    let certs = at(folder, "centre-certs");
    let args = [
        "serve",
        "--city",
        city,
        "--data",
        &data,
        "--listen",
        &listen,
        "--uplink-listen",
        &links,
        "--certs",
        &certs,
    ];
    Process::start(&folder.join("serve.log"), args)
}

fn fill(folder: &Path) {
    let outbox = Outbox::open(&path(folder, "gateway/outbox.db")).unwrap();
    outbox.append(frames(), Box::new(|stored| drop(stored.unwrap())));
    outbox.settle().unwrap();
}

fn frames() -> Vec<Frame> {
    let frame = |seq: u64| {
        let microvolts = vec![i16::try_from(seq % 100).unwrap(); 90];
        let chunk = WaveChunk { lead: "II".into(), hz: 250, microvolts, beats: Vec::new() };
        let at = Timestamp::from_micros(1_790_000_000_000_000 + seq.cast_signed());
        Frame {
            unit: unit("A1"),
            seq,
            at,
            incident: None,
            clock: None,
            body: FrameBody::Wave(chunk),
        }
    };
    (1..=N_FRAMES).map(frame).collect()
}

fn left(folder: &Path) -> u64 {
    let outbox = Outbox::open(&path(folder, "gateway/outbox.db")).unwrap();
    outbox.read(&unit("A1"), 1, u64::MAX >> 1, 10_000).unwrap().len() as u64
}

fn unit(name: &str) -> UnitId {
    UnitId::new(name).unwrap()
}

fn path(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}

pub(crate) fn at(folder: &Path, name: &str) -> String {
    path(folder, name).to_str().unwrap().to_owned()
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn complaint(output: &Output, part: &str) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains(part), "{text}");
}
