//! A patient's body: how ill it is, how that shows in the vital signs, and what care does.
//!
//! One number, the illness (0 healthy, 1 the worst that the complaint does), moves all vital
//! signs together, so that they stay coherent; each wanders around its course by itself
//! (Ornstein-Uhlenbeck, Uhlenbeck and Ornstein, Phys. Rev. 36, 1930). Illness grows until a crew
//! cares and then nears what their care can reach. The numbers are invented for rehearsal: nothing
//! here predicts a real patient.

use ems_model::{
    Bpm, BreathsPerMin, Celsius, Consciousness, Millis, MmHg, OxygenSaturation, Timestamp, Vitals,
};
use rand_pcg::Pcg64Mcg;

use crate::chance::{Purpose, lognormal, normal, share, stream};
use crate::mix::{ComplaintMix, Rhythm, Severity, Worst};

/// What the electrodes see of a body at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heart {
    /// Beats a minute of the electrical rhythm, 20..=220.
    pub bpm: f64,
    /// Breaths a minute, 0..=60.
    pub breaths_per_min: f64,
    /// Its rhythm.
    pub rhythm: Rhythm,
}

/// A patient's body over time.
#[derive(Debug, Clone)]
pub struct Body {
    rng: Pcg64Mcg,
    healthy: Signs,
    worst: Signs,
    worst_consciousness: Consciousness,
    rhythm: Rhythm,
    onset: Timestamp,
    illness_at_onset: f64,
    worsening_per_h: f64,
    care: Option<Care>,
    care_effect: f64,
    /// After how much care a stopped heart beats again, if it does.
    restart_after: Option<Millis>,
    wander: Signs,
    at: Timestamp,
}

#[derive(Debug, Clone, Copy)]
struct Care {
    since: Timestamp,
    illness: f64,
}

/// The numbers that move together.
#[derive(Debug, Clone, Copy, Default)]
struct Signs {
    heart_rate: f64,
    respiratory_rate: f64,
    spo2: f64,
    systolic: f64,
    diastolic: f64,
    temperature: f64,
}

/// Standard deviation of each sign's wandering.
const WANDER: Signs = Signs {
    heart_rate: 3.0,
    respiratory_rate: 1.2,
    spo2: 0.6,
    systolic: 4.0,
    diastolic: 2.5,
    temperature: 0.05,
};
/// Wandering is forgotten after about this long, seconds.
const WANDER_TAU_S: f64 = 45.0;
/// Care has two thirds of its effect after this long, minutes.
const CARE_TAU_MIN: f64 = 9.0;
/// Ventricular fibrillation without care becomes asystole after this long, minutes.
const FINE_AFTER_MIN: i64 = 14;
/// Oxygen adds this much of what is missing to full saturation.
const OXYGEN_EFFECT: f64 = 0.55;

impl Body {
    /// The body of the call's patient; the same seed, call and complaint give the same body.
    pub(crate) fn new(
        seed: u64,
        call_idx: u64,
        complaint: &ComplaintMix,
        severity: Severity,
        age: u8,
        onset: Timestamp,
    ) -> Self {
        let mut rng = stream(seed, Purpose::Body, call_idx);
        let band = match severity {
            Severity::Minor => (0.05, 0.25),
            Severity::Serious => (0.32, 0.58),
            Severity::Critical => (0.62, 0.92),
        };
        let illness_at_onset = band.0 + (band.1 - band.0) * share(&mut rng);
        let worsening_per_h = 0.25 * illness_at_onset * share(&mut rng) + 0.02;
        let care_effect = 0.35 + 0.4 * share(&mut rng);
        let rhythm = complaint.rhythm(severity);
        let restart_after = restart(rhythm, &mut rng);
        Self {
            healthy: Signs::healthy(age, &mut rng),
            worst: Signs::from(&complaint.worst),
            worst_consciousness: complaint.worst.consciousness,
            rhythm,
            onset,
            illness_at_onset,
            worsening_per_h,
            care: None,
            care_effect,
            restart_after,
            wander: Signs::default(),
            at: onset,
            rng,
        }
    }

    /// A crew begins to care; later calls change nothing.
    pub fn start_care(&mut self, now: Timestamp) {
        if self.care.is_none() {
            self.care = Some(Care { since: now, illness: self.illness(now) });
        }
    }

    /// Lets time pass up to `now`; call it about once a second while somebody looks.
    pub fn advance(&mut self, now: Timestamp) {
        let dt_s = now.since(self.at).as_secs_f64().max(0.0);
        self.at = self.at.max(now);
        let keep = (-dt_s / WANDER_TAU_S).exp();
        let fresh = (1.0 - keep * keep).sqrt();
        let rng = &mut self.rng;
        self.wander = self.wander.zip(WANDER, |x, sd| x * keep + sd * fresh * normal(rng));
    }

    /// What the electrodes see now.
    pub fn heart(&self) -> Heart {
        let signs = self.signs();
        Heart {
            bpm: signs.heart_rate.clamp(20.0, 220.0),
            breaths_per_min: if self.is_arrested() { 0.0 } else { signs.respiratory_rate },
            rhythm: self.rhythm_now(),
        }
    }

