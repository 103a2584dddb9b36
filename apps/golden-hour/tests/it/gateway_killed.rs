//! kill -9 of a gateway and cuts of its link: every frame arrives once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ems_host::{CentreClient, CentreUrl};

use crate::kept::Kept;
use crate::process::{Chance, KILLING, MALTA, Process, free_port, wait_until};
use crate::proxy::Link;

const N_ROUNDS: u32 = 12;
const SEED: u64 = 9;

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_a_gateway_and_its_link_lose_and_double_no_frame() {
    let _alone = KILLING.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let (port, page) = (free_port(), free_port());
    let centre = CentreUrl::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let server = serve(folder.path(), port);
    healthy(&centre).await;
    let link = Link::to(port).await;
    let recording = write_recording(folder.path());
    let mut chance = Chance(SEED);
    let mut kept = Kept::default();

    for round in 0..N_ROUNDS {
        let gateway = gateway(folder.path(), &recording, link.port, page);
        tokio::time::sleep(chance.millis(300..1200)).await;
        if round % 3 == 1 {
            link.cut();
            tokio::time::sleep(chance.millis(200..900)).await;
        }
        if round % 2 == 0 {
            link.mend();
            tokio::time::sleep(chance.millis(50..400)).await;
        }
        gateway.kill();
        kept.remember(folder.path());
    }
    link.mend();
    let last_gateway = gateway(folder.path(), &recording, link.port, page);
    kept.are_delivered(&centre).await;
    last_gateway.kill();
    server.kill();
    kept.check(folder.path());
}

fn serve(folder: &Path, port: u16) -> Process {
    let (listen, data) = (format!("127.0.0.1:{port}"), folder.join("centre"));
    let (city, data) = (MALTA.to_str().unwrap(), data.to_str().unwrap());
    let args = ["serve", "--city", city, "--data", data, "--listen", &listen];
    Process::start(&folder.join("serve.log"), args)
}

fn gateway(folder: &Path, recording: &Path, link: u16, page: u16) -> Process {
    let (url, listen) = (format!("http://127.0.0.1:{link}"), format!("127.0.0.1:{page}"));
    let data = folder.join("gateway");
    let (recording, data) = (recording.to_str().unwrap(), data.to_str().unwrap());
    let args = [
        "gateway", "--unit", "G1", "--centre", &url, "--replay", recording, "--loop", "--speed",
        "20", "--data", data, "--listen", &listen,
    ];
    Process::start(&folder.join("gateway.log"), args)
}

pub(crate) async fn healthy(url: &CentreUrl) {
    let client = CentreClient::new(url.clone());
    let is_healthy = async || client.get::<serde::de::IgnoredAny>("/healthz").await.is_ok();
    wait_until("a healthy centre", Duration::from_secs(20), is_healthy).await;
}

/// A WFDB recording of a minute with a beat a second: format 16, 250 Hz, 200 ADC units a mV.
pub(crate) fn write_recording(folder: &Path) -> PathBuf {
    let sample = |idx: usize| -> i16 {
        match idx % 250 {
            100 | 104 => 60,
            101 | 103 => 160,
            102 => 240,
            // A little ripple: a lead that is quite flat is off.
            n => i16::try_from(n % 7).unwrap() - 3,
        }
    };
    let samples: Vec<i16> = (0..15_000).map(sample).collect();
    let checksum = samples.iter().fold(0_i16, |sum, sample| sum.wrapping_add(*sample));
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let header =
        format!("beats 1 250 15000\nbeats.dat 16 200/mV 16 0 {} {checksum} 0 II\n", samples[0]);
    std::fs::write(folder.join("beats.dat"), bytes).unwrap();
    let path = folder.join("beats.hea");
    std::fs::write(&path, header).unwrap();
    path
}
