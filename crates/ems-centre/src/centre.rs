//! The centre's inputs and outputs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ems_dispatch::{Reference, Suggestion};
use ems_model::{
    AidEvent, AidId, AidSide, CentreName, CrewState, Doors, EtaCause, Event, Frame, FrameBody,
    HospitalId, IncidentId, KEY_BYTES_MAX, Phase, Position, ReceptionAnswer, Recorded, Request,
    Timestamp, UnitId, UnitStep,
};

use crate::apply::ReplayError;
use crate::checks::check_length;
use crate::city::City;
use crate::eta::RECHECK;
use crate::ledger::{
    Accepted, Happening, HospitalRecord, IncidentRecord, Ledger, UnitRecord, asked_about,
};
use crate::live::{Fix, LatestVitals, Live};
use crate::rejection::Rejection;
use crate::traffic::{CityTraffic, Laying};
use crate::whereabouts::Whereabouts;

/// What a centre is told when it starts.
#[derive(Debug, Clone)]
pub struct CentreConfig {
    /// Cards, pathways, policy and the priority scheme in force.
    pub reference: Arc<Reference>,
}

/// Why the centre wants to wake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wake {
    /// A crew's break ends.
    RestEnds(UnitId),
    /// A hospital said that it would take ambulances again.
    DoorsOpen(HospitalId),
    /// A patient is still on scene when the ambulance was planned to have left.
    SceneOverrun(IncidentId),
    /// What was known of a road holds no longer: see [`Centre::poll_relay`].
    TrafficEnds,
    /// Roads are driven at other speeds from this hour of the week on: see
    /// [`Centre::poll_relay`].
    HourEnds,
    /// Where units drove of late is to be matched to the roads: see [`Centre::poll_survey`].
    FleetDue,
    /// Another policy is in force from the start.
    PolicyDue,
    /// Units of mutual aid are due back.
    AidEnds(AidSide, CentreName, AidId),
    /// A crew may take its break from now on.
    MealOpens(UnitId),
}

/// Who causes events: a person by a command, or time.
#[derive(Debug, Clone, Copy)]
struct Cause<'a> {
    actor: &'a str,
    key: Option<&'a str>,
}

const CLOCK: Cause<'_> = Cause { actor: "centre", key: None };

/// The command centre.
#[derive(Debug)]
pub struct Centre {
    pub(crate) config: CentreConfig,
    pub(crate) city: Arc<City>,
    pub(crate) traffic: CityTraffic,
    pub(crate) laying: Laying,
    pub(crate) ledger: Ledger,
    pub(crate) live: Live,
    pub(crate) whereabouts: Whereabouts,
}

impl Centre {
    /// A centre with an empty log. Cost: one search a station.
    pub fn new(config: CentreConfig, city: Arc<City>) -> Self {
        let traffic = CityTraffic::bare(&city);
        let ledger = Ledger::new(&city.hospitals);
        let (laying, live) = (Laying::Settled, Live::default());
        let whereabouts = Whereabouts::on(&traffic);
        Self { config, city, traffic, laying, ledger, live, whereabouts }
    }

    /// The centre that wrote this log, without positions and vitals, which units send again.
    pub fn replay(
        config: CentreConfig,
        city: Arc<City>,
        log: impl IntoIterator<Item = Recorded>,
    ) -> Result<Self, ReplayError> {
        let mut centre = Self::new(config, city);
        for recorded in log {
            centre.check_place(&recorded)?;
            centre.ledger.apply(&recorded)?;
        }
        for UnitRecord { unit, .. } in centre.ledger.units.values() {
            centre.whereabouts.settle(unit, &centre.traffic);
        }
        let open: Vec<_> = centre.ledger.open.iter().copied().collect();
        for incident in open {
            centre.remember_drives(incident);
        }
        Ok(centre)
    }

