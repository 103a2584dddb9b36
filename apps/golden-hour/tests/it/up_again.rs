//! `golden-hour up`, killed and started again on its own log.

use std::path::Path;
use std::time::Duration;

use ems_host::{CentreClient, CentreUrl};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::{MALTA, Process, free_port, wait_until};

/// The part of the answer that tells how far the log is.
#[derive(serde::Deserialize)]
struct Health {
    seq: u64,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_city_that_is_killed_goes_on_on_its_log_without_asking_what_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let port = free_port();
    let url = CentreUrl::parse(&format!("http://127.0.0.1:{port}")).unwrap();
    let client = CentreClient::new(url);
    let city = up(folder.path(), port);
    let first = live_until(&client, 400).await;
    city.kill();
    let city = up(folder.path(), port);
    let second = live_until(&client, first + 400).await;
    assert!(second >= first + 400);
    let answers = answers(port).await;
    city.kill();
    println!("{answers:?}");
    let count = |is_counted: &dyn Fn(&str) -> bool| -> u64 {
        answers.iter().filter(|(code, _)| is_counted(code)).map(|(_, n)| n).sum()
    };
    let n_done = count(&|code| code == "ok");
    // Two who decide at the same time happen in a fast city at any time; the rest is a repeat of
    // what an earlier run did.
    let n_late = count(&|code| code == "conflict");
    let n_wrong = count(&|code| !["ok", "repeated", "conflict"].contains(&code));
    assert!(n_done > 100, "{answers:?}");
    assert!(n_wrong * 50 <= n_done && n_late * 10 <= n_done, "{answers:?}");
    let said = std::fs::read_to_string(folder.path().join("up.log")).unwrap();
    let addresses: Vec<_> = said.lines().filter(|line| line.contains("http://")).collect();
    let expected = format!("Golden Hour: Malta at http://127.0.0.1:{port} (Ctrl-C stops it)");
    assert_eq!(addresses, [&expected, &expected], "each start says where it is, once");
}

fn up(folder: &Path, port: u16) -> Process {
    let (listen, data) = (format!("127.0.0.1:{port}"), folder.join("centre"));
    let (city, data) = (MALTA.to_str().unwrap(), data.to_str().unwrap());
    let args = [
        "up", "--city", city, "--data", data, "--listen", &listen, "--units", "20", "--rate",
        "200", "--speed", "60", "--seed", "5",
    ];
    Process::start(&folder.join("up.log"), args)
}

/// Waits until the log has so many events; gives how many it has.
async fn live_until(client: &CentreClient, n_events: u64) -> u64 {
    let mut seq = 0;
    let has_them = async || {
        seq = client.get::<Health>("/healthz").await.map_or(0, |health| health.seq);
        seq >= n_events
    };
    wait_until(&format!("{n_events} events"), Duration::from_secs(90), has_them).await;
    seq
}

/// Commands by the code of their answer.
async fn answers(port: u16) -> Vec<(String, u64)> {
    let address = format!("127.0.0.1:{port}");
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let ask = format!("GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let counts = text.lines().filter_map(|line| {
        let rest = line.strip_prefix("golden_hour_commands_total{code=\"")?;
        let (code, n) = rest.split_once("\"} ")?;
        Some((code.to_owned(), n.parse().unwrap()))
    });
    counts.collect()
}
