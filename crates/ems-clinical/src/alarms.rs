//! Starts and ends alarms.

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use ems_model::{Alarm, AlarmKind, AlarmPriority, AlarmSignal, Millis, News2, Timestamp, Vitals};

use crate::budget::AlarmBudget;
use crate::hold::{Held, Witness};
use crate::limits::{AlarmLimits, Limit, Telling, millis};
use crate::signal::{Change, State, Verdict};

/// Longer between two looks is a break, and not watched.
const LOOK_MAX: Millis = Millis::from_secs(10);

/// What the ECG says beside its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EcgState {
    /// No ECG is connected: nothing is watched and nothing is alarmed.
    NotConnected,
    /// An ECG is connected and no lead can be used.
    LeadOff,
    /// A lead can be used; the last beat was so long ago.
    Watching {
        /// Time since the last beat, or since the lead came if there was none.
        silence: Millis,
    },
}

/// What the ECG says of the ventricles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ventricles {
    /// No lead can be used, or none has told yet.
    Unclear,
    /// Neither of the two below.
    Quiet,
    /// Ventricular beats in a row, fast.
    Tachycardia,
    /// Fibrillation or flutter.
    Fibrillation,
}

/// What is to be heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audio {
    /// Nothing: no alarm waits for acknowledgement.
    Silent,
    /// An alarm of this priority.
    Sounding(AlarmPriority),
    /// Nothing until then, though alarms wait.
    Paused {
        /// When the pause expires.
        until: Timestamp,
    },
}

/// Watches vital signs second by second and tells which alarms start and end.
#[derive(Debug, Clone)]
pub struct Alarms {
    limits: AlarmLimits,
    watches: BTreeMap<AlarmKind, Watch>,
    changes: VecDeque<Alarm>,
    paused_until: Option<Timestamp>,
    looked_at: Option<Timestamp>,
    witness: Witness,
    budget: AlarmBudget,
}

#[derive(Debug, Clone, Default)]
struct Watch {
    state: State,
    /// The number with which it started, and its limit.
    reading: Reading,
    /// It would be told, but for what a pulse wave shows.
    held: Option<Held>,
}

/// A number beside its limit.
#[derive(Debug, Clone, Copy, Default)]
struct Reading {
    value: Option<f64>,
    limit: Option<f64>,
}

impl Alarms {
    /// Starts with no alarm.
    pub fn new(limits: AlarmLimits) -> Self {
        Self {
            limits,
            watches: BTreeMap::new(),
            changes: VecDeque::new(),
            paused_until: None,
            looked_at: None,
            witness: Witness::default(),
            budget: AlarmBudget::default(),
        }
    }

    /// Takes the vital signs of this second; call once a second.
    ///
    /// An alarm whose reading goes missing stays: no news is not good news.
    pub fn on_vitals(
        &mut self,
        now: Timestamp,
        vitals: &Vitals,
        news2: Option<&News2>,
        ecg: EcgState,
    ) {
        self.count_time(now, vitals, ecg);
        for limit in self.limits.limits.clone() {
            self.watch_number(now, limit, reading(limit.kind, vitals, news2));
        }
        self.watch_asystole(now, ecg);
        self.watch_lead(now, ecg);
    }

    /// Takes what channels beside the ECG show; call it before [`Alarms::on_vitals`].
    pub fn on_witness(&mut self, witness: Witness) {
        self.witness = witness;
    }

    /// Alarms that are held back now, by kind.
    pub fn held(&self) -> Vec<Held> {
        self.watches.values().filter_map(|watch| watch.held.clone()).collect()
    }

    /// Takes what the ECG says of the ventricles this second; call once a second.
    ///
    /// An alarm whose lead cannot be used any more stays, as one whose reading goes missing.
    pub fn on_ventricles(&mut self, now: Timestamp, seen: Ventricles) {
        let rhythms = [
            (
                AlarmKind::VentricularFibrillation,
                Ventricles::Fibrillation,
                self.limits.ventricular_fibrillation,
            ),
            (
                AlarmKind::VentricularTachycardia,
                Ventricles::Tachycardia,
                self.limits.ventricular_tachycardia,
            ),
        ];
        for (kind, wanted, limit) in rhythms {
            let verdict = match seen {
                Ventricles::Unclear => Verdict::Unclear,
                _ if seen == wanted => Verdict::Crossed,
                _ => Verdict::Back,
            };
            self.judge(now, kind, verdict, &limit.told, Reading::default());
        }
    }

