//! Starts and ends alarms.

use std::collections::{BTreeMap, VecDeque};

use ems_model::{Alarm, AlarmKind, Millis, News2, Timestamp, Vitals};

use crate::limits::{AlarmLimits, Limit};

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

/// Watches vital signs second by second and tells which alarms start and end.
#[derive(Debug, Clone)]
pub struct Alarms {
    limits: AlarmLimits,
    watches: BTreeMap<AlarmKind, Watch>,
    changes: VecDeque<Alarm>,
}

#[derive(Debug, Clone, Default)]
struct Watch {
    crossed_since: Option<Timestamp>,
    active: Option<Alarm>,
}

/// What one reading means for its alarm.
#[derive(Clone, Copy)]
enum Verdict {
    /// The limit is crossed.
    Crossed,
    /// The reading is back.
    Back,
    /// Between the two, or not measured: as it was.
    Unclear,
}

impl Alarms {
    /// Starts with no alarm.
    pub fn new(limits: AlarmLimits) -> Self {
        Self { limits, watches: BTreeMap::new(), changes: VecDeque::new() }
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
        for limit in self.limits.limits.clone() {
            self.watch_number(now, limit, reading(limit.kind, vitals, news2));
        }
        self.watch_asystole(now, ecg);
        self.watch_lead(now, ecg);
    }

    /// Ends every alarm: the patient is another one.
    pub fn on_new_patient(&mut self) {
        let watches = std::mem::take(&mut self.watches);
        let ended = watches.into_values().filter_map(|watch| watch.active);
        self.changes.extend(ended.map(|alarm| Alarm { is_active: false, ..alarm }));
    }

    /// The next alarm that started or ended.
    pub fn poll_output(&mut self) -> Option<Alarm> {
        self.changes.pop_front()
    }

    /// The alarms that are on, most urgent first.
    pub fn active(&self) -> Vec<Alarm> {
        let mut active: Vec<_> =
            self.watches.values().filter_map(|watch| watch.active.clone()).collect();
        active.sort_by(|a, b| b.priority.cmp(&a.priority).then(a.kind.cmp(&b.kind)));
        active
    }

    fn watch_number(&mut self, now: Timestamp, limit: Limit, value: Option<f64>) {
        let verdict = match value {
            Some(value) if limit.is_crossed(value) => Verdict::Crossed,
            Some(value) if limit.is_back(value) => Verdict::Back,
            _ => Verdict::Unclear,
        };
        let alarm = Alarm {
            kind: limit.kind,
            priority: limit.priority,
            is_active: true,
            value,
            limit: Some(limit.limit),
        };
        self.judge(now, verdict, limit.delay_s, alarm);
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
        let alarm = Alarm {
            kind: AlarmKind::Asystole,
            priority: limit.priority,
            is_active: true,
            value,
            limit: Some(limit.silence_s),
        };
        self.judge(now, verdict, 0.0, alarm);
    }

    fn watch_lead(&mut self, now: Timestamp, ecg: EcgState) {
        let limit = self.limits.lead_off;
        let is_off = ecg == EcgState::LeadOff;
        let verdict = if is_off { Verdict::Crossed } else { Verdict::Back };
        let alarm = Alarm {
            kind: AlarmKind::LeadOff,
            priority: limit.priority,
            is_active: true,
            value: None,
            limit: None,
        };
        self.judge(now, verdict, limit.delay_s, alarm);
    }

    fn judge(&mut self, now: Timestamp, verdict: Verdict, delay_s: f64, alarm: Alarm) {
        let watch = self.watches.entry(alarm.kind).or_default();
        match verdict {
            Verdict::Crossed => {
                let since = *watch.crossed_since.get_or_insert(now);
                if watch.active.is_none() && now.since(since).as_secs_f64() >= delay_s {
                    watch.active = Some(alarm.clone());
                    self.changes.push_back(alarm);
                }
            }
            Verdict::Back => {
                watch.crossed_since = None;
                if watch.active.take().is_some() {
                    self.changes.push_back(Alarm { is_active: false, ..alarm });
                }
            }
            // A break in the crossing starts its delay anew.
            Verdict::Unclear => watch.crossed_since = None,
        }
    }
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
        AlarmKind::Asystole | AlarmKind::LeadOff => None,
    }
}

#[cfg(test)]
mod tests {
    use ems_model::{AlarmPriority, Bpm, OxygenSaturation};

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
    fn asystole_is_silence_on_a_usable_lead_only() {
        let mut alarms = Alarms::new(AlarmLimits::adult());
        let silent = |ms| EcgState::Watching { silence: Millis::new(ms) };
        for (second, ecg, change) in [
            (0, silent(3999), None),
            (1, silent(4000), Some(true)),
            (2, silent(5000), None),
            (3, EcgState::LeadOff, None),
            (4, silent(500), Some(false)),
        ] {
            let now = Timestamp::from_millis(second * 1000);
            alarms.on_vitals(now, &Vitals::default(), None, ecg);
            let found = alarms.poll_output();
            assert_eq!(found.as_ref().map(|alarm| alarm.is_active), change, "second {second}");
            assert!(found.is_none_or(|alarm| alarm.kind == AlarmKind::Asystole));
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
