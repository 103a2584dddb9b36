//! What the log says: the state that events alone build.

use std::collections::{BTreeMap, BTreeSet};

use ems_model::{
    Alarm, AlarmKind, AlarmSignal, CentreName, Crowding, Doors, EtaCause, Event, Found, HospitalId,
    HospitalProfile, Incident, IncidentId, Leg, Millis, Patient, PatientId, Phase, PostReason,
    Priority, Reception, Recorded, RemoteCareReason, SeenByCamera, StationId, Surge, TaskId,
    Timestamp, Unit, UnitId,
};

use crate::aid::AidBook;
use crate::exchange::Takeover;
use crate::hours::Hours;
use crate::rejection::LastChange;

/// Something that has happened, before it has its place in the log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Happening {
    pub(crate) at: Timestamp,
    pub(crate) event: Event,
}

/// A command that was done, now or before.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// What it caused, in order; empty if it had been done before.
    pub events: Vec<Recorded>,
    /// The place of its last event.
    pub seq: u64,
    /// The incident it was about.
    pub incident: Option<IncidentId>,
    /// Whether its key had been seen, so that nothing was done now.
    pub is_repeated: bool,
}

/// An expected time of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Eta {
    /// When.
    pub eta: Timestamp,
    /// Between which times four of five such drives end; `None` where nobody has learnt that.
    pub likely: Option<[Timestamp; 2]>,
    /// Why it is what it is.
    pub cause: EtaCause,
}

/// Remote care that was proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCare {
    /// Why.
    pub reason: RemoteCareReason,
    /// The expert who answered.
    pub answered_by: Option<String>,
    /// Whether they care.
    pub is_accepted: Option<bool>,
}

/// An alarm that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveAlarm {
    /// From which unit.
    pub unit: UnitId,
    /// The alarm.
    pub alarm: Alarm,
    /// Since when.
    pub at: Timestamp,
}

/// A NEMSIS time of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Etime {
    /// The element: `eTimes.06`.
    pub etimes: &'static str,
    /// Whose; `None` for the call's own.
    pub unit: Option<UnitId>,
    /// When.
    pub at: Timestamp,
}

/// An incident with all that was decided about it.
#[derive(Debug, Clone, PartialEq)]
pub struct IncidentRecord {
    /// The incident.
    pub incident: Incident,
    /// Counts the decisions of people; progress on the road does not count.
    pub version: u32,
    /// The priority that its card suggested.
    pub suggested: Priority,
    /// The rules that led there.
    pub because: Vec<String>,
    /// When the call was taken.
    pub opened_at: Timestamp,
    /// When it was over.
    pub ended_at: Option<Timestamp>,
    /// Who decided last.
    pub last_change: LastChange,
    /// Expected arrivals.
    pub etas: BTreeMap<(UnitId, Leg), Eta>,
    /// What the chosen hospital prepares.
    pub reception: Option<Reception>,
    /// Hospitals that refused, with their reason.
    pub refusals: BTreeMap<HospitalId, String>,
    /// Remote care, once proposed.
    pub remote_care: Option<RemoteCare>,
    /// The takeover that was last proposed.
    pub takeover: Option<Takeover>,
    /// The patient.
    pub patient: Patient,
    /// Alarms that have not ended.
    pub alarms: Vec<ActiveAlarm>,
    /// What crews found on scene, the newest about each subject.
    pub findings: Vec<Found>,
    /// What cameras kept, in the order in which it was recorded.
    pub camera: Vec<SeenByCamera>,
    /// NEMSIS times, in the order in which they were recorded.
    pub times: Vec<Etime>,
    /// By run card and place: the crew on scene that said that nobody needs to take it.
    pub not_needed: BTreeMap<(String, String), UnitId>,
}

/// Where a unit was last told to wait, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The station, its home included.
    pub station: StationId,
    /// The policy that was in force.
    pub policy: String,
    /// What speaks for the station, and against it.
    pub reasons: Vec<PostReason>,
    /// Why a person chose otherwise than the policy.
    pub overrule: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// A unit with who sent it last.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitRecord {
    /// The unit.
    pub unit: Unit,
    /// Who sent it last.
    pub assigned_by: Option<LastChange>,
    /// Who lent it, where another centre did.
    pub guest: Option<Guest>,
    /// Where it was last told to wait in this shift.
    pub posted: Option<Posted>,
    /// Its crew's shift and its vehicle's range so far.
    pub hours: Hours,
}