    /// Ends every alarm: the patient is another one.
    pub fn on_new_patient(&mut self) {
        for (kind, watch) in std::mem::take(&mut self.watches) {
            let alarm = watch.alarm(kind).map(|alarm| Alarm { is_active: false, ..alarm });
            self.changes.extend(alarm);
        }
        self.paused_until = None;
    }

    /// Somebody knows of an alarm that they saw at `seen_at`; whether it waited for that.
    ///
    /// One that began later is another alarm and goes on waiting: an acknowledgement may be late.
    pub fn acknowledge(&mut self, now: Timestamp, kind: AlarmKind, seen_at: Timestamp) -> bool {
        let Some(watch) = self.watches.get_mut(&kind) else { return false };
        if watch.state.told().is_some_and(|(told, _)| told.since > seen_at) {
            return false;
        }
        let before = watch.alarm(kind);
        let Some((state, changes)) = watch.state.acknowledge(now) else { return false };
        watch.state = state;
        let ended = before.map(|alarm| Alarm { is_active: false, ..alarm });
        self.changes.extend(watch.alarm(kind).or(ended));
        changes.into_iter().flatten().for_each(|change| self.budget.count(kind, change));
        true
    }

    /// Silences the sound for the configured time, and says until when.
    pub fn pause_audio(&mut self, now: Timestamp) -> Timestamp {
        let until = now + millis(self.limits.audio_pause_s);
        self.paused_until = Some(until);
        until
    }

    /// What is to be heard now.
    pub fn audio(&self, now: Timestamp) -> Audio {
        let waiting = self.told().filter(|alarm| alarm.signal != AlarmSignal::Acknowledged);
        match (waiting.map(|alarm| alarm.priority).max(), self.paused_until) {
            (None, _) => Audio::Silent,
            (Some(_), Some(until)) if now < until => Audio::Paused { until },
            (Some(priority), _) => Audio::Sounding(priority),
        }
    }

    /// The next alarm that started, changed or ended.
    pub fn poll_output(&mut self) -> Option<Alarm> {
        self.changes.pop_front()
    }

    /// The alarms that are told, most urgent first.
    pub fn active(&self) -> Vec<Alarm> {
        let mut active: Vec<_> = self.told().collect();
        active.sort_by_key(|it| (Reverse(it.priority), !is_of_rhythm(it.kind), it.kind));
        active
    }

    /// Alarms told and withheld since the start, over all patients.
    pub fn budget(&self) -> &AlarmBudget {
        &self.budget
    }

    fn told(&self) -> impl Iterator<Item = Alarm> {
        self.watches.iter().filter_map(|(kind, watch)| watch.alarm(*kind))
    }

    fn count_time(&mut self, now: Timestamp, vitals: &Vitals, ecg: EcgState) {
        let since = self.looked_at.replace(now).map(|before| now.since(before));
        let is_watched = *vitals != Vitals::default() || ecg != EcgState::NotConnected;
        if let Some(since) = since.filter(|since| is_watched && *since <= LOOK_MAX) {
            self.budget.watched = self.budget.watched + since;
        }
    }

    fn watch_number(&mut self, now: Timestamp, limit: Limit, value: Option<f64>) {
        let verdict = match value {
            Some(value) if limit.is_crossed(value) => Verdict::Crossed,
            Some(value) if limit.is_back(value) => Verdict::Back,
            _ => Verdict::Unclear,
        };
        let reading = Reading { value, limit: Some(limit.limit) };
        self.judge(now, limit.kind, verdict, &limit.told, reading);
    }

    fn watch_asystole(&mut self, now: Timestamp, ecg: EcgState) {
        let limit = self.limits.asystole;
        let value = match ecg {
            EcgState::Watching { silence } => Some(silence.as_secs_f64()),
            _ => None,
        };
        let verdict = match value {
            Some(silence_s) if silence_s >= limit.silence_s => Verdict::Crossed,
            Some(_) => Verdict::Back,
            None if ecg == EcgState::NotConnected => Verdict::Back,
            None => Verdict::Unclear,
        };
        let reading = Reading { value, limit: Some(limit.silence_s) };
        self.judge(now, AlarmKind::Asystole, verdict, &limit.told, reading);
    }