    /// Does what is asked, or says why not. The state has changed when it returns: make the events
    /// durable before answering, or throw the centre away.
    pub fn handle(&mut self, now: Timestamp, request: &Request) -> Result<Accepted, Rejection> {
        check_length("key", &request.key, 1, KEY_BYTES_MAX)?;
        check_length("actor", &request.actor, 1, KEY_BYTES_MAX)?;
        if let Some(done) = self.ledger.repeat(&request.key) {
            return self.repeat(request, done);
        }
        let now = self.not_before_log(now);
        let cause = Cause { actor: &request.actor, key: Some(&request.key) };
        let decided = self.decide(now, &request.command)?;
        let events = self.record(now, cause, decided)?;
        self.live.asked.note(request);
        let incident = events.iter().find_map(|recorded| asked_about(&recorded.event));
        Ok(Accepted { events, seq: self.ledger.seq, incident, is_repeated: false })
    }

    /// Takes a unit's position; older ones than the known are dropped.
    pub fn on_position(
        &mut self,
        now: Timestamp,
        unit: &UnitId,
        at: Timestamp,
        position: Position,
    ) -> Result<Vec<Recorded>, Rejection> {
        let flies = !self.unit_record(unit)?.unit.kind.is_crewed();
        let now = self.not_before_log(now);
        let snap = if flies { None } else { Some(self.snap(position)?) };
        let fix = Fix { position, at: at.min(now) };
        let is_new = self.whereabouts.take_fix(unit, fix, snap);
        if is_new && !flies && self.city.drive_times.believes_fleet {
            self.note_drive(unit, &fix);
        }
        if !is_new || !self.is_eta_due(now, unit) {
            return Ok(Vec::new());
        }
        self.live.eta_checked.insert(unit.clone(), now);
        let is_under_new_traffic = self.live.under_new_traffic.remove(unit);
        let cause = if is_under_new_traffic {
            EtaCause::TrafficChanged
        } else {
            EtaCause::PositionReported
        };
        let revised = self.revise(now, unit, cause);
        self.record(now, CLOCK, revised)
    }

    /// Takes a frame from an ambulance: vitals become the latest, alarms become events. A frame
    /// may come twice; the second changes nothing, nor does an alarm that came after a newer one.
    pub fn on_frame(&mut self, now: Timestamp, frame: &Frame) -> Vec<Recorded> {
        self.live.take_vitals(now, frame);
        let (FrameBody::Alarm { alarm }, Some(incident)) = (&frame.body, frame.incident) else {
            return Vec::new();
        };
        if self.live.is_outdated(&frame.unit, alarm.kind, frame.seq) {
            return Vec::new();
        }
        let now = self.not_before_log(now);
        let (unit, alarm) = (frame.unit.clone(), alarm.clone());
        let is_news = self.ledger.open.contains(&incident)
            && self.ledger.incidents[&incident].is_news(&unit, &alarm);
        if !is_news {
            return Vec::new();
        }
        let at = frame.at.min(now);
        let event = Event::AlarmReported { incident, unit, alarm, clock: frame.clock };
        self.record(now, CLOCK, vec![Happening { at, event }])
            .expect("an alarm of an open incident applies")
    }

    /// When the centre wants to wake next, and why.
    pub fn next_wake(&self) -> Option<(Timestamp, Wake)> {
        self.wakes().min()
    }

    /// Does what time asks for; early calls do nothing.
    pub fn on_wake(&mut self, now: Timestamp) -> Vec<Recorded> {
        let now = self.not_before_log(now);
        let due: BTreeSet<_> = self.wakes().filter(|(at, _)| *at <= now).collect();
        let mut events = Vec::new();
        for (at, wake) in due {
            match wake {
                Wake::TrafficEnds | Wake::HourEnds => self.laying = Laying::Due,
                Wake::FleetDue => self.live.fleet.fall_due(),
                Wake::MealOpens(ref unit) => self.live.meals.note(unit, at),
                _ => {}
            }
            let happenings = self.wake(now, at, wake);
            let recorded = self.record(now, CLOCK, happenings);
            events.extend(recorded.expect("what is due applies"));
        }
        events
    }