/// What is known of a unit that another centre lent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// Whose it is.
    pub lender: CentreName,
    /// Until when.
    pub until: Timestamp,
    /// The drive to where it was asked for, as the lender told when it lent it.
    pub eta: Option<Millis>,
    /// Its time is over, and it leaves once it is free.
    pub is_due_back: bool,
}

/// A hospital with what it said of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct HospitalRecord {
    /// What the city pack says.
    pub profile: HospitalProfile,
    /// How full it said it was.
    pub crowding: Option<Crowding>,
    /// Whether it takes ambulances.
    pub doors: Doors,
    /// The incidents whose patients it expects.
    pub expecting: BTreeSet<IncidentId>,
    /// The places that it last promised for casualties of major incidents.
    pub surge: Option<Surge>,
}

/// All that the log says. Two ledgers that read the same log are equal.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    pub(crate) seq: u64,
    pub(crate) recorded_at: Timestamp,
    pub(crate) incidents: BTreeMap<IncidentId, IncidentRecord>,
    pub(crate) open: BTreeSet<IncidentId>,
    /// Those that were declared major incidents, open or not.
    pub(crate) majors: BTreeSet<IncidentId>,
    pub(crate) units: BTreeMap<UnitId, UnitRecord>,
    pub(crate) hospitals: BTreeMap<HospitalId, HospitalRecord>,
    pub(crate) receipts: BTreeMap<String, Receipt>,
    pub(crate) last_task: TaskId,
    /// The policy that was last put in force; `None` while it is the first.
    pub(crate) policy: Option<String>,
    pub(crate) aid: AidBook,
}

/// What a command's key led to, for those who ask again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Receipt {
    seq: u64,
    incident: Option<IncidentId>,
}

/// What a ledger was like before happenings that may yet fail.
#[derive(Debug)]
pub(crate) struct Kept {
    seq: u64,
    recorded_at: Timestamp,
    last_task: TaskId,
    policy: Option<String>,
    incidents: Vec<IncidentRecord>,
    units: Vec<UnitRecord>,
    hospitals: Vec<HospitalRecord>,
    /// `None` where no aid can change.
    aid: Option<AidBook>,
}

impl IncidentRecord {
    /// Whether an alarm is not known as it is now.
    pub(crate) fn is_news(&self, unit: &UnitId, alarm: &Alarm) -> bool {
        let of_kind =
            |active: &&ActiveAlarm| active.unit == *unit && active.alarm.kind == alarm.kind;
        match self.alarms.iter().find(of_kind) {
            Some(active) => active.alarm != *alarm,
            None => alarm.is_active,
        }
    }

    /// Whether an alarm is told that nobody has acknowledged.
    pub(crate) fn waits_for_acknowledgement(&self, unit: &UnitId, kind: AlarmKind) -> bool {
        self.alarms.iter().any(|active| {
            active.unit == *unit
                && active.alarm.kind == kind
                && active.alarm.signal != AlarmSignal::Acknowledged
        })
    }

    /// The unit that is expected to bring the patient: of those that can, and have not handed care
    /// on, the one that has come furthest.
    pub(crate) fn lead<'a>(&self, units: &'a BTreeMap<UnitId, UnitRecord>) -> Option<&'a Unit> {
        let units = self.incident.units.iter().map(|id| &units[id].unit);
        let brings = |unit: &Unit| {
            let has_handed_on = unit.phase() == Some(Phase::CareHandedOn);
            (unit.kind.can_transport(), !has_handed_on, unit.phase())
        };
        units.max_by(|a, b| brings(a).cmp(&brings(b)).then(b.id.cmp(&a.id)))
    }
}

impl Ledger {
    pub(crate) fn new(hospitals: &[HospitalProfile]) -> Self {
        let hospitals = hospitals.iter().map(|profile| {
            let record = HospitalRecord {
                profile: profile.clone(),
                crowding: None,
                doors: Doors::Open,
                expecting: BTreeSet::new(),
                surge: None,
            };
            (profile.id.clone(), record)
        });
        Self {
            seq: 0,
            recorded_at: Timestamp::from_micros(i64::MIN),
            incidents: BTreeMap::new(),
            open: BTreeSet::new(),
            majors: BTreeSet::new(),
            units: BTreeMap::new(),
            hospitals: hospitals.collect(),
            receipts: BTreeMap::new(),
            last_task: TaskId(0),
            policy: None,
            aid: AidBook::new(),
        }
    }

