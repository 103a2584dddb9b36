//! Two centres lend each other units: with consent, for a time, told once however often it is sent.

use ems_centre::{AidLetter, Centre};
use ems_model::{
    AidId, AidOrder, AidReply, AidSide, AidWant, CentreName, Command, Delivery, IncidentId, Millis,
    Recorded, Request, UnitId, UnitKind, UnitState, UnitStep as S,
};

use crate::city::{Floor, START, assign, config, malta, unit};

fn name(text: &str) -> CentreName {
    CentreName::new(text).unwrap()
}

fn aid(order: AidOrder) -> Command {
    Command::Aid { order }
}

fn hour(n: i64) -> ems_model::Timestamp {
    START + Millis::from_mins(60 * n)
}

/// Malta asks Gozo for two ALS units for an hour.
fn asked() -> (Floor, Floor, IncidentId) {
    let (mut malta, gozo) = (Floor::open(), Floor::open());
    let incident = malta.incident();
    malta.done(aid(AidOrder::Ask {
        of: name("Gozo"),
        incident,
        wants: vec![AidWant { kind: UnitKind::Als, n: 2 }],
        until: hour(1),
        message: "bus crash".into(),
    }));
    (malta, gozo, incident)
}

/// Carries what waits between them, as hosts do: each message twice.
fn carry(from: &mut Floor, own: &str, to: &mut Floor) -> usize {
    let letters = from.centre.aid_letters(from.now);
    for letter in &letters {
        for _ in 0..2 {
            deliver(letter, own, to);
        }
        from.done(aid(letter.note(None)));
    }
    letters.len()
}

fn deliver(letter: &AidLetter, own: &str, to: &mut Floor) {
    let key = format!("aid:{own}:{}:{}", letter.aid, letter.round);
    let command = aid(letter.order(name(own)));
    let request = Request { key, actor: format!("centre:{own}"), command };
    let events = to.centre.handle(to.now, &request).unwrap().events;
    to.log.extend(events);
}

fn answer(units: &[&str]) -> AidOrder {
    AidOrder::Answer {
        from: name("Malta"),
        aid: AidId(1),
        round: 0,
        units: units.iter().map(|it| unit(it)).collect(),
        reason: units.is_empty().then(|| "none free".to_owned()),
    }
}

fn lent() -> (Floor, Floor, IncidentId) {
    let (mut malta, mut gozo, incident) = asked();
    assert_eq!(carry(&mut malta, "Malta", &mut gozo), 1);
    gozo.done(aid(answer(&["A1"])));
    assert_eq!(carry(&mut gozo, "Gozo", &mut malta), 1);
    (malta, gozo, incident)
}

fn state(floor: &Floor, id: &str) -> UnitState {
    floor.centre.ledger().unit(&unit(id)).unwrap().unit.state
}

fn replays(floor: &Floor) {
    let log: Vec<Recorded> = floor.log.clone();
    let replayed = Centre::replay(config(), malta(), log).unwrap();
    assert_eq!(replayed.ledger(), floor.centre.ledger());
    assert_eq!(replayed.next_wake(), floor.centre.next_wake());
}

#[test]
fn a_unit_is_lent_by_consent_sent_and_back_at_the_end() {
    let (mut malta, mut gozo, incident) = lent();
    assert_eq!(state(&gozo, "A1"), UnitState::Lent { until: hour(1) });
    let own = gozo.incident();
    let candidates = gozo.centre.recommend(gozo.now, own).unwrap().units;
    let of = candidates.iter().find(|it| it.unit == unit("A1")).unwrap();
    assert!(!of.is_eligible, "{of:?}");
    let guest = malta.centre.ledger().unit(&unit("Gozo.A1")).unwrap().guest.as_ref().unwrap();
    assert_eq!(guest.lender, name("Gozo"));
    assert!(guest.eta.is_some_and(|eta| eta > Millis::ZERO), "{guest:?}");
    malta.done(assign(incident, "Gozo.A1", Some("neighbours first")));
    malta.steps(incident, "Gozo.A1", &[S::GoEnRoute, S::ArriveOnScene]);
    for floor in [&mut malta, &mut gozo] {
        assert!(floor.centre.next_wake().is_some());
        floor.wait(Millis::from_mins(60));
    }
    assert!(matches!(state(&gozo, "A1"), UnitState::Available { .. }));
    assert!(matches!(state(&malta, "Gozo.A1"), UnitState::Engaged { .. }), "it finishes its call");
    malta.steps(incident, "Gozo.A1", &[S::ReturnToService]);
    assert_eq!(state(&malta, "Gozo.A1"), UnitState::OffDuty, "and goes home");
    assert!(malta.centre.ledger().aid().chain(gozo.centre.ledger().aid()).all(|it| it.is_over));
    replays(&malta);
    replays(&gozo);
}