    /// The priority that a card suggests for what the caller told.
    pub fn suggest(
        &self,
        complaint: &str,
        answers: &BTreeMap<String, String>,
        age: Option<u8>,
    ) -> Result<Suggestion, Rejection> {
        Ok(self.config.reference.suggest(complaint, answers, age)?)
    }

    /// What the log says.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The place of the last event.
    pub fn seq(&self) -> u64 {
        self.ledger.seq
    }

    /// The city it serves.
    pub fn city(&self) -> &City {
        &self.city
    }

    /// What it was told when it started.
    pub fn config(&self) -> &CentreConfig {
        &self.config
    }

    /// Where a unit was last; `None` until it reports.
    pub fn fix(&self, unit: &UnitId) -> Option<&Fix> {
        self.whereabouts.fix(unit)
    }

    /// A unit's newest vital signs; `None` until it sends some.
    pub fn latest_vitals(&self, unit: &UnitId) -> Option<&LatestVitals> {
        self.live.vitals.get(unit)
    }

    pub(crate) fn incident_record(&self, id: IncidentId) -> Result<&IncidentRecord, Rejection> {
        let unknown = || Rejection::Unknown { subject: "incident", id: id.to_string() };
        self.ledger.incidents.get(&id).ok_or_else(unknown)
    }

    pub(crate) fn unit_record(&self, id: &UnitId) -> Result<&UnitRecord, Rejection> {
        let unknown = || Rejection::Unknown { subject: "unit", id: id.to_string() };
        self.ledger.units.get(id).ok_or_else(unknown)
    }

    pub(crate) fn hospital_record(&self, id: &HospitalId) -> Result<&HospitalRecord, Rejection> {
        let unknown = || Rejection::Unknown { subject: "hospital", id: id.to_string() };
        self.ledger.hospitals.get(id).ok_or_else(unknown)
    }

    /// A log of another city would else be taken for this one's until a hospital is missing.
    fn check_place(&self, recorded: &Recorded) -> Result<(), ReplayError> {
        let position = match &recorded.event {
            Event::UnitSignedOn { home, .. } => *home,
            Event::CallReceived { call, .. } => call.position,
            _ => return Ok(()),
        };
        let off_map = |source| ReplayError::OffMap { seq: recorded.seq, source };
        self.city.roads.snap(position).map(drop).map_err(off_map)
    }

    /// The first answer again, for the same wish; another wish would be lost if it got that answer.
    fn repeat(&self, request: &Request, done: Accepted) -> Result<Accepted, Rejection> {
        if self.live.asked.is_other(request) {
            return Err(Rejection::KeyTaken { key: request.key.clone(), seq: done.seq });
        }
        Ok(done)
    }

    /// The log never runs backwards, even if the host's clock does.
    fn not_before_log(&self, now: Timestamp) -> Timestamp {
        now.max(self.ledger.recorded_at)
    }

    /// Records what was decided and what follows from it: all of it, or nothing.
    fn record(
        &mut self,
        now: Timestamp,
        cause: Cause<'_>,
        decided: Vec<Happening>,
    ) -> Result<Vec<Recorded>, Rejection> {
        let before = self.ledger.keep(&decided);
        let mut recorded = Vec::new();
        for happening in decided {
            match self.append(now, cause, happening) {
                Ok(event) => recorded.push(event),
                Err(error) => {
                    self.ledger.put_back(before);
                    return Err(error.into());
                }
            }
        }
        let follow_up = self.follow_up(now, &recorded);
        for happening in follow_up {
            let event = self.append(now, cause, happening);
            recorded.push(event.expect("what follows from an applied event applies"));
        }
        let mut is_proposed = false;
        for unit in freed(&recorded) {
            // One after the other: where the first waits counts for the second.
            let post = self.post_freed(now, &unit);
            let posted = post.map(|post| self.append(now, cause, post));
            recorded.extend(posted.map(|event| event.expect("a free unit is posted")));
            let proposal = self.propose_exchange(now, &unit);
            is_proposed |= proposal.is_some();
            let proposed = proposal.map(|proposal| self.append(now, cause, proposal));
            recorded.extend(proposed.map(|event| event.expect("its call is open")));
        }
        // Units that may be exchanged at once are not moved before.
        for unit in came_home(&recorded) {
            let begun = self.begin_meal(now, &unit);
            let begun = begun.map(|begun| self.append(now, cause, begun));
            recorded.extend(begun.map(|event| event.expect("a crew that is not resting rests")));
        }
        let moves = if is_proposed { Vec::new() } else { self.rearranged(now, &recorded) };
        for made in moves {
            let posted = self.append(now, cause, made);
            recorded.push(posted.expect("a free unit is posted"));
        }
        Ok(recorded)
    }