    /// The place of the last event.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// All incidents, by number.
    pub fn incidents(&self) -> impl Iterator<Item = &IncidentRecord> {
        self.incidents.values()
    }

    /// The incidents that are not over, by number.
    pub fn open_incidents(&self) -> impl Iterator<Item = &IncidentRecord> {
        self.open.iter().map(|id| &self.incidents[id])
    }

    /// The incidents that were declared major ones, by number.
    pub fn major_incidents(&self) -> impl Iterator<Item = &IncidentRecord> {
        self.majors.iter().map(|id| &self.incidents[id])
    }

    /// One incident.
    pub fn incident(&self, id: IncidentId) -> Option<&IncidentRecord> {
        self.incidents.get(&id)
    }

    /// One unit.
    pub fn unit(&self, id: &UnitId) -> Option<&UnitRecord> {
        self.units.get(id)
    }

    /// One hospital.
    pub fn hospital(&self, id: &HospitalId) -> Option<&HospitalRecord> {
        self.hospitals.get(id)
    }

    /// All units, by call sign.
    pub fn units(&self) -> impl Iterator<Item = &UnitRecord> {
        self.units.values()
    }

    /// All hospitals, by name.
    pub fn hospitals(&self) -> impl Iterator<Item = &HospitalRecord> {
        self.hospitals.values()
    }

    /// Keeps what these happenings may change.
    pub(crate) fn keep(&self, happenings: &[Happening]) -> Kept {
        let events = || happenings.iter().map(|happening| &happening.event);
        let incidents = events().filter_map(|event| self.incidents.get(&event.incident()?));
        let incidents: Vec<_> = incidents.cloned().collect();
        let expecting = incidents.iter().filter_map(|it| Some(&it.reception.as_ref()?.hospital));
        let hospitals = events().filter_map(Event::hospital).chain(expecting);
        let units = events().filter_map(|event| self.units.get(event.unit()?));
        Kept {
            seq: self.seq,
            recorded_at: self.recorded_at,
            last_task: self.last_task,
            policy: self.policy.clone(),
            hospitals: hospitals.filter_map(|id| self.hospitals.get(id)).cloned().collect(),
            units: units.cloned().collect(),
            aid: events().any(|it| matches!(it, Event::Aid { .. })).then(|| self.aid.clone()),
            incidents,
        }
    }

    /// Undoes happenings of which one did not apply. Those never open an incident or sign on a
    /// unit: a command that does so records nothing that can fail after it.
    pub(crate) fn put_back(&mut self, kept: Kept) {
        (self.seq, self.recorded_at, self.last_task) = (kept.seq, kept.recorded_at, kept.last_task);
        self.policy = kept.policy;
        self.receipts.retain(|_, receipt| receipt.seq <= kept.seq);
        self.aid = kept.aid.unwrap_or_else(|| std::mem::take(&mut self.aid));
        for record in kept.incidents {
            let id = record.incident.id;
            if record.ended_at.is_none() {
                self.open.insert(id);
            }
            self.incidents.insert(id, record);
        }
        self.units.extend(kept.units.into_iter().map(|it| (it.unit.id.clone(), it)));
        self.hospitals.extend(kept.hospitals.into_iter().map(|it| (it.profile.id.clone(), it)));
    }

    pub(crate) fn next_incident(&self) -> (IncidentId, PatientId) {
        let number = self.incidents.last_key_value().map_or(0, |(id, _)| id.0) + 1;
        (IncidentId(number), PatientId(number))
    }

    pub(crate) fn repeat(&self, key: &str) -> Option<Accepted> {
        let receipt = self.receipts.get(key)?;
        Some(Accepted {
            events: Vec::new(),
            seq: receipt.seq,
            incident: receipt.incident,
            is_repeated: true,
        })
    }

    pub(crate) fn remember(&mut self, recorded: &Recorded, incident: Option<IncidentId>) {
        if let Some(key) = &recorded.key {
            let known = self.receipts.get(key).and_then(|receipt| receipt.incident);
            let receipt = Receipt { seq: recorded.seq, incident: known.or(incident) };
            self.receipts.insert(key.clone(), receipt);
        }
    }
}

/// The incident that the command behind an event was about.
pub(crate) fn asked_about(event: &Event) -> Option<IncidentId> {
    match event {
        Event::UnitDiverted { to, .. } => Some(*to),
        event => event.incident(),
    }
}
