//! The live centre and the fleet simulator decide alike on the same log.
//!
//! A town lives through a day while its policy is switched. Its log is then read by what the fleet
//! simulator decides with: its errands, its diversions, its candidates, its rules of dispatch,
//! relocation and exchange, over drives from the roads and cover counted anew. Each response that
//! was sent must be worth what the best of all ways to fill the call's run card is
//! ([`Places`](crate::places::Places)), each station that a free unit was sent to and each exchange
//! that was proposed the one that those choose.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use ems_centre::CentreConfig;
use ems_dispatch::{File, Reference, Texts};
use ems_model::{Command, Event, IncidentId, Millis, Recorded, UnitId, UnitStep};
use ems_sim::{CallSource, CityPlan};

use crate::mirror::{Mirror, is_move};
use crate::simulate::{GRID, START};
use crate::town::Town;

/// The shipped policies as the fleet simulator knows them: without turning out and penalties.
pub(crate) fn bare_texts() -> Vec<(String, String)> {
    let bare = |file: &File<'_>| {
        let (head, units) = file.text.split_once("[units]").unwrap();
        let (units, sources) = units.split_once("[[sources]]").unwrap();
        let lines = units.lines().map(|line| match line.split_once("_s = ") {
            Some((key, _)) => format!("{key}_s = 0"),
            None => line.to_owned(),
        });
        let units = lines.collect::<Vec<_>>().join("\n");
        let text = format!("{head}[units]{units}\n[[sources]]{sources}");
        (file.name.to_owned(), text)
    };
    Texts::standard().policies.iter().map(bare).collect()
}

fn config() -> CentreConfig {
    let texts = bare_texts();
    let policies = texts.iter().map(|(name, text)| File { name, text }).collect();
    let reference = Reference::parse(&Texts { policies, ..Texts::standard() }, "china").unwrap();
    CentreConfig { reference: Arc::new(reference) }
}

/// A day of so many units, each part of it under another policy.
fn lived(n_units: usize, per_hour: f64, policies: &[&str]) -> Mutex<Town> {
    let mut plan = CityPlan::new(12, START);
    plan.n_units = n_units;
    plan.has_ecg = false;
    plan.calls = CallSource::Poisson { per_hour: Some(per_hour) };
    let mut town = Town::under(config(), plan, &GRID);
    let each = 24 * 60 / i64::try_from(policies.len()).unwrap();
    for (nth, policy) in (1..).zip(policies) {
        if *policy != town.centre.policy().name {
            let (policy, reason) = ((*policy).to_owned(), "to compare".to_owned());
            town.order(Command::SwitchPolicy { policy, reason });
        }
        town.live(START + Millis::from_mins(each * nth), |_| false);
    }
    Mutex::new(town)
}

pub(crate) static TOWN: LazyLock<Mutex<Town>> =
    LazyLock::new(|| lived(18, 14.0, &["closest-eta/3", "keep-cover/1", "urgent-first/1"]));

/// Policies that move idle units, weigh calls and exchange units.
const MOVING: [&str; 5] =
    ["nested-compliance/1", "survival/1", "multi-compliance/1", "redeploy/1", "double-standard/1"];

static MOVING_TOWN: LazyLock<Mutex<Town>> =
    LazyLock::new(|| lived(22, 15.0, &[&MOVING[..], &["dmexclp/1", "priority-list/1"]].concat()));

/// How many decisions there were, and how many the rules given decide otherwise.
#[derive(Debug, Default, PartialEq)]
struct Compared {
    sent: usize,
    /// Of these, more than one unit.
    several: usize,
    diverted: usize,
    posted: usize,
    moved: usize,
    exchanged: usize,
    sent_otherwise: usize,
    several_otherwise: usize,
    posted_otherwise: usize,
    moved_otherwise: usize,
    exchanged_otherwise: usize,
}

/// A town's log read beside the rules that are named for the policy in force.
struct Reading<'a, R> {
    mirror: Mirror<'a>,
    rules_of: R,
    all: BTreeMap<String, Compared>,
}