    /// All vital signs now; a stopped heart has no pressure and no saturation to measure.
    pub fn vitals(&self) -> Vitals {
        if self.is_arrested() {
            return Vitals {
                heart_rate: Bpm::new(0).ok(),
                respiratory_rate: BreathsPerMin::new(0).ok(),
                temperature: Celsius::new(tenths(self.signs().temperature)).ok(),
                consciousness: Some(Consciousness::Unresponsive),
                on_oxygen: Some(self.is_on_oxygen()),
                ..Vitals::default()
            };
        }
        let signs = self.signs();
        Vitals {
            heart_rate: Bpm::new(whole(signs.heart_rate)).ok(),
            respiratory_rate: BreathsPerMin::new(whole(signs.respiratory_rate)).ok(),
            spo2: OxygenSaturation::new(whole(signs.spo2)).ok(),
            on_oxygen: Some(self.is_on_oxygen()),
            systolic: MmHg::new(whole(signs.systolic)).ok(),
            diastolic: MmHg::new(whole(signs.diastolic)).ok(),
            temperature: Celsius::new(tenths(signs.temperature)).ok(),
            consciousness: Some(self.consciousness()),
            rhythm: None,
        }
    }

    fn is_arrested(&self) -> bool {
        self.rhythm_now().is_arrest()
    }

    fn rhythm_now(&self) -> Rhythm {
        let cared = self.care.map_or(Millis::ZERO, |care| self.at.since(care.since));
        let waited = self.care.map_or(self.at, |care| care.since).since(self.onset);
        match (self.rhythm, self.restart_after) {
            (rhythm, Some(after)) if rhythm.is_arrest() && cared >= after => Rhythm::Sinus,
            (Rhythm::VentricularFibrillation, _) if waited > Millis::from_mins(FINE_AFTER_MIN) => {
                Rhythm::Asystole
            }
            (rhythm, _) => rhythm,
        }
    }

    /// How ill the body is, 0..=1.
    fn illness(&self, now: Timestamp) -> f64 {
        let hours = |from: Timestamp| now.since(from).as_secs_f64().max(0.0) / 3600.0;
        let illness = match self.care {
            None => self.illness_at_onset + self.worsening_per_h * hours(self.onset),
            Some(care) => {
                let reached = care.illness * (1.0 - self.care_effect);
                let left = (-hours(care.since) * 60.0 / CARE_TAU_MIN).exp();
                reached + (care.illness - reached) * left
            }
        };
        illness.clamp(0.0, 1.0)
    }

    fn signs(&self) -> Signs {
        let illness = self.illness(self.at);
        let course = self.healthy.zip(self.worst, |well, ill| well + (ill - well) * illness);
        let mut signs = course.zip(self.wander, |course, wander| course + wander);
        if self.is_on_oxygen() {
            signs.spo2 += (99.0 - signs.spo2).max(0.0) * OXYGEN_EFFECT;
        }
        signs.plausible()
    }

    /// Crews give oxygen to those who were short of it when they came.
    fn is_on_oxygen(&self) -> bool {
        let Some(care) = self.care else { return false };
        let before = self.healthy.spo2 + (self.worst.spo2 - self.healthy.spo2) * care.illness;
        self.rhythm.is_arrest() || before < 94.0
    }

    /// Consciousness falls in even steps over the upper part of illness.
    fn consciousness(&self) -> Consciousness {
        const LEVELS: [(Consciousness, f64); 5] = [
            (Consciousness::Alert, 0.0),
            (Consciousness::Confusion, 1.0),
            (Consciousness::Voice, 2.0),
            (Consciousness::Pain, 3.0),
            (Consciousness::Unresponsive, 4.0),
        ];
        if self.rhythm.is_arrest() {
            return Consciousness::Unresponsive;
        }
        let share = ((self.illness(self.at) - 0.45) / 0.45).clamp(0.0, 1.0);
        let worst = LEVELS.iter().find(|(level, _)| *level == self.worst_consciousness);
        let fallen = share * worst.map_or(0.0, |(_, steps)| *steps);
        let reached = LEVELS.iter().rev().find(|(_, steps)| *steps <= fallen);
        reached.map_or(Consciousness::Alert, |(level, _)| *level)
    }
}

impl Signs {
    /// Someone of that age who is well, with their own constitution.
    fn healthy(age: u8, rng: &mut Pcg64Mcg) -> Self {
        let age = f64::from(age);
        let youth = (1.0 - age / 16.0).max(0.0);
        let elder = (age - 40.0).max(0.0);
        let systolic = 122.0 - 32.0 * youth + 0.4 * elder + 6.0 * normal(rng);
        Self {
            heart_rate: 72.0 + 52.0 * youth + 6.0 * normal(rng),
            respiratory_rate: 14.5 + 16.0 * youth + normal(rng),
            spo2: 97.8 - 0.02 * elder,
            systolic,
            diastolic: systolic * 0.63,
            temperature: 36.7 + 0.15 * normal(rng),
        }
    }

