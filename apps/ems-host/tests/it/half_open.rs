//! A link that goes silent without closing: both ends notice, and nothing is lost or doubled.

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use ems_host::{Patience, UplinkClient};
use ems_store::Outbox;

use crate::air::{Air, Swallow};
use crate::floor::{Floor, unit, until};
use crate::uplink::{delivered, frame};

const PING_EVERY: Duration = Duration::from_millis(50);
const SILENCE_MAX: Duration = Duration::from_millis(300);

async fn send(uplink: &UplinkClient, seqs: RangeInclusive<u64>) {
    for seq in seqs {
        uplink.frames(vec![frame("A1", seq)]).await;
    }
}

async fn go_silent_and_come_back(swallow: Swallow) {
    let (gateway_ping_every, gateway_silence_max) = (PING_EVERY, SILENCE_MAX);
    let patience = Patience { gateway_ping_every, gateway_silence_max, ..Patience::default() };
    let floor = Floor::with_patience(patience).await;
    let air = Air::to(floor.server.address()).await;
    let folder = tempfile::tempdir().unwrap();
    let outbox = Arc::new(Outbox::open(&folder.path().join("outbox.db")).unwrap());
    let (url, kept) = (air.url.clone(), Arc::clone(&outbox));
    let uplink = UplinkClient::start_with(url, kept, [unit("A1")], SILENCE_MAX).unwrap();
    send(&uplink, 1..=50).await;
    delivered(&floor, 50).await;
    until("all to be acknowledged", async || uplink.status().backlog == 0).await;

    air.swallow(swallow);
    send(&uplink, 51..=120).await;
    until("the gateway to notice", async || !uplink.status().is_connected).await;
    floor.metric_is("golden_hour_uplink_clients", 0).await;
    until("what is measured to wait", async || uplink.status().backlog == 70).await;
    if swallow == Swallow::BothWays {
        assert_eq!(floor.telemetry.last_seq(&unit("A1")).unwrap(), 50);
    }

    air.mend();
    send(&uplink, 121..=150).await;
    delivered(&floor, 150).await;
    until("all to be acknowledged", async || uplink.status().backlog == 0).await;
    let stored = floor.telemetry.read_after(&unit("A1"), 0, 5000).unwrap();
    assert_eq!(stored, (1..=150).map(|seq| frame("A1", seq)).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_swallows_packets_is_noticed_at_both_ends_and_loses_no_frame() {
    go_silent_and_come_back(Swallow::BothWays).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_swallows_only_acknowledgements_doubles_no_frame() {
    go_silent_and_come_back(Swallow::FromTheCentre).await;
}