impl<R: Fn(&str) -> &str> Reading<'_, R> {
    /// The events of one command.
    fn read(&mut self, events: &[Recorded]) {
        let now = events[0].recorded_at;
        let in_force = self.mirror.policy.clone();
        let name = (self.rules_of)(&in_force).to_owned();
        let mut compared = self.all.remove(&in_force).unwrap_or_default();
        let is_moved = |it: &&Recorded| match &it.event {
            Event::UnitPosted { reasons, .. } => is_move(reasons),
            _ => false,
        };
        let (moved, others): (Vec<_>, Vec<_>) = events.iter().partition(is_moved);
        let mut others = others.into_iter().peekable();
        if !is_exchange(events) {
            self.sent(events, &name, &mut compared);
        }
        while let Some(Recorded { event, .. }) = others.next() {
            if let Event::UnitPosted { unit, station, policy, .. } = event {
                assert_eq!(*policy, self.mirror.policy);
                if self.mirror.vehicles[unit].kind.can_transport() {
                    let advised = self.mirror.station_for(unit, &name);
                    compared.posted += 1;
                    let is_other = advised != self.mirror.station(station);
                    compared.posted_otherwise += usize::from(is_other);
                }
            }
            self.mirror.hear(now, event);
            if let Event::UnitPosted { unit, .. } = event {
                let next = others.peek().and_then(|next| match &next.event {
                    Event::ExchangeProposed { incident, instead_of, .. } => {
                        Some((*incident, instead_of.clone()))
                    }
                    _ => None,
                });
                let rules = self.mirror.rules(&name, None);
                let exchange = self.mirror.exchange(now, unit, &rules);
                compared.exchanged += usize::from(next.is_some());
                compared.exchanged_otherwise += usize::from(next != exchange);
            }
        }
        self.moved(events, &moved, &name, &mut compared);
        self.all.insert(in_force, compared);
    }

    fn sent(&self, events: &[Recorded], name: &str, all: &mut Compared) {
        let Some((incident, units)) = sent(events) else { return };
        let rules = self.mirror.rules(name, None);
        let is_other = !self.mirror.are_best(events[0].recorded_at, incident, &units, &rules);
        let is_diverted = |it: &&Recorded| matches!(it.event, Event::UnitDiverted { .. });
        all.sent += 1;
        all.sent_otherwise += usize::from(is_other);
        all.several += usize::from(units.len() > 1);
        all.several_otherwise += usize::from(is_other && units.len() > 1);
        all.diverted += events.iter().filter(is_diverted).count();
    }

    fn moved(
        &mut self,
        events: &[Recorded],
        moved: &[&Recorded],
        name: &str,
        compared: &mut Compared,
    ) {
        let now = events[0].recorded_at;
        let is_change = |it: &Recorded| match &it.event {
            Event::UnitAssigned { .. } => true,
            Event::UnitStepped { step, .. } => {
                matches!(step, UnitStep::ReturnToService | UnitStep::StandDown)
            }
            _ => false,
        };
        let is_proposal = |it: &Recorded| matches!(it.event, Event::ExchangeProposed { .. });
        if events.iter().any(is_change) && !events.iter().any(is_proposal) {
            let rules = self.mirror.rules(name, None);
            let expected = self.mirror.moves(now, &rules);
            let told: Vec<_> = moved.iter().map(|it| self.told(&it.event)).collect();
            compared.moved += told.len();
            compared.moved_otherwise += usize::from(expected != told);
        } else {
            assert!(moved.is_empty(), "nothing has changed");
        }
        for it in moved {
            self.mirror.hear(now, &it.event);
        }
    }

    fn told(&self, event: &Event) -> (UnitId, usize) {
        let Event::UnitPosted { unit, station, .. } = event else { panic!("{event:?}") };
        (unit.clone(), self.mirror.station(station))
    }
}

/// The call and the units that are sent to it at once.
fn sent(events: &[Recorded]) -> Option<(IncidentId, Vec<UnitId>)> {
    let sent = events.iter().filter_map(|recorded| match &recorded.event {
        Event::UnitAssigned { incident, unit, .. } => Some((*incident, unit.clone())),
        _ => None,
    });
    let (incidents, units): (Vec<_>, Vec<_>) = sent.unzip();
    Some((*incidents.first()?, units))
}