    fn watch_lead(&mut self, now: Timestamp, ecg: EcgState) {
        let told = self.limits.lead_off.told;
        let is_off = ecg == EcgState::LeadOff;
        let verdict = if is_off { Verdict::Crossed } else { Verdict::Back };
        self.judge(now, AlarmKind::LeadOff, verdict, &told, Reading::default());
    }

    fn judge(
        &mut self,
        now: Timestamp,
        kind: AlarmKind,
        verdict: Verdict,
        told: &Telling,
        reading: Reading,
    ) {
        let hold_max = self.limits.suppression.map(|it| millis(it.hold_max_s));
        let watch = self.watches.entry(kind).or_default();
        let before = watch.alarm(kind);
        let (state, change) = watch.state.on_verdict(now, verdict, &told.rule());
        if let Some(hold_max) = hold_max
            && change == Some(Change::Started)
            && watch.hold(self.witness.against(now, kind, reading.limit), now, hold_max)
        {
            return;
        }
        if let Some(held) = watch.held.take()
            && change != Some(Change::Started)
        {
            watch.state = State::Quiet;
            return self.budget.count_suppressed(kind, held.why);
        }
        watch.state = state;
        let Some(change) = change else { return };
        self.budget.count(kind, change);
        if change == Change::Started {
            watch.reading = reading;
        }
        let ended = before.map(|alarm| Alarm { is_active: false, ..alarm });
        let alarm = watch.alarm(kind).or(ended);
        let is_pressing = alarm.as_ref().is_some_and(|it| it.priority == AlarmPriority::High);
        if is_pressing && matches!(change, Change::Started | Change::Returned) {
            self.paused_until = None;
        }
        self.changes.extend(alarm);
    }
}

impl Watch {
    /// Holds an alarm that would be told now, if something speaks against it and it was not held
    /// for too long; whether it is held.
    fn hold(&mut self, against: Option<Held>, now: Timestamp, hold_max: Millis) -> bool {
        let is_over = self.held.as_ref().is_some_and(|held| held.is_over(now, hold_max));
        let Some(against) = against.filter(|_| !is_over) else { return false };
        let since = self.held.as_ref().map_or(now, |held| held.since);
        self.held = Some(Held { since, ..against });
        true
    }

    fn alarm(&self, kind: AlarmKind) -> Option<Alarm> {
        let (told, signal) = self.state.told()?;
        let Reading { value, limit } = self.reading;
        Some(Alarm { kind, priority: told.priority, is_active: true, value, limit, signal })
    }
}

/// Whether it tells that the heart does not pump, or soon will not.
const fn is_of_rhythm(kind: AlarmKind) -> bool {
    matches!(
        kind,
        AlarmKind::Asystole
            | AlarmKind::VentricularFibrillation
            | AlarmKind::VentricularTachycardia
    )
}

fn reading(kind: AlarmKind, vitals: &Vitals, news2: Option<&News2>) -> Option<f64> {
    match kind {
        AlarmKind::HeartRateHigh | AlarmKind::HeartRateLow => vitals.heart_rate.map(f64::from),
        AlarmKind::Spo2Low => vitals.spo2.map(f64::from),
        AlarmKind::RespirationHigh | AlarmKind::RespirationLow => {
            vitals.respiratory_rate.map(f64::from)
        }
        AlarmKind::SystolicLow | AlarmKind::SystolicHigh => vitals.systolic.map(f64::from),
        AlarmKind::News2High => news2.map(|news2| f64::from(news2.score)),
        AlarmKind::Asystole
        | AlarmKind::LeadOff
        | AlarmKind::VentricularFibrillation
        | AlarmKind::VentricularTachycardia => None,
    }
}

#[cfg(test)]
mod tests {
    use ems_model::{Bpm, OxygenSaturation};

    use crate::arrhythmia::Channel;

    use super::*;

    /// What changed at each second, given the heart rate of each.
    fn changes(rates: &[Option<u16>]) -> Vec<(usize, AlarmKind, bool)> {
        let mut alarms = Alarms::new(AlarmLimits::adult());
        let mut changes = vec![];
        for (second, rate) in rates.iter().enumerate() {
            let heart_rate = rate.and_then(|rate| Bpm::new(rate).ok());
            let vitals = Vitals { heart_rate, ..Vitals::default() };
            let now = Timestamp::from_millis(1000 * i64::try_from(second).unwrap());
            alarms.on_vitals(now, &vitals, None, EcgState::NotConnected);
            let drained = std::iter::from_fn(|| alarms.poll_output());
            changes.extend(drained.map(|alarm| (second, alarm.kind, alarm.is_active)));
        }
        changes
    }

