//! kill -9 of gateway and centre at any moment, over two links with certificates.

use std::path::Path;

use ems_host::CentreUrl;

use crate::gateway_killed::{healthy, write_recording};
use crate::kept::Kept;
use crate::process::{Chance, KILLING, MALTA, Process, free_port, run};

const N_ROUNDS: u32 = 14;
const SEED: u64 = 26;

#[tokio::test(flavor = "multi_thread")]
async fn kills_of_either_end_of_the_links_lose_no_frame() {
    let _alone = KILLING.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    certify(folder);
    let ports = Ports { http: free_port(), links: free_port(), page: free_port() };
    let centre = CentreUrl::parse(&format!("http://127.0.0.1:{}", ports.http)).unwrap();
    let recording = write_recording(folder);
    let mut chance = Chance(SEED);
    let mut kept = Kept::default();
    let mut server = Some(ports.serve(folder));
    healthy(&centre).await;
    for round in 0..N_ROUNDS {
        let gateway = ports.gateway(folder, &recording);
        tokio::time::sleep(chance.millis(300..1500)).await;
        if round % 2 == 1 {
            server.take().expect("it ran").kill();
            tokio::time::sleep(chance.millis(0..800)).await;
            server = Some(ports.serve(folder));
            tokio::time::sleep(chance.millis(0..800)).await;
        }
        gateway.kill();
        kept.remember(folder);
    }
    let last_gateway = ports.gateway(folder, &recording);
    kept.are_delivered(&centre).await;
    last_gateway.kill();
    server.take().expect("it ran").kill();
    kept.check(folder);
}

struct Ports {
    http: u16,
    links: u16,
    page: u16,
}

impl Ports {
    fn serve(&self, folder: &Path) -> Process {
        let (listen, links) =
            (format!("127.0.0.1:{}", self.http), format!("127.0.0.1:{}", self.links));
        let (data, certs) = (folder.join("centre"), folder.join("centre-certs"));
        let (city, data) = (MALTA.to_str().unwrap(), data.to_str().unwrap());
        let certs = certs.to_str().unwrap();
        let args = [
            "serve",
            "--city",
            city,
            "--data",
            data,
            "--listen",
            &listen,
            "--uplink-listen",
            &links,
            "--certs",
            certs,
        ];
        Process::start(&folder.join("serve.log"), args)
    }

    fn gateway(&self, folder: &Path, recording: &Path) -> Process {
        let (url, links) =
            (format!("http://127.0.0.1:{}", self.http), format!("127.0.0.1:{}", self.links));
        let (data, certs) = (folder.join("gateway"), folder.join("unit-certs"));
        let (data, certs) = (data.to_str().unwrap(), certs.to_str().unwrap());
        let (recording, page) = (recording.to_str().unwrap(), format!("127.0.0.1:{}", self.page));
        let args = [
            "gateway",
            "--unit",
            "G1",
            "--centre",
            &url,
            "--uplink",
            &links,
            "--certs",
            certs,
            "--link",
            "5g-a=127.0.0.1",
            "--link",
            "5g-b=127.0.0.2",
            "--replay",
            recording,
            "--loop",
            "--speed",
            "20",
            "--data",
            data,
            "--listen",
            &page,
        ];
        Process::start(&folder.join("gateway.log"), args)
    }
}

fn certify(folder: &Path) {
    let at = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    for args in [
        vec!["certs", "authority", "--out", &at("authority")],
        vec!["certs", "centre", "--authority", &at("authority"), "--out", &at("centre-certs")],
        vec!["certs", "unit", "G1", "--authority", &at("authority"), "--out", &at("unit-certs")],
    ] {
        let output = run(args);
        assert!(output.status.success(), "{output:?}");
    }
}
