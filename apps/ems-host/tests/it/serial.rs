//! Devices on a serial line, which is a pseudo-terminal here: it is opened by its path, made raw
//! and spoken over as a real one, but for its speed.

use std::fs::File;
use std::io::{Read, Write};
use std::time::Duration;

use ems_host::{CentreClient, CentreUrl, listen};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};
use serde_json::Value;

use crate::devices::{bytes_of, gateway};

/// The device's end of a line, and the path of the gateway's.
fn line() -> (File, String) {
    let device = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&device).unwrap();
    unlockpt(&device).unwrap();
    let path = ptsname(&device, vec![]).unwrap().into_string().unwrap();
    (File::from(device), path)
}

/// Waits until the gateway has opened the line: before, what is sent would come back as an echo.
async fn opened(device: &File) {
    let is_raw = || !tcgetattr(device).unwrap().local_modes.contains(LocalModes::ICANON);
    let open = async {
        while !is_raw() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), open).await.expect("an open line");
}

/// Sends a message and reads on until the answer `is_whole`, off the runtime's threads.
async fn ask(device: &File, message: Vec<u8>, is_whole: fn(&[u8]) -> bool) -> Vec<u8> {
    opened(device).await;
    let mut device = device.try_clone().unwrap();
    let asking = tokio::task::spawn_blocking(move || {
        device.write_all(&message).unwrap();
        let mut answer = vec![];
        while !is_whole(&answer) {
            let mut byte = [0];
            device.read_exact(&mut byte).unwrap();
            answer.push(byte[0]);
        }
        answer
    });
    tokio::time::timeout(Duration::from_secs(30), asking).await.expect("an answer").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_on_serial_lines_are_answered_and_heard_and_a_missing_line_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = gateway(folder.path());
    let page = listen("127.0.0.1:0").await.unwrap();
    let page_at = page.local_addr().unwrap();
    host.serve_page(page);
    let (oximeter, oximeter_at) = line();
    let (monitor, monitor_at) = line();
    for text in [
        format!("{oximeter_at},115200,phd"),
        format!("{monitor_at},9600,hl7"),
        "/dev/no-such-line,9600,hl7".into(),
    ] {
        host.listen_serial(text.parse().unwrap());
    }

    // 0x03, 0x0a, 0x0d and 0x11 come through as they are on a raw line alone.
    let asks = "e2000032800000000001002a5079002680000000a000800000000000000000800000\
                0008112233445566778801900001010000000000";
    let found = ask(&oximeter, bytes_of(asks), |it| it.len() == 48).await;
    assert_eq!(found[..6], bytes_of("e300002c0000"));
    let reports = "e7000026002403110101001e0000ffffffff0d1d0014f0000000000200\
                   0c00010002005b000a00020048";
    let found = ask(&oximeter, bytes_of(reports), |it| it.len() == 22).await;
    assert_eq!(found[..10], bytes_of("e7000012001003110201"), "{found:02x?}");

    let observation = "MSH|^~\\&|MONITOR|WARD|||20260912120000+0000||ORU^R01|7|P|2.6|||AL|NE\r\
        OBR|1\rOBX|1|NM|151562^MDC_RESP_RATE^MDC|1.3.1.1|17|264928^MDC_DIM_RESP_PER_MIN^MDC|||||R\r";
    let whole = |it: &[u8]| it.ends_with(&[0x1c, 0x0d]);
    let answer = ask(&monitor, ems_device::frame_mllp(observation), whole).await;
    assert!(String::from_utf8_lossy(&answer).contains("MSA|CA|7\r"), "{answer:02x?}");

    let crew = CentreClient::new(CentreUrl::parse(&format!("http://{page_at}")).unwrap());
    let view: Value = crew.get("/api/view").await.unwrap();
    let vitals = &view["vitals"];
    assert_eq!((&vitals["spo2"], &vitals["heart_rate"]), (&91.0.into(), &72.0.into()), "{view}");
    assert_eq!(vitals["respiratory_rate"], 17.0);
    let told = view["complaints"].as_array().unwrap().iter().filter_map(Value::as_str);
    let told: Vec<_> = told.filter(|it| it.contains("/dev/no-such-line")).collect();
    assert_eq!(told.len(), 1, "{view}");
    assert!(told[0].ends_with("plug the device in, or correct --serial"), "{told:?}");
}
