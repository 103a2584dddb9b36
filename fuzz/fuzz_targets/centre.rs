#![no_main]
//! Whatever people, ambulances and time do to a centre, it stands, sleeps between its alarms, and
//! its log replays to the same state. A line is a request, an uplink message, or a number of
//! milliseconds that pass.
use ems_centre::{Centre, Report};
use ems_fuzz::{CONFIG, START, TOWN};
use ems_model::{Millis, Recorded, Request, Timestamp};
use ems_uplink::UplinkUp;
use libfuzzer_sys::fuzz_target;

const LINES_MAX: usize = 40;
const WAKES_MAX: usize = 1000;

fuzz_target!(|text: &str| {
    let mut floor = Floor { centre: centre(), now: START, log: Vec::new() };
    for line in text.lines().take(LINES_MAX) {
        floor.hear(line);
    }
    if floor.log.is_empty() {
        return;
    }
    floor.look();
    let log = floor.log.iter().map(|recorded| {
        let text = serde_json::to_string(recorded).expect("an event can be written");
        serde_json::from_str(&text).expect("and read")
    });
    let again = Centre::replay(CONFIG.clone(), TOWN.clone(), log).expect("a log of ours replays");
    assert_eq!(again.ledger(), floor.centre.ledger());
});

struct Floor {
    centre: Centre,
    now: Timestamp,
    log: Vec<Recorded>,
}

fn centre() -> Centre {
    Centre::new(CONFIG.clone(), TOWN.clone())
}

impl Floor {
    fn hear(&mut self, line: &str) {
        if let Ok(ms) = line.parse::<u32>() {
            self.now = self.now + Millis::new(ms.into());
            self.wake();
        } else if let Ok(request) = serde_json::from_str::<Request>(line) {
            let accepted = self.centre.handle(self.now, &request);
            self.log.extend(accepted.into_iter().flat_map(|accepted| accepted.events));
        } else if let Ok(message) = UplinkUp::from_json(line.as_bytes()) {
            self.receive(message);
        }
    }

    fn receive(&mut self, message: UplinkUp) {
        match message {
            UplinkUp::Hello { .. } | UplinkUp::GivenUp { .. } => {}
            UplinkUp::Frames { frames } => {
                for frame in frames {
                    self.log.extend(self.centre.on_frame(self.now, &frame));
                }
            }
            UplinkUp::Position { unit, at, position } => {
                let events = self.centre.on_position(self.now, &unit, at, position);
                self.log.extend(events.into_iter().flatten());
            }
        }
    }

    fn wake(&mut self) {
        for _ in 0..WAKES_MAX {
            match self.centre.next_wake() {
                Some((at, _)) if at <= self.now => self.log.extend(self.centre.on_wake(self.now)),
                _ => return,
            }
        }
        panic!("after {WAKES_MAX} wakes it still wants to: {:?}", self.centre.next_wake());
    }

    fn look(&self) {
        for record in self.centre.ledger().incidents() {
            let _ = self.centre.recommend(self.now, record.incident.id);
            let _ = self.centre.advise_places(self.now, record.incident.id);
        }
        for record in self.centre.ledger().units() {
            let _ = self.centre.route_of(&record.unit.id);
        }
        let _ = self.centre.aid_letters(self.now);
        let _ = Report::build(&self.log, CONFIG.reference.clocks(), self.now);
    }
}
