//! Two centres behind their sockets: a request, consent and the units, over loopback.

use std::collections::BTreeMap;
use std::time::Duration;

use ems_host::{CentreUrl, Peers};
use ems_model::{
    AidId, AidOrder, AidWant, CentreName, Command, IncidentId, Millis, UnitId, UnitKind,
};
use serde_json::Value;

use crate::floor::{Floor, chest_pain, sign_on};

fn name(text: &str) -> CentreName {
    CentreName::new(text).unwrap()
}

fn peers(own: &str, other: &str, url: &str) -> Peers {
    let others = BTreeMap::from([(name(other), CentreUrl::parse(url).unwrap())]);
    Peers { name: name(own), others }
}

fn url(floor: &Floor) -> String {
    format!("http://{}", floor.server.address())
}

async fn ask(floor: &Floor) {
    let call = chest_pain(floor.clock.now());
    let priority = Some("I".to_owned());
    floor.say("call", Command::TakeCall { call, priority }).await.unwrap();
    let order = AidOrder::Ask {
        of: name("Gozo"),
        incident: IncidentId(1),
        wants: vec![AidWant { kind: UnitKind::Als, n: 1 }],
        until: floor.clock.now() + Millis::from_mins(60),
        message: "bus crash".into(),
    };
    floor.say("ask", Command::Aid { order }).await.unwrap();
}

/// The first aid of a centre, once it is as wanted.
async fn aid_when(floor: &Floor, what: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..400 {
        let aid = floor.get("/api/aid").await.1["aid"][0].clone();
        if is_wanted(&aid) {
            return aid;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what} did not come in 10 s: {}", floor.get("/api/aid").await.1);
}

#[tokio::test]
async fn units_are_asked_for_lent_and_shown_as_guests() {
    let (malta, gozo) = (Floor::open().await, Floor::open().await);
    gozo.say("on", sign_on("A7", gozo.clock.now())).await.unwrap();
    malta.server.carry_aid(peers("Malta", "Gozo", &url(&gozo)));
    gozo.server.carry_aid(peers("Gozo", "Malta", &url(&malta)));
    ask(&malta).await;
    let asked = aid_when(&gozo, "the request", |aid| !aid.is_null()).await;
    assert_eq!((&asked["side"], &asked["with"]), (&"lender".into(), &"Malta".into()));
    let order = AidOrder::Answer {
        from: name("Malta"),
        aid: AidId(1),
        round: 0,
        units: vec![UnitId::new("A7").unwrap()],
        reason: None,
    };
    gozo.say("answer", Command::Aid { order }).await.unwrap();
    let is_lent = |aid: &Value| aid["units"]["Gozo.A7"].is_i64();
    let aid = aid_when(&malta, "the answer", is_lent).await;
    assert_eq!(aid["rounds"][0]["delivery"]["state"], "done");
    let is_told = |aid: &Value| aid["rounds"][0]["delivery"]["state"] == "done";
    aid_when(&gozo, "the delivery", is_told).await;
    let units = malta.get("/api/state").await.1["units"].clone();
    assert_eq!(units[0]["id"], "Gozo.A7");
    assert_eq!(units[0]["guest"]["lender"], "Gozo");
    assert_eq!(gozo.get("/api/state").await.1["units"][0]["state"]["state"], "lent");
    malta.server.stop().await;
    gozo.server.stop().await;
}

#[tokio::test]
async fn a_neighbour_that_is_down_gets_the_message_when_it_is_back() {
    let (malta, gozo) = (Floor::open().await, Floor::open().await);
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    malta.server.carry_aid(peers("Malta", "Gozo", &nobody));
    ask(&malta).await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    let aid = malta.get("/api/aid").await.1["aid"][0].clone();
    assert_eq!(aid["rounds"][0]["delivery"]["state"], "pending", "{aid}");
    // The same letter by another way: the log holds it, not the courier.
    malta.server.carry_aid(peers("Malta", "Gozo", &url(&gozo)));
    aid_when(&gozo, "the request", |aid| !aid.is_null()).await;
    let is_told = |aid: &Value| aid["rounds"][0]["delivery"]["state"] == "done";
    aid_when(&malta, "the delivery", is_told).await;
}

#[tokio::test]
async fn a_centre_without_that_neighbour_says_so() {
    let malta = Floor::open().await;
    malta.server.carry_aid(peers("Malta", "Sicily", "http://127.0.0.1:9"));
    ask(&malta).await;
    let has_failed = |aid: &Value| aid["rounds"][0]["delivery"]["state"] == "failed";
    let aid = aid_when(&malta, "the problem", has_failed).await;
    let problem = aid["rounds"][0]["delivery"]["problem"].as_str().unwrap();
    assert!(problem.starts_with("no --peer Gozo is given"), "{problem}");
}