    fn append(
        &mut self,
        now: Timestamp,
        cause: Cause<'_>,
        happening: Happening,
    ) -> Result<Recorded, ReplayError> {
        let recorded = Recorded {
            seq: self.ledger.seq + 1,
            occurred_at: happening.at,
            recorded_at: now,
            actor: cause.actor.to_owned(),
            key: cause.key.map(str::to_owned),
            event: happening.event,
        };
        self.ledger.apply(&recorded)?;
        self.follow_places(&recorded.event);
        Ok(recorded)
    }

    fn follow_places(&mut self, event: &Event) {
        match event {
            Event::UnitSignedOn { unit, .. }
            | Event::Aid { what: AidEvent::GuestCame { unit, .. } } => {
                self.whereabouts.settle(&self.ledger.units[unit].unit, &self.traffic);
            }
            Event::CallReceived { incident, .. } => self.remember_drives(*incident),
            Event::IncidentClosed { incident, .. } | Event::IncidentCancelled { incident, .. } => {
                self.live.drives.remove(incident);
            }
            _ => {}
        }
    }

    fn note_drive(&mut self, unit: &UnitId, fix: &Fix) {
        let since = self.ledger.units[unit].unit.since;
        if self.is_driving(unit) && fix.at >= since {
            self.live.fleet.note(unit, since, fix.at, fix.position);
        }
    }

    /// Whether it is on its way to a scene or a hospital.
    fn is_driving(&self, unit: &UnitId) -> bool {
        let phase = self.ledger.units[unit].unit.phase();
        matches!(phase, Some(Phase::EnRoute | Phase::Transporting))
    }

    fn is_eta_due(&self, now: Timestamp, unit: &UnitId) -> bool {
        let checked = self.live.eta_checked.get(unit);
        self.is_driving(unit) && checked.is_none_or(|checked| now.since(*checked) >= RECHECK)
    }

    fn wakes(&self) -> impl Iterator<Item = (Timestamp, Wake)> {
        self.rests()
            .chain(self.openings())
            .chain(self.overruns())
            .chain(self.roads_end())
            .chain(self.live.fleet.next_wake())
            .chain(self.policy_due())
            .chain(self.aid_ends())
            .chain(self.meals_open())
    }

    fn rests(&self) -> impl Iterator<Item = (Timestamp, Wake)> {
        self.ledger.units.values().filter_map(|record| match record.unit.crew.state {
            CrewState::Resting { until, .. } => {
                Some((until, Wake::RestEnds(record.unit.id.clone())))
            }
            CrewState::OnShift { .. } => None,
        })
    }

    fn openings(&self) -> impl Iterator<Item = (Timestamp, Wake)> {
        self.ledger.hospitals.values().filter_map(|record| match record.doors {
            Doors::Diverting { until: Some(until), .. } => {
                Some((until, Wake::DoorsOpen(record.profile.id.clone())))
            }
            _ => None,
        })
    }

    fn overruns(&self) -> impl Iterator<Item = (Timestamp, Wake)> {
        self.ledger.open_incidents().filter_map(|record| {
            let at = self.overrun_at(record)?;
            Some((at, Wake::SceneOverrun(record.incident.id)))
        })
    }

