//! A monitor that sends HL7 to a gateway.

use std::time::Duration;

use ems_host::{CentreClient, CentreUrl, listen};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::devices::gateway;

const HEADER: &str = "MSH|^~\\&|MONITOR|WARD|||20260912120000+0000||";

fn framed(lines: &[&str]) -> Vec<u8> {
    let text = lines.join("\r") + "\r";
    ems_device::frame_mllp(&text)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_monitor_sends_is_answered_and_reaches_the_crew_s_page() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = gateway(folder.path());
    let (page, mllp) = (listen("127.0.0.1:0").await.unwrap(), listen("127.0.0.1:0").await.unwrap());
    let (page_at, mllp_at) = (page.local_addr().unwrap(), mllp.local_addr().unwrap());
    host.serve_page(page);
    host.listen_mllp(mllp);

    let mut monitor = TcpStream::connect(mllp_at).await.unwrap();
    let observations = [
        &format!("{HEADER}ORU^R01|7|P|2.6|||AL|NE"),
        "OBR|1",
        "OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.3.1.1|91|262688^MDC_DIM_PERCENT^MDC|||||R",
        "OBX|2|NM|147842^MDC_ECG_HEART_RATE^MDC|1.1.1.1|412|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R",
    ];
    let alarm = [
        &format!("{HEADER}ORU^R40|8|P|2.6"),
        "OBR|1",
        "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.1|196680^MDC_EVT_LEAD_OFF^MDC|||PL~ST|||R",
        "OBX|2|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.7.0.3|start",
    ];
    let admission = [format!("{HEADER}ADT^A01|9|P|2.6")];
    let stream = [
        framed(&observations),
        b"noise".to_vec(),
        framed(&alarm),
        framed(&admission.each_ref().map(String::as_str)),
    ];
    monitor.write_all(&stream.concat()).await.unwrap();
    for answer in ["MSA|CA|7\r", "MSA|AA|8\r", "MSA|AE|9\r"] {
        let found = read_answer(&mut monitor).await;
        assert!(found.contains(answer), "{found}");
    }

    let crew = CentreClient::new(CentreUrl::parse(&format!("http://{page_at}")).unwrap());
    let view: Value = crew.get("/api/view").await.unwrap();
    assert_eq!(
        (&view["vitals"]["spo2"], &view["vitals"]["heart_rate"]),
        (&91.0.into(), &Value::Null)
    );
    let complaints: Vec<_> =
        view["complaints"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for told in [
        "heart rate 412 beats/min is outside 0..=300",
        "MLLP frame is preceded by 5 other bytes",
        "the monitor alarms: MDC_EVT_LEAD_OFF (PL, start, )",
        "message type is \"ADT^A01\"",
    ] {
        assert!(complaints.iter().any(|it| it.starts_with(told)), "{told}: {complaints:?}");
    }
}

async fn read_answer(monitor: &mut TcpStream) -> String {
    let mut bytes = vec![];
    while !bytes.ends_with(&[0x1c, 0x0d]) {
        let byte = tokio::time::timeout(Duration::from_secs(30), monitor.read_u8()).await;
        bytes.push(byte.unwrap().unwrap());
    }
    String::from_utf8(bytes).unwrap()
}