    #[test]
    fn an_alarm_waits_for_its_delay_and_ends_beyond_its_hysteresis() {
        use AlarmKind::HeartRateHigh as High;
        for (rates, expected) in [
            (vec![Some(130); 5], vec![]),
            (vec![Some(130); 6], vec![(5, High, true)]),
            ([vec![Some(140); 4], vec![Some(129)], vec![Some(140); 5]].concat(), vec![]),
            (
                [vec![Some(140); 6], vec![Some(126); 3], vec![Some(125)]].concat(),
                vec![(5, High, true), (9, High, false)],
            ),
            ([vec![Some(140); 6], vec![None; 30]].concat(), vec![(5, High, true)]),
        ] {
            assert_eq!(changes(&rates), expected, "{rates:?}");
        }
    }

    #[test]
    fn ventricular_rhythms_latch_and_a_lost_lead_ends_none() {
        use AlarmKind::{VentricularFibrillation as Vf, VentricularTachycardia as Vt};
        use Ventricles::{Fibrillation, Quiet, Tachycardia, Unclear};
        let mut alarms = Alarms::new(AlarmLimits::adult());
        for (second, seen, told) in [
            (0, Tachycardia, &[][..]),
            (1, Quiet, &[]),
            (2, Tachycardia, &[]),
            (4, Tachycardia, &[Vt]),
            (5, Fibrillation, &[Vf, Vt]),
            (6, Unclear, &[Vf, Vt]),
            (7, Quiet, &[Vf, Vt]),
        ] {
            alarms.on_ventricles(Timestamp::from_millis(1000 * second), seen);
            let active: Vec<_> = alarms.active().iter().map(|alarm| alarm.kind).collect();
            assert_eq!(active, told, "{second} s");
        }
        let now = Timestamp::from_millis(8000);
        assert!(alarms.acknowledge(now, Vf, now) && alarms.acknowledge(now, Vt, now));
        assert_eq!(alarms.active(), []);
    }

    #[test]
    fn asystole_is_silence_on_a_usable_lead_only() {
        let mut alarms = Alarms::new(AlarmLimits::adult());
        let silent = |ms| EcgState::Watching { silence: Millis::new(ms) };
        for (second, ecg, change) in [
            (0, silent(3999), None),
            (1, silent(4000), Some(true)),
            (2, silent(5000), None),
            (3, EcgState::LeadOff, None),
            (4, silent(500), Some(true)),
        ] {
            let now = Timestamp::from_millis(second * 1000);
            alarms.on_vitals(now, &Vitals::default(), None, ecg);
            let found = alarms.poll_output();
            assert_eq!(found.as_ref().map(|alarm| alarm.is_active), change, "second {second}");
            assert!(found.is_none_or(|alarm| alarm.kind == AlarmKind::Asystole));
        }
        assert_eq!(alarms.active()[0].signal, AlarmSignal::Latched, "it waits for acknowledgement");
        let (before, now) = (Timestamp::from_millis(900), Timestamp::from_millis(9000));
        assert!(!alarms.acknowledge(now, AlarmKind::Asystole, before), "that was another one");
        assert!(alarms.acknowledge(now, AlarmKind::Asystole, now));
        assert!(alarms.poll_output().is_some_and(|alarm| !alarm.is_active));
        assert_eq!(alarms.active(), []);
    }

    #[test]
    fn sound_is_paused_until_it_expires_or_a_pressing_alarm_comes() {
        let mut alarms = Alarms::new(AlarmLimits::adult());
        let second = |second: i64| Timestamp::from_millis(second * 1000);
        let look = |alarms: &mut Alarms, now, rate, spo2| {
            let vitals = Vitals {
                heart_rate: Bpm::new(rate).ok(),
                spo2: OxygenSaturation::new(spo2).ok(),
                ..Vitals::default()
            };
            alarms.on_vitals(second(now), &vitals, None, EcgState::NotConnected);
            alarms.audio(second(now))
        };
        let paused = |until| Audio::Paused { until: second(until) };
        for now in 0..5 {
            assert_eq!(look(&mut alarms, now, 140, 98), Audio::Silent);
        }
        assert_eq!(look(&mut alarms, 5, 140, 98), Audio::Sounding(AlarmPriority::Medium));
        assert_eq!(alarms.pause_audio(second(6)), second(126));
        assert_eq!(look(&mut alarms, 7, 140, 98), paused(126));
        assert_eq!(alarms.audio(second(126)), Audio::Sounding(AlarmPriority::Medium));
        for now in 8..18 {
            assert_eq!(look(&mut alarms, now, 140, 80), paused(126));
        }
        assert_eq!(look(&mut alarms, 18, 140, 80), Audio::Sounding(AlarmPriority::High));
        assert!(alarms.acknowledge(second(19), AlarmKind::Spo2Low, second(19)));
        assert!(
            !alarms.acknowledge(second(19), AlarmKind::Spo2Low, second(19)),
            "it is known already"
        );
        assert_eq!(alarms.audio(second(19)), Audio::Sounding(AlarmPriority::Medium));
    }

