//! The stream: every event once and in order, whatever happens to the connection or the centre.

use crate::floor::{Floor, assign, sign_on};

#[tokio::test(flavor = "multi_thread")]
async fn a_console_that_resumes_hears_each_event_once_across_a_restart() {
    let floor = Floor::open().await;
    let mut screen = floor.socket("/api/stream?after=0").await;
    assert_eq!(screen.next().await.unwrap()["type"], "hello");
    let incident = floor.incident().await;
    let mut heard = screen.seqs(3).await;
    let floor = floor.restart().await;
    assert!(floor.log_len() >= 5);
    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    let after = heard.last().unwrap();
    let mut screen = floor.socket(&format!("/api/stream?after={after}")).await;
    let total = floor.log_len();
    heard.extend(screen.seqs(total - heard.len()).await);
    floor.say("on-A4", sign_on("A4", floor.clock.now())).await.unwrap();
    heard.extend(screen.seqs(1).await);
    assert_eq!(heard, (1..=total as u64 + 1).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn screens_that_join_while_commands_pour_in_hear_all_of_them() {
    let floor = Floor::open().await;
    let say = async {
        for n in 0..200 {
            let key = format!("on-{n}");
            floor.say(&key, sign_on(&format!("U{n}"), floor.clock.now())).await.unwrap();
        }
    };
    let join = async {
        let mut screens = Vec::new();
        for _ in 0..8 {
            screens.push(floor.socket("/api/stream?after=0").await);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        screens
    };
    let ((), screens) = tokio::join!(say, join);
    for mut screen in screens {
        assert_eq!(screen.seqs(200).await, (1..=200).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_carries_the_views_after_it_and_time_goes_on() {
    let floor = Floor::open().await;
    let mut screen = floor.socket("/api/stream").await;
    let incident = floor.incident().await;
    floor.say("send", assign(incident, "A1", None)).await.unwrap();
    let assigned = loop {
        let event = screen.next_of("event").await;
        if event["recorded"]["event"]["type"] == "unit_assigned" {
            break event;
        }
    };
    assert_eq!(assigned["incident"]["state"], "assigned");
    assert_eq!(assigned["unit"]["state"]["state"], "engaged");
    let tick = screen.next_of("tick").await;
    assert!(tick["seq"].as_u64().unwrap() >= assigned["recorded"]["seq"].as_u64().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_that_is_not_understood_ends_the_stream_with_the_reason() {
    let floor = Floor::open().await;
    let mut screen = floor.socket("/api/stream").await;
    screen.send("{\"look\": 1}").await;
    let close = screen.next_of("close").await;
    assert_eq!(close["code"], 1008);
    assert!(close["reason"].as_str().unwrap().starts_with("send {\"watch\": UNIT}"), "{close}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_that_has_seen_another_log_is_told_so() {
    let floor = Floor::open().await;
    let seq = floor.say("on-A9", sign_on("A9", floor.clock.now())).await.unwrap().seq;
    let mut screen = floor.socket(&format!("/api/stream?after={}", seq + 1)).await;
    assert_eq!(screen.next_of("hello").await["seq"], seq);
    let close = screen.next_of("close").await;
    assert_eq!(close["code"], 1008);
    let reason = format!("after={} is beyond the last event, {seq}: load /api/state anew", seq + 1);
    assert_eq!(close["reason"], reason.as_str());
}
