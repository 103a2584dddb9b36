//! The gateway itself.

use std::collections::{BTreeMap, VecDeque};

use ems_clinical::{AlarmBudget, Alarms, EcgState, Sensed, Ventricles, cuff_pressure};
use ems_device::{EcgChunk, VitalsReading, WavePiece};
use ems_model::{
    AlarmKind, CameraPulse, ChainLink, Derived, DerivedOutcome, Estimate, Frame, FrameBody,
    HeartRhythm, HeldAlarm, IncidentId, LeadWatch, LinkReading, Millis, News2, Position, ScoreTold,
    Timestamp, UnitId, Vitals, WaveChunk,
};

use crate::complaint::GatewayComplaint;
use crate::config::GatewayConfig;
use crate::electrodes::Electrodes;
use crate::lead::Lead;
use crate::readings::Readings;
use crate::sensors::{Sensors, Signs};
use crate::timeline::Joint;
use crate::view::{LeadView, View};
use crate::watch::{held_alarm, lead_watch};

/// The most leads of one patient.
pub const MAX_LEADS: usize = 16;
/// Complaints that nobody fetched beyond this many are dropped, oldest first.
const MAX_COMPLAINTS: usize = 100;
/// Vital signs are told so often.
const TICK: Millis = Millis::from_secs(1);
/// What is derived, and what lasts, is told every so many seconds.
const REPEATED_EVERY: i64 = 5;
/// How far off a heart rate is that is told in whole beats, as a median of a few.
const HEART_RATE_SD: f64 = 2.0;
/// A lead that was not heard for so long was put away.
const PUT_AWAY: Millis = Millis::from_secs(60);

/// Turns what devices report into numbered frames.
///
/// The host stores each frame durably as it is polled and sends it with `ems_uplink::Sender`.
/// Times of frames never go back within the vital signs, and within each lead.
#[derive(Debug, Clone)]
pub struct Gateway {
    unit: UnitId,
    config: GatewayConfig,
    incident: Option<IncidentId>,
    age: Option<u8>,
    last_seq: u64,
    now: Timestamp,
    tick: Option<Timestamp>,
    leads: BTreeMap<String, Lead>,
    readings: Readings,
    sensors: Sensors,
    electrodes: Electrodes,
    camera: Option<(Timestamp, CameraPulse)>,
    alarms: Alarms,
    was_told_empty: bool,
    told_watch: Watched,
    frames: VecDeque<Frame>,
    complaints: VecDeque<GatewayComplaint>,
}

/// The leads and the alarms that are held, as they were told.
type Watched = (Vec<LeadWatch>, Vec<HeldAlarm>);

/// Why to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GatewayWake {
    /// The vital signs of the second are due.
    Vitals,
}

impl Gateway {
    /// Sets up a gateway whose frames go on from `resume_seq + 1`, 0 for a unit's first.
    pub fn new(unit: UnitId, config: GatewayConfig, resume_seq: u64) -> Self {
        let alarms = Alarms::new(config.limits.clone());
        Self {
            unit,
            config,
            incident: None,
            age: None,
            last_seq: resume_seq,
            now: Timestamp::from_micros(i64::MIN),
            tick: None,
            leads: BTreeMap::new(),
            readings: Readings::default(),
            sensors: Sensors::default(),
            electrodes: Electrodes::new(),
            camera: None,
            alarms,
            was_told_empty: true,
            told_watch: Default::default(),
            frames: VecDeque::new(),
            complaints: VecDeque::new(),
        }
    }

    /// Takes a piece of a lead.
    pub fn on_ecg(&mut self, now: Timestamp, chunk: &EcgChunk) {
        let now = self.advance(now);
        let Some(mut lead) = self.leads.remove(&chunk.lead) else {
            self.start_lead(now, chunk, None);
            return;
        };
        let joint = if lead.hz() == chunk.hz { lead.join(now, chunk) } else { Joint::Afresh };
        match joint {
            Joint::Seamless => {}
            Joint::Repeated => {
                self.complain(GatewayComplaint::Repeated { lead: chunk.lead.clone() });
                self.leads.insert(chunk.lead.clone(), lead);
                return;
            }
            Joint::Stepped(by) => self.complain_clock(&format!("lead {}", chunk.lead), by),
            Joint::Gap(n_samples) => self.fill(now, &mut lead, n_samples),
            Joint::Afresh => {
                self.send_waves(lead.flush());
                self.start_lead(now, chunk, Some(lead));
                return;
            }
        }
        self.take(now, lead, chunk);
    }