    fn wake(&self, now: Timestamp, at: Timestamp, wake: Wake) -> Vec<Happening> {
        match wake {
            Wake::RestEnds(unit) => vec![Happening { at, event: Event::CrewRestEnded { unit } }],
            Wake::DoorsOpen(hospital) => {
                let event = Event::DoorsChanged { hospital, doors: Doors::Open };
                vec![Happening { at, event }]
            }
            Wake::SceneOverrun(incident) => self.overrun(now, incident),
            Wake::PolicyDue => self.put_due_policy_in_force(now),
            Wake::TrafficEnds | Wake::HourEnds | Wake::FleetDue => Vec::new(),
            Wake::AidEnds(side, with, aid) => self.end_aid(now, &(side, with, aid)),
            Wake::MealOpens(unit) => self.begin_meal(now, &unit).into_iter().collect(),
        }
    }

    fn follow_up(&self, now: Timestamp, recorded: &[Recorded]) -> Vec<Happening> {
        let mut happenings = Vec::new();
        for recorded in recorded {
            match &recorded.event {
                Event::IncidentTriaged { incident, .. }
                | Event::FindingsRecorded { incident, .. } => {
                    happenings.extend(self.propose_remote_care(now, *incident));
                }
                Event::ReceptionAnswered {
                    incident,
                    answer: ReceptionAnswer::Divert { .. },
                    ..
                } => happenings.extend(self.propose_remote_care(now, *incident)),
                Event::HospitalChosen { incident, .. } | Event::UnitDiverted { incident, .. } => {
                    happenings.extend(self.revise_lead(now, *incident));
                }
                Event::UnitAssigned { unit, .. } => {
                    happenings.extend(self.revise(now, unit, EtaCause::Planned));
                }
                Event::UnitStepped { incident, step: UnitStep::TransferCare, .. } => {
                    happenings.extend(self.close_handed_over(now, *incident));
                }
                Event::MajorIncident { incident, what } => {
                    let turned = self.turned_by(*incident, what);
                    let revised = turned.map(|unit| self.revise(now, unit, EtaCause::Planned));
                    happenings.extend(revised.into_iter().flatten());
                }
                Event::UnitStepped { unit, step, .. } => {
                    let cause = EtaCause::StepTaken { step: *step };
                    happenings.extend(self.revise(now, unit, cause));
                }
                _ => {}
            }
        }
        happenings
    }
}

/// Units that have become free for good, and those whose crew starts or ends a break.
fn freed(recorded: &[Recorded]) -> Vec<UnitId> {
    let freed = recorded.iter().filter_map(|recorded| match &recorded.event {
        Event::UnitStepped {
            unit, step: UnitStep::ReturnToService | UnitStep::StandDown, ..
        }
        | Event::CrewRestEnded { unit } => Some(unit.clone()),
        // A break that the centre begins is taken where the unit waits.
        Event::CrewRested { unit, .. } if recorded.key.is_some() => Some(unit.clone()),
        _ => None,
    });
    freed.collect()
}

/// Units that have come to where they wait, or whose crew is ready again there.
fn came_home(recorded: &[Recorded]) -> Vec<UnitId> {
    let home = recorded.iter().filter_map(|recorded| match &recorded.event {
        Event::UnitStepped { unit, step: UnitStep::ReturnHome, .. }
        | Event::CrewRestEnded { unit } => Some(unit.clone()),
        _ => None,
    });
    home.collect()
}

impl From<ReplayError> for Rejection {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Illegal { error, .. } => Self::IllegalStep(error),
            ReplayError::Missing { subject, id, .. } => Self::Unknown { subject, id },
            ReplayError::OffMap { source, .. } => Self::OffMap(source),
            ReplayError::Gap { .. } | ReplayError::TimeReversed { .. } => {
                unreachable!("the centre numbers and dates its own events: {error}")
            }
        }
    }
}