#[test]
fn nothing_is_lent_that_nobody_consented_to() {
    let (mut malta, mut gozo, _) = asked();
    carry(&mut malta, "Malta", &mut gozo);
    assert!(gozo.centre.aid_letters(gozo.now).is_empty(), "there is no answer yet");
    let mut unasked = answer(&["A1"]);
    if let AidOrder::Answer { aid, .. } = &mut unasked {
        *aid = AidId(9);
    }
    assert_eq!(gozo.say(aid(unasked)).unwrap_err().code(), "unknown");
    assert!(gozo.say(aid(answer(&["A1", "A1"]))).is_ok(), "named twice is lent once");
    assert!(gozo.say(aid(answer(&["A2"]))).is_err(), "answered once");
    assert!(matches!(state(&gozo, "A2"), UnitState::Available { .. }), "nothing of it happened");
    let forged = AidOrder::TakeReply {
        from: name("Sicily"),
        aid: AidId(1),
        round: 0,
        reply: AidReply::Consent { units: Vec::new() },
    };
    assert_eq!(malta.say(aid(forged)).unwrap_err().code(), "unknown");
    replays(&gozo);
}

#[test]
fn a_refusal_needs_a_reason_and_lapses() {
    let (mut malta, mut gozo, _) = asked();
    carry(&mut malta, "Malta", &mut gozo);
    let silent = AidOrder::Answer {
        from: name("Malta"),
        aid: AidId(1),
        round: 0,
        units: Vec::new(),
        reason: None,
    };
    assert_eq!(gozo.say(aid(silent)).unwrap_err().code(), "malformed");
    gozo.done(aid(answer(&[])));
    carry(&mut gozo, "Gozo", &mut malta);
    assert_eq!(malta.centre.ledger().units().filter(|it| it.guest.is_some()).count(), 0);
    malta.wait(Millis::from_mins(61));
    assert!(malta.centre.ledger().aid().all(|it| it.is_over));
    replays(&malta);
}

#[test]
fn more_time_needs_new_consent() {
    let longer = || AidOrder::AskLonger { aid: AidId(1), until: hour(3), message: "more".into() };
    let (mut malta, mut gozo, _) = lent();
    malta.done(aid(longer()));
    carry(&mut malta, "Malta", &mut gozo);
    for floor in [&mut malta, &mut gozo] {
        floor.wait(Millis::from_mins(61));
    }
    assert!(matches!(state(&gozo, "A1"), UnitState::Available { .. }), "nobody has consented");
    let (mut malta, mut gozo, _) = lent();
    malta.done(aid(longer()));
    carry(&mut malta, "Malta", &mut gozo);
    let answer = |unit: UnitId| AidOrder::Answer {
        from: name("Malta"),
        aid: AidId(1),
        round: 1,
        units: vec![unit],
        reason: None,
    };
    assert!(gozo.say(aid(answer(unit("A2")))).is_err(), "another unit is no longer loan");
    gozo.done(aid(answer(unit("A1"))));
    carry(&mut gozo, "Gozo", &mut malta);
    for floor in [&mut malta, &mut gozo] {
        floor.wait(Millis::from_mins(61));
    }
    assert_eq!(state(&gozo, "A1"), UnitState::Lent { until: hour(3) });
    assert!(matches!(state(&malta, "Gozo.A1"), UnitState::Available { .. }));
    for floor in [&mut malta, &mut gozo] {
        floor.wait(Millis::from_mins(120));
    }
    assert_eq!(state(&malta, "Gozo.A1"), UnitState::OffDuty);
    replays(&malta);
    replays(&gozo);
}

#[test]
fn a_message_that_never_arrives_is_seen() {
    let (mut malta, _, _) = asked();
    let letter = malta.centre.aid_letters(malta.now).remove(0);
    malta.done(aid(letter.note(Some("no peer of that name".into()))));
    let aid = malta.centre.ledger().aid().next().unwrap();
    let problem = "no peer of that name".to_owned();
    assert_eq!((aid.side, &aid.latest().delivery), (AidSide::Asker, &Delivery::Failed { problem }));
    assert!(malta.centre.aid_letters(malta.now).is_empty());
}