    #[test]
    fn the_budget_counts_what_was_told_withheld_and_acknowledged() {
        let mut alarms = Alarms::new(AlarmLimits::adult());
        for second in 0..3600 {
            let now = Timestamp::from_millis(second * 1000);
            // Three seconds too fast each minute, and once for long.
            let rate = if second % 60 < 3 || (100..200).contains(&second) { 140 } else { 80 };
            let vitals = Vitals { heart_rate: Bpm::new(rate).ok(), ..Vitals::default() };
            alarms.on_vitals(now, &vitals, None, EcgState::NotConnected);
            if second == 125 {
                assert!(alarms.acknowledge(now, AlarmKind::HeartRateHigh, now));
            }
        }
        let budget = alarms.budget();
        let (kind, line) = budget.lines().next().unwrap();
        assert_eq!((kind, line.n_told, line.n_acknowledged), (AlarmKind::HeartRateHigh, 1, 1));
        // Of sixty, those of minutes 2 and 3 fall into the long one.
        assert_eq!(line.n_within_condition_delay, 58);
        assert_eq!(line.median_to_acknowledge(), Some(Millis::from_secs(20)));
        assert_eq!(budget.watched, Millis::from_secs(3599));
        assert!(budget.per_hour(budget.n_told()).is_some_and(|rate| (rate - 1.0).abs() < 0.001));
    }

    /// Pulses at `rate` a minute until `until` seconds ago.
    fn witness(rate: f64, until: f64) -> Witness {
        let beats = (0..40_u32).rev().map(|idx| -until - f64::from(idx) * 60.0 / rate);
        let beats = beats.collect();
        let channel = Channel { name: "PLETH".into(), is_pulse: true, beats };
        Witness { channels: vec![channel], is_rate_of_ecg: true }
    }

    /// The seconds at which asystole was told over `seconds` of a silent ECG, a silence growing
    /// from 0 s, with what a pulse wave showed at each second.
    fn told_at(seconds: i32, witness: impl Fn(i32) -> Witness) -> (Vec<i32>, Alarms) {
        let mut alarms = Alarms::new(AlarmLimits::adult());
        let mut told = vec![];
        for second in 0..seconds {
            alarms.on_witness(witness(second));
            let ecg = EcgState::Watching { silence: Millis::from_secs(second.into()) };
            alarms.on_vitals(at(second.into()), &Vitals::default(), None, ecg);
            let started = std::iter::from_fn(|| alarms.poll_output()).filter(|it| it.is_active);
            told.extend(started.map(|_| second));
        }
        (told, alarms)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_millis(second * 1000)
    }

    #[test]
    fn asystole_is_held_only_while_a_clean_steady_pulse_speaks_against_it() {
        let none = Witness::default;
        for (name, witness, expected) in [
            ("no pulse wave", Box::new(|_| none()) as Box<dyn Fn(i32) -> Witness>, vec![4]),
            ("a steady pulse", Box::new(|_| witness(80.0, 0.3)), vec![]),
            (
                "a pulse that stopped with the ECG",
                Box::new(|now| witness(80.0, now.into())),
                vec![4],
            ),
            (
                "a pulse that stops later",
                Box::new(|now| witness(80.0, (now - 8).max(0).into())),
                vec![10],
            ),
            (
                "a wave that is lost",
                Box::new(|now| if now < 9 { witness(80.0, 0.3) } else { none() }),
                vec![9],
            ),
            ("a pulse too slow", Box::new(|_| witness(14.0, 0.3)), vec![4]),
        ] {
            let (told, alarms) = told_at(30, witness);
            assert_eq!(told, expected, "{name}");
            assert_eq!(alarms.held().len(), usize::from(expected.is_empty()), "{name}");
        }
    }