    /// Takes a piece of a wave that is no ECG.
    pub fn on_wave(&mut self, now: Timestamp, piece: &WavePiece) {
        let now = self.advance(now);
        for complaint in self.sensors.on_wave(now, piece) {
            self.complain(complaint);
        }
    }

    /// Takes numbers.
    pub fn on_reading(&mut self, now: Timestamp, reading: &VitalsReading) {
        let now = self.advance(now);
        if let Some(by) = self.readings.on_reading(now, reading) {
            self.complain_clock("numerics", by);
        }
    }

    /// Takes a pulse that a camera saw; it is sent beside the vital signs, not among them.
    pub fn on_camera_pulse(&mut self, now: Timestamp, pulse: CameraPulse) {
        let now = self.advance(now);
        self.camera = Some((now, pulse));
        self.send(now, FrameBody::CameraPulse { pulse });
    }

    /// Takes what the unit's links carried in the `span` before `at`, which may be long ago: what
    /// was read in a hole is told after it.
    pub fn on_links(
        &mut self,
        at: Timestamp,
        span: Millis,
        position: Option<Position>,
        links: Vec<LinkReading>,
    ) {
        self.last_seq += 1;
        let (unit, seq) = (self.unit.clone(), self.last_seq);
        let body = FrameBody::Links { position, span, links };
        self.frames.push_back(Frame { unit, seq, at, incident: None, clock: None, body });
    }

    /// The unit was assigned to an incident, or stood down: readings so far are not its patient's.
    pub fn on_assignment(&mut self, now: Timestamp, incident: Option<IncidentId>) {
        self.advance(now);
        if incident == self.incident {
            return;
        }
        let waves: Vec<_> = self.leads.values_mut().flat_map(Lead::flush).collect();
        self.send_waves(waves);
        self.alarms.on_new_patient();
        self.send_alarms();
        self.readings.forget();
        self.sensors.forget();
        self.electrodes = Electrodes::new();
        self.camera = None;
        self.incident = incident;
        self.age = None;
    }

    /// The age of the assigned incident's patient in years, as the caller told it.
    pub fn on_patient_age(&mut self, age: Option<u8>) {
        self.age = age;
    }

    /// Somebody knows of an alarm that they saw at `seen_at`; whether it waited for that.
    pub fn acknowledge(&mut self, now: Timestamp, kind: AlarmKind, seen_at: Timestamp) -> bool {
        let now = self.advance(now);
        let has_waited = self.alarms.acknowledge(now, kind, seen_at);
        self.send_alarms();
        has_waited
    }

    /// Pauses the sound for the configured time, and says until when.
    pub fn pause_audio(&mut self, now: Timestamp) -> Timestamp {
        let now = self.advance(now);
        self.alarms.pause_audio(now)
    }

    /// Alarms told and withheld since the start.
    pub fn alarm_budget(&self) -> &AlarmBudget {
        self.alarms.budget()
    }

    /// The next frame; store it before it is sent.
    pub fn poll_output(&mut self) -> Option<Frame> {
        self.frames.pop_front()
    }

    /// The next thing that was wrong with what devices sent.
    pub fn poll_complaint(&mut self) -> Option<GatewayComplaint> {
        self.complaints.pop_front()
    }

    /// When to wake, and why; `None` before anything happened.
    pub fn next_wake(&self) -> Option<(Timestamp, GatewayWake)> {
        self.tick.map(|at| (at, GatewayWake::Vitals))
    }

    /// Tells the vital signs of the second; an early call does nothing.
    pub fn on_wake(&mut self, now: Timestamp) {
        let now = self.advance(now);
        if self.tick.is_some_and(|at| now >= at) {
            self.tick = Some(next_second(now));
            self.end_silent_leads();
            let signs = self.signs(now);
            self.sensors.on_second(now, &signs);
            self.tell_vitals();
            self.tell_derived();
            self.tell_watch();
        }
    }