/// Whether a unit took over a call: no rule of dispatch was asked then.
fn is_exchange(events: &[Recorded]) -> bool {
    let is =
        |it: &Recorded| matches!(it.event, Event::UnitStepped { step: UnitStep::StandDown, .. });
    events.iter().any(is)
}

fn compare(town: &Town, rules_of: impl Fn(&str) -> &str) -> BTreeMap<String, Compared> {
    let mirror = Mirror::new(&GRID, config().reference);
    let mut reading = Reading { mirror, rules_of, all: BTreeMap::new() };
    let mut fixes = town.fixes.iter().peekable();
    let mut place = 0;
    for events in town.log.chunk_by(|a, b| a.key.is_some() && a.key == b.key) {
        while let Some((_, unit, position)) = fixes.next_if(|(n_events, ..)| *n_events <= place) {
            reading.mirror.vehicle(unit).position = *position;
        }
        reading.read(events);
        place += events.len();
    }
    reading.all
}

fn check_sending(town: &Town) {
    let is_sending = |command: &Command| matches!(command, Command::SendResponse { .. });
    assert!(!town.refused.iter().any(|(it, _)| is_sending(&it.command)), "{:?}", town.refused);
}

/// Nothing is decided otherwise.
fn check_same(all: &BTreeMap<String, Compared>) {
    for (policy, it) in all {
        let otherwise =
            [it.sent_otherwise, it.posted_otherwise, it.moved_otherwise, it.exchanged_otherwise];
        assert_eq!(otherwise, [0; 4], "{policy}: {it:?}");
    }
}

#[test]
fn the_fleet_simulator_decides_as_the_centre_did() {
    let town = TOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let all = compare(&town, |policy| policy);
    check_same(&all);
    assert!(all.values().all(|compared| compared.sent > 50 && compared.several > 5), "{all:?}");
    let diverted = ["closest-eta/3", "urgent-first/1", "keep-cover/1"].map(|it| all[it].diverted);
    assert!(diverted[0] == 0 && diverted[1] > 0 && diverted[2] > 2, "{all:?}");
    assert!(all["keep-cover/1"].posted > 60, "{all:?}");
    check_sending(&town);
}

#[test]
fn it_decides_alike_where_idle_units_move_and_calls_are_taken_over() {
    let town = MOVING_TOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let all = compare(&town, |policy| policy);
    check_same(&all);
    for policy in MOVING {
        let compared = &all[policy];
        assert!(compared.sent > 30 && compared.moved > 10, "{policy}: {compared:?}");
    }
    for policy in ["nested-compliance/1", "survival/1", "multi-compliance/1"] {
        assert!(all[policy].exchanged > 0, "{policy}: {all:?}");
    }
    for policy in ["dmexclp/1", "priority-list/1"] {
        assert!(all[policy].posted > 20 && all[policy].moved == 0, "{policy}: {all:?}");
    }
    check_sending(&town);
}

#[test]
fn other_rules_would_be_seen() {
    let town = TOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let swapped = compare(&town, |policy| match policy {
        "keep-cover/1" => "closest-eta/3",
        _ => "keep-cover/1",
    });
    for (policy, compared) in &swapped {
        assert!(compared.sent_otherwise * 10 > compared.sent, "{policy}: {compared:?}");
    }
    let several = swapped.values().map(|it| it.several_otherwise).sum::<usize>();
    assert!(several > 4, "{swapped:?}");
    assert!(swapped["keep-cover/1"].posted_otherwise > 20, "{swapped:?}");
}

#[test]
fn other_rules_of_moving_would_be_seen() {
    let town = MOVING_TOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let swapped = compare(&town, |policy| match policy {
        "nested-compliance/1" | "survival/1" | "multi-compliance/1" => "redeploy/1",
        _ => "nested-compliance/1",
    });
    for policy in MOVING {
        assert!(swapped[policy].moved_otherwise > 5, "{policy}: {swapped:?}");
    }
    let exchanged = swapped.values().map(|it| it.exchanged_otherwise).sum::<usize>();
    assert!(exchanged > 10, "{swapped:?}");
}