    fn zip(self, other: Self, mut f: impl FnMut(f64, f64) -> f64) -> Self {
        Self {
            heart_rate: f(self.heart_rate, other.heart_rate),
            respiratory_rate: f(self.respiratory_rate, other.respiratory_rate),
            spo2: f(self.spo2, other.spo2),
            systolic: f(self.systolic, other.systolic),
            diastolic: f(self.diastolic, other.diastolic),
            temperature: f(self.temperature, other.temperature),
        }
    }

    fn plausible(self) -> Self {
        let systolic = self.systolic.clamp(45.0, 260.0);
        Self {
            heart_rate: self.heart_rate.clamp(25.0, 220.0),
            respiratory_rate: self.respiratory_rate.clamp(2.0, 60.0),
            spo2: self.spo2.clamp(50.0, 100.0),
            systolic,
            diastolic: self.diastolic.clamp(20.0, systolic - 8.0),
            temperature: self.temperature.clamp(28.0, 42.5),
        }
    }
}

impl From<&Worst> for Signs {
    fn from(worst: &Worst) -> Self {
        Self {
            heart_rate: worst.heart_rate,
            respiratory_rate: worst.respiratory_rate,
            spo2: worst.spo2,
            systolic: worst.systolic,
            diastolic: worst.diastolic,
            temperature: worst.temperature,
        }
    }
}

/// Draws when a stopped heart beats again. Both draws are made always, so that the stream after
/// them does not depend on the rhythm.
#[expect(clippy::cast_possible_truncation, reason = "at most some hours")]
fn restart(rhythm: Rhythm, rng: &mut Pcg64Mcg) -> Option<Millis> {
    let chance = if rhythm == Rhythm::VentricularFibrillation { 0.45 } else { 0.1 };
    let is_restarted = share(rng) < chance;
    let after_s = lognormal(480.0, 1080.0, rng);
    (rhythm.is_arrest() && is_restarted).then(|| Millis::from_secs(after_s.round() as i64))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "plausible signs lie within 0..=260"
)]
fn whole(value: f64) -> u16 {
    value.round().max(0.0) as u16
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mix::Mix;

    fn body(complaint: &str, severity: Severity, call_idx: u64) -> Body {
        let mix = Mix::standard();
        Body::new(7, call_idx, mix.get(complaint), severity, 60, Timestamp::default())
    }

    fn at(mins: i64) -> Timestamp {
        Timestamp::default() + Millis::from_mins(mins)
    }

    #[test]
    fn every_complaint_severity_and_age_stays_within_what_devices_report() {
        let mix = Mix::standard();
        for complaint in mix.complaints().map(str::to_owned).collect::<Vec<_>>() {
            for severity in [Severity::Minor, Severity::Serious, Severity::Critical] {
                for age in [0, 5, 40, 98] {
                    let mut body =
                        Body::new(1, 2, mix.get(&complaint), severity, age, Timestamp::default());
                    for min in 0..90 {
                        if min == 12 {
                            body.start_care(at(min));
                        }
                        body.advance(at(min));
                        let vitals = body.vitals();
                        assert!(vitals.heart_rate.is_some() && vitals.temperature.is_some());
                        let is_pumping = vitals.heart_rate.is_some_and(|bpm| bpm.get() > 0);
                        assert_eq!(is_pumping, vitals.systolic.is_some(), "{complaint} {age}");
                        assert!(vitals.diastolic <= vitals.systolic);
                    }
                }
            }
        }
    }

    #[test]
    fn illness_grows_until_care_and_falls_under_it() {
        let mut body = body("breathing", Severity::Critical, 1);
        let before = (body.illness(at(0)), body.illness(at(15)));
        body.start_care(at(15));
        let after = body.illness(at(45));
        assert!(before.0 < before.1 && after < before.1, "{before:?} {after}");
        body.advance(at(45));
        assert_eq!(body.vitals().on_oxygen, Some(true));
    }

    #[test]
    fn a_stopped_heart_has_no_pulse_until_it_beats_again() {
        let mut bodies = (0..40).map(|idx| body("cardiac-arrest", Severity::Serious, idx));
        let mut body = bodies.find(|body| body.restart_after.is_some()).unwrap();
        body.start_care(at(5));
        body.advance(at(5));
        assert_eq!(body.vitals().heart_rate.unwrap().get(), 0);
        assert_eq!(body.vitals().spo2, None);
        assert_eq!(body.heart().rhythm, Rhythm::VentricularFibrillation);
        body.advance(at(5) + body.restart_after.unwrap());
        assert!(body.vitals().systolic.is_some());
        assert_eq!(body.vitals().consciousness, Some(Consciousness::Unresponsive));
    }

    #[test]
    fn minor_cases_stay_awake_and_the_worst_do_not() {
        let mut minor = body("trauma", Severity::Minor, 3);
        minor.advance(at(10));
        assert_eq!(minor.vitals().consciousness, Some(Consciousness::Alert));
        let mut critical = body("trauma", Severity::Critical, 3);
        critical.advance(at(240));
        assert!(critical.vitals().consciousness > Some(Consciousness::Confusion));
    }
}