    /// What the page in the ambulance shows.
    pub fn view(&self, now: Timestamp) -> View {
        let now = now.max(self.now);
        let (vitals, news2, scores) = self.vitals(now);
        View {
            unit: self.unit.clone(),
            at: now,
            incident: self.incident,
            last_seq: self.last_seq,
            vitals,
            news2,
            scores,
            alarms: self.alarms.active(),
            held: self.alarms.held(),
            audio: self.alarms.audio(now),
            leads: self.leads.values().map(|lead| lead_view(now, lead)).collect(),
            derived: self.derived(now),
            electrodes: self.electrodes.exchanged(),
            camera: self.camera.filter(|(at, _)| now.since(*at) <= self.config.stale_after),
        }
    }

    /// The time that all else goes by: it never goes back.
    fn advance(&mut self, now: Timestamp) -> Timestamp {
        if now + TICK < self.now {
            self.complain(GatewayComplaint::HostClockBack { by: self.now.since(now) });
        }
        self.now = self.now.max(now);
        self.tick.get_or_insert_with(|| next_second(now));
        self.now
    }

    fn start_lead(&mut self, now: Timestamp, chunk: &EcgChunk, before: Option<Lead>) {
        if self.leads.len() >= MAX_LEADS {
            return self.complain(GatewayComplaint::TooManyLeads { lead: chunk.lead.clone() });
        }
        match Lead::new(now, chunk, self.config.mains, &self.config.rhythm) {
            Err(error) => {
                self.complain(GatewayComplaint::Rate { lead: chunk.lead.clone(), error });
                self.leads.extend(before.map(|before| (chunk.lead.clone(), before)));
            }
            Ok((mut lead, off)) => {
                if let Some(by) = off {
                    self.complain_clock(&format!("lead {}", chunk.lead), by);
                }
                if let Some(before) = before {
                    lead.follow(&before);
                }
                self.take(now, lead, chunk);
            }
        }
    }

    fn take(&mut self, now: Timestamp, mut lead: Lead, chunk: &EcgChunk) {
        lead.take(now, chunk.microvolts.iter().copied());
        lead.arrived(now);
        let beats = lead.take_beats();
        self.sensors.on_beats(lead.name(), beats);
        self.watch_electrodes(&mut lead);
        self.send_waves(lead.pieces());
        self.leads.insert(chunk.lead.clone(), lead);
    }

    /// Complains once when electrodes begin to seem exchanged.
    fn watch_electrodes(&mut self, lead: &mut Lead) {
        let before = self.electrodes.exchanged();
        let (until, samples) = lead.take_fresh();
        self.electrodes.on_samples(lead.name(), lead.hz(), until, &samples);
        let exchanged = self.electrodes.exchanged().filter(|it| Some(*it) != before);
        exchanged.map(GatewayComplaint::Electrodes).into_iter().for_each(|it| self.complain(it));
    }

    fn fill(&mut self, now: Timestamp, lead: &mut Lead, n_samples: u64) {
        let ms = n_samples * 1000 / u64::from(lead.hz().max(1));
        let gap = Millis::new(i64::try_from(ms).unwrap_or(i64::MAX));
        self.complain(GatewayComplaint::Gap { lead: lead.name().to_owned(), gap });
        let n_samples = usize::try_from(n_samples).unwrap_or(0);
        lead.take(now, std::iter::repeat_n(f32::NAN, n_samples));
    }

    /// Sends what is held of leads that fell silent, and forgets those that were put away.
    fn end_silent_leads(&mut self) {
        let now = self.now;
        let silent = self.leads.values_mut().filter(|lead| lead.is_silent(now));
        let waves: Vec<_> = silent.flat_map(Lead::flush).collect();
        self.send_waves(waves);
        self.leads.retain(|_, lead| lead.unheard(now) <= PUT_AWAY);
    }