    #[test]
    fn what_is_held_for_too_long_is_told() {
        assert_eq!(
            told_at(80, |_| witness(80.0, 0.3)).0,
            [64],
            "4 s of silence and 60 s of holding"
        );
    }

    #[test]
    fn the_budget_counts_what_was_suppressed_and_why() {
        let (_, mut alarms) = told_at(20, |_| witness(80.0, 0.3));
        assert_eq!(alarms.budget().lines().count(), 0, "it is held, and may still be told");
        let beating = EcgState::Watching { silence: Millis::ZERO };
        alarms.on_vitals(at(20), &Vitals::default(), None, beating);
        let (kind, line) = alarms.budget().lines().next().unwrap();
        assert_eq!((kind, line.n_told), (AlarmKind::Asystole, 0));
        assert_eq!(line.suppressed.iter().collect::<Vec<_>>(), [(&"longest_pause", &1)]);
        assert_eq!(alarms.held(), []);
        // Another one, told because the wave is gone, is latched as ever.
        alarms.on_witness(Witness::default());
        for second in 21..30 {
            let ecg = EcgState::Watching { silence: Millis::from_secs(second - 20) };
            alarms.on_vitals(at(second), &Vitals::default(), None, ecg);
        }
        assert_eq!(alarms.active()[0].kind, AlarmKind::Asystole);
        alarms.on_witness(witness(80.0, 0.3));
        alarms.on_vitals(
            at(30),
            &Vitals::default(),
            None,
            EcgState::Watching { silence: Millis::from_secs(10) },
        );
        assert_eq!(alarms.active().len(), 1, "what was told is not taken back");
    }

    #[test]
    fn a_rate_is_held_against_a_pulse_only_where_it_is_the_ecg_s() {
        for (is_rate_of_ecg, rate, pulse, is_told) in [
            (true, 30, 75.0, false),
            (true, 30, 35.0, true),
            (true, 160, 80.0, false),
            (true, 160, 150.0, true),
            (false, 160, 80.0, true),
        ] {
            let mut alarms = Alarms::new(AlarmLimits::adult());
            let vitals = Vitals { heart_rate: Bpm::new(rate).ok(), ..Vitals::default() };
            for second in 0..10 {
                alarms.on_witness(Witness { is_rate_of_ecg, ..witness(pulse, 0.3) });
                alarms.on_vitals(at(second), &vitals, None, EcgState::NotConnected);
            }
            assert_eq!(!alarms.active().is_empty(), is_told, "{rate} beside {pulse}");
        }
    }

    #[test]
    fn a_lead_that_stays_off_is_told_after_its_delay() {
        let mut alarms = Alarms::new(AlarmLimits::adult());
        for second in 0..4 {
            assert_eq!(alarms.active(), []);
            let now = Timestamp::from_millis(second * 1000);
            alarms.on_vitals(now, &Vitals::default(), None, EcgState::LeadOff);
        }
        assert_eq!(alarms.active()[0].kind, AlarmKind::LeadOff);
    }

    #[test]
    fn the_most_urgent_alarm_stands_first() {
        let mut alarms = Alarms::new(AlarmLimits::adult());
        let vitals = Vitals { spo2: OxygenSaturation::new(80).ok(), ..Vitals::default() };
        for second in 0..20 {
            let now = Timestamp::from_millis(second * 1000);
            alarms.on_vitals(now, &vitals, None, EcgState::LeadOff);
        }
        let active: Vec<_> = alarms.active().into_iter().map(|alarm| alarm.priority).collect();
        assert_eq!(active, [AlarmPriority::High, AlarmPriority::Low]);
    }

    #[test]
    fn limits_that_cannot_work_are_refused() {
        let text = include_str!("../../../data/clinical/alarms.toml");
        for (from, to, message) in [
            (
                "silence_s = 4.0",
                "silence_s = 0.0",
                "silence_s 0 is not 1 to 60 s: correct the file",
            ),
            (
                "\"heart_rate_low\"",
                "\"asystole\"",
                "alarm Asystole cannot have this limit: give each kind once, asystole and lead-off in their sections",
            ),
        ] {
            let error = AlarmLimits::parse(&text.replace(from, to)).unwrap_err();
            assert_eq!(error.to_string(), message);
        }
    }
}
