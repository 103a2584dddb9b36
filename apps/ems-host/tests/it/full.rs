//! A full disk: told with a remedy, nothing half done, and over as soon as there is room.

use std::time::Duration;

use crate::floor::{Floor, assign, refusal, sign_on};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_commands_loses_nothing_and_takes_them_again() {
    let floor = Floor::open().await;
    let incident = floor.incident().await;
    floor.log.limit_pages(8);
    let mut n_done = 0;
    let refused = loop {
        let name = format!("U{n_done}");
        match floor.say(&name, sign_on(&name, floor.clock.now())).await {
            Ok(_) => n_done += 1,
            error => break refusal(error),
        }
    };
    assert_eq!((refused.0, refused.1.as_str()), (507, "not_durable"));
    assert!(refused.2.contains("events.db could not grow by"), "{}", refused.2);
    assert!(refused.2.ends_with("nothing has happened"), "{}", refused.2);
    let refused = format!("U{n_done}");

    // What was acknowledged is there, what was refused is not, and the screens still work.
    let state = loop {
        let (status, state) = floor.get("/api/state").await;
        if status.is_success() {
            break state;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let units = state["units"].as_array().unwrap();
    assert_eq!(units.len(), 3 + n_done);
    assert!(units.iter().all(|it| it["id"] != refused.as_str()));
    assert_eq!(floor.get("/healthz").await.1["status"], "not_durable");
    let again = refusal(floor.say("send", assign(incident, "A1", None)).await);
    assert_eq!((again.0, again.1.as_str()), (507, "not_durable"));

    floor.log.limit_pages(100_000);
    for attempt in 0.. {
        match floor.say("send", assign(incident, "A1", None)).await {
            Ok(ack) => {
                assert!(!ack.is_repeated);
                break;
            }
            Err(error) => assert!(attempt < 100, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    floor.say(&refused, sign_on(&refused, floor.clock.now())).await.unwrap();
    let floor = floor.restart().await;
    let state = floor.get("/api/state").await.1;
    assert_eq!(state["units"].as_array().unwrap().len(), 4 + n_done);
}
