//! Live traffic over the API: once, durable, and there again.

use ems_host::CallError;
use ems_model::{Millis, UnitStep};

use crate::floor::{Floor, MALTA, assign, chest_pain, step};

/// A file that slows edges 3 and 5 and closes 9 for some hours.
fn file(floor: &Floor, hours: i64) -> String {
    let until = (floor.clock.now() + Millis::from_mins(60 * hours)).to_rfc3339();
    let rows = [(3, "5"), (5, "5"), (9, "closed")];
    let rows = rows.map(|(edge, speed)| format!("{edge},both,{speed},{until}\n"));
    format!("edge,direction,speed_kmh,until\n{}", rows.concat())
}

async fn apply(floor: &Floor, key: &str, csv: &str) -> Result<ems_host::TrafficAck, CallError> {
    floor.client.apply_traffic(key, "feed:city & co", csv.into()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn applied_traffic_is_shown_once_and_there_after_a_restart() {
    let floor = Floor::open().await;
    let csv = file(&floor, 2);
    let ack = apply(&floor, "k1", &csv).await.unwrap();
    assert_eq!((ack.n_rows, ack.n_over, ack.is_repeated), (3, 0, false));
    assert!(ack.n_arcs == ack.n_stated && ack.n_closed >= 1, "{ack:?}");
    let again = apply(&floor, "k1", &csv).await.unwrap();
    assert!(again.is_repeated && again.at == ack.at);
    let other = apply(&floor, "k1", &file(&floor, 3)).await.unwrap_err().to_string();
    assert!(other.contains("key \"k1\" was used for another file of traffic"), "{other}");
    let shown = floor.get("/api/traffic").await.1;
    let floor = floor.restart().await;
    let after = floor.get("/api/traffic").await.1;
    assert_eq!(after["stretches"], shown["stretches"]);
    assert_eq!(after["n_arcs"], ack.n_arcs);
    let first = &after["stretches"][0];
    assert!(first["kmh"].is_null() && first["points"].as_array().unwrap().len() >= 2, "{first}");
    assert_eq!(floor.get("/api/state").await.1["traffic"]["n_closed"], ack.n_closed);
    assert!(apply(&floor, "k1", &csv).await.unwrap().is_repeated, "the key outlives a restart");
    floor.metric_is("golden_hour_traffic_arcs", ack.n_arcs as u64).await;
    floor.metric_is("golden_hour_traffic_closed_arcs", ack.n_closed as u64).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_a_wrong_row_changes_nothing() {
    let floor = Floor::open().await;
    let csv = file(&floor, 2);
    for (wrong, status, part) in [
        (csv.replace(",5,", ",-5,"), 422, "line 2: speed -5 km/h is outside 1..=200"),
        (csv.replace("9,both", "99999999,both"), 422, "line 4: edge 99999999 is not there"),
        (csv.replace("both", "sideways"), 400, "line 2: direction \"sideways\" is not forward"),
        (String::new(), 400, "line 1: columns are \"\", and \"edge\" is missing"),
    ] {
        let error = apply(&floor, "k1", &wrong).await.unwrap_err();
        let CallError::Refused { status: found, message, .. } = error else { panic!("{error}") };
        assert_eq!(found, status, "{message}");
        assert!(message.starts_with(part), "{message}");
    }
    assert_eq!(floor.get("/api/traffic").await.1["n_arcs"], 0);
    let error = apply(&floor, "", &csv).await.unwrap_err().to_string();
    assert!(error.contains("key of 0 bytes is outside 1..=64: give another"), "{error}");
}

/// A file that closes, both ways, every road between 150 and 800 m from the call.
fn ring(floor: &Floor) -> String {
    let until = (floor.clock.now() + Millis::from_mins(60)).to_rfc3339();
    let call = chest_pain(floor.clock.now()).position;
    let near = MALTA.roads.candidates(call, 800.0).unwrap();
    let outer = near.iter().filter(|it| it.snap.off_road_metres() > 150.0);
    let rows = outer.map(|it| format!("{},both,closed,{until}\n", it.snap.edge()));
    format!("edge,direction,speed_kmh,until\n{}", rows.collect::<String>())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_closures_part_from_its_call_is_told_how_near_it_can_come() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    floor.say("assign", assign(incident, "A1", None)).await.unwrap();
    let enroute = step(incident, "A1", UnitStep::GoEnRoute, floor.clock.now());
    floor.say("go", enroute).await.unwrap();
    assert!(floor.get("/api/units/A1/route").await.1["metres"].is_f64());
    apply(&floor, "k1", &ring(&floor)).await.unwrap();
    let (status, body) = floor.get("/api/units/A1/route").await;
    let error = &body["error"];
    assert_eq!((status.as_u16(), error["code"].as_str()), (409, Some("unreachable")), "{body}");
    for near in [&error["drive_to"], &error["drive_from"]] {
        assert!(near["metres"].as_f64().unwrap() > 1.0, "{body}");
        assert!(near["position"]["lat"].is_f64(), "{body}");
    }
    assert!(error["from"]["lat"].is_f64() && error["to"]["lon"].is_f64(), "{body}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("it can be driven to "), "{message}");
}