    fn tell_vitals(&mut self) {
        let (vitals, news2, scores) = self.vitals(self.now);
        let ecg = self.ecg_state(self.now);
        let is_empty = vitals == Vitals::default() && ecg == EcgState::NotConnected;
        if !(is_empty && self.was_told_empty) {
            self.send(self.now, FrameBody::Vitals { vitals, news2: news2.clone(), scores });
        }
        self.was_told_empty = is_empty;
        let is_rate_of_ecg = self.best_leads(self.now).any(|lead| lead.heart_rate().is_some());
        self.alarms.on_witness(self.sensors.witness(self.now, is_rate_of_ecg));
        self.alarms.on_vitals(self.now, &vitals, news2.as_ref(), ecg);
        self.alarms.on_ventricles(self.now, self.ventricles(self.now));
        self.send_alarms();
    }

    /// Tells how the leads are and what is held: when that changes, and again for screens that were
    /// opened since.
    fn tell_watch(&mut self) {
        let leads: Vec<_> = self.leads.values().map(|lead| lead_watch(self.now, lead)).collect();
        let held: Vec<_> = self.alarms.held().into_iter().map(held_alarm).collect();
        let watch = (leads, held);
        let is_empty = watch.0.is_empty() && watch.1.is_empty();
        if !is_alike(&watch, &self.told_watch) || (!is_empty && self.is_repeating()) {
            let (leads, held) = watch.clone();
            self.send(self.now, FrameBody::Watch { leads, held });
            self.told_watch = watch;
        }
    }

    /// Whether what lasts is told again in this second.
    fn is_repeating(&self) -> bool {
        self.now.as_micros().div_euclid(1_000_000) % REPEATED_EVERY == 0
    }

    /// Tells what is derived, unless all of it is missing.
    fn tell_derived(&mut self) {
        if !self.is_repeating() {
            return;
        }
        let derived = self.derived(self.now);
        if derived.iter().any(|it| matches!(it.outcome, DerivedOutcome::Known(_))) {
            self.send(self.now, FrameBody::Derived { derived });
        }
    }

    fn derived(&self, now: Timestamp) -> Vec<Derived> {
        self.sensors.derive(now, &self.signs(now))
    }

    /// What the readings say for virtual sensors.
    fn signs(&self, now: Timestamp) -> Signs {
        let (fast, slow) = (self.config.stale_after, self.config.stale_after_slow);
        let numerics = self.readings.vitals(now, fast, slow);
        let (rate_at, systolic_at) = self.readings.measured_at();
        let lead = self.best_leads(now).find(|lead| lead.heart_rate().is_some());
        let lead_name = lead.map(|lead| lead.name().to_owned());
        let rate_age = lead.map_or_else(|| now.since(rate_at), |lead| lead.unheard(now));
        let rate = lead.and_then(Lead::heart_rate).or(numerics.heart_rate).map(f64::from);
        let rate = rate.map(|value| (Estimate { value, sd: HEART_RATE_SD }, rate_age));
        let systolic = numerics.systolic.map(|systolic| {
            let age = now.since(systolic_at);
            (cuff_pressure(f64::from(systolic), age), age)
        });
        let mut heart_rate = Sensed::measured("heart_rate", rate);
        let of_lead = |name| ChainLink { id: format!("ecg {name}"), age: Some(rate_age) };
        heart_rate.chain.extend(lead_name.as_ref().map(of_lead));
        Signs {
            heart_rate,
            systolic: Sensed::measured("systolic", systolic),
            systolic_at: numerics.systolic.map(|_| systolic_at),
            lead: lead_name,
        }
    }

    fn vitals(&self, now: Timestamp) -> (Vitals, Option<News2>, Vec<ScoreTold>) {
        let (fast, slow) = (self.config.stale_after, self.config.stale_after_slow);
        let numerics = self.readings.vitals(now, fast, slow);
        let heart_rate = self.best_leads(now).find_map(Lead::heart_rate);
        let heart_rate = heart_rate.or(numerics.heart_rate);
        let vitals = Vitals { heart_rate, rhythm: self.rhythm(now), ..numerics };
        let scores = &self.config.scores;
        let known = scores.of_vitals(&vitals, self.config.spo2_scale, self.age);
        (vitals, scores.news2(&known), scores.told(&self.config.scores_told, &known))
    }

    /// Usable leads, those of the configured order first.
    fn best_leads(&self, now: Timestamp) -> impl Iterator<Item = &Lead> {
        let order = &self.config.lead_order;
        let listed = order.iter().filter_map(|name| self.leads.get(name));
        let others =
            self.leads.values().filter(|lead| !order.iter().any(|name| name == lead.name()));
        listed.chain(others).filter(move |lead| lead.is_usable(now))
    }

    /// That of the ventricles where leads agree on one, else what the best lead shows.
    fn rhythm(&self, now: Timestamp) -> Option<HeartRhythm> {
        match self.ventricles(now) {
            Ventricles::Fibrillation => Some(HeartRhythm::VentricularFibrillation),
            Ventricles::Tachycardia => Some(HeartRhythm::VentricularTachycardia),
            Ventricles::Quiet | Ventricles::Unclear => self.best_leads(now).find_map(Lead::rhythm),
        }
    }

    /// What at least half of the leads say that can be used and have told a rhythm: what a loose
    /// electrode draws in one lead is no arrhythmia, and what one of two shows may be one.
    fn ventricles(&self, now: Timestamp) -> Ventricles {
        let told: Vec<HeartRhythm> = self.best_leads(now).filter_map(Lead::rhythm).collect();
        let is_most = |wanted: &[HeartRhythm]| {
            2 * told.iter().filter(|it| wanted.contains(it)).count() >= told.len()
        };
        let fibrillation = HeartRhythm::VentricularFibrillation;
        if told.is_empty() {
            Ventricles::Unclear
        } else if is_most(&[fibrillation]) {
            Ventricles::Fibrillation
        } else if is_most(&[fibrillation, HeartRhythm::VentricularTachycardia]) {
            Ventricles::Tachycardia
        } else {
            Ventricles::Quiet
        }
    }

    fn ecg_state(&self, now: Timestamp) -> EcgState {
        if self.leads.is_empty() {
            return EcgState::NotConnected;
        }
        let silence = self.best_leads(now).filter_map(Lead::silence).min();
        silence.map_or(EcgState::LeadOff, |silence| EcgState::Watching { silence })
    }

    fn send_alarms(&mut self) {
        while let Some(alarm) = self.alarms.poll_output() {
            self.send(self.now, FrameBody::Alarm { alarm });
        }
    }

    fn send_waves(&mut self, pieces: Vec<(Timestamp, WaveChunk)>) {
        for (at, piece) in pieces {
            self.send(at, FrameBody::Wave(piece));
        }
    }

    fn send(&mut self, at: Timestamp, body: FrameBody) {
        self.last_seq += 1;
        let (unit, incident) = (self.unit.clone(), self.incident);
        self.frames.push_back(Frame { unit, seq: self.last_seq, at, incident, clock: None, body });
    }

    fn complain_clock(&mut self, source_name: &str, by: Millis) {
        let source_name = source_name.to_owned();
        self.complain(GatewayComplaint::ClockStepped { source_name, by });
    }

    fn complain(&mut self, complaint: GatewayComplaint) {
        if self.complaints.len() == MAX_COMPLAINTS {
            self.complaints.pop_front();
        }
        self.complaints.push_back(complaint);
    }
}

/// Whether nothing is new but what the clocks are off, which changes with each second.
fn is_alike(a: &Watched, b: &Watched) -> bool {
    let state = |it: &LeadWatch| (it.lead.clone(), it.state);
    a.1 == b.1 && a.0.iter().map(state).eq(b.0.iter().map(state))
}

fn next_second(now: Timestamp) -> Timestamp {
    Timestamp::from_micros((now.as_micros().div_euclid(1_000_000) + 1) * 1_000_000)
}

fn lead_view(now: Timestamp, lead: &Lead) -> LeadView {
    let (until, trail) = lead.trail();
    let LeadWatch { lead: name, state, clock } = lead_watch(now, lead);
    LeadView {
        lead: name,
        hz: lead.hz(),
        state,
        clock,
        until,
        microvolts: trail.iter().copied().collect(),
    }
}
