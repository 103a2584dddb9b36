//! Whether a monitor's arrhythmia alarm holds against what its other channels say.
//!
//! The five alarms are those of the PhysioNet/Computing in Cardiology Challenge 2015 (Clifford et
//! al., Comput Cardiol 2015;42:273-276, table 1), and so is the score of who judges them. The rules
//! here are the project's own: an alarm is held false only where a channel shows steadily what
//! cannot be during the arrhythmia. A channel that is missing or unsteady speaks for nothing.

/// A life-threatening alarm of a monitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrhythmia {
    /// No QRS complex for at least 4 s.
    Asystole,
    /// Below 40 beats a minute for 5 beats in a row.
    ExtremeBradycardia,
    /// Above 140 beats a minute for 17 beats in a row.
    ExtremeTachycardia,
    /// Five or more ventricular beats above 100 a minute.
    VentricularTachycardia,
    /// A fibrillating or fluttering wave for at least 4 s.
    VentricularFibrillation,
    /// A monitor's own limit: at or below so many a minute.
    RateBelow(u16),
    /// A monitor's own limit: at or above so many a minute.
    RateAbove(u16),
}

/// The beats that one channel shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Its name: `II`, `PLETH`.
    pub name: String,
    /// Whether it shows pulses of blood; else an ECG's complexes.
    pub is_pulse: bool,
    /// When, seconds, rising.
    pub beats: Vec<f64>,
}

/// What becomes of an alarm.
#[derive(Debug, Clone, PartialEq)]
pub enum Judged {
    /// It is told.
    Holds,
    /// It is not: `channel` shows steadily what cannot be then.
    Suppressed {
        /// Which channel.
        channel: String,
        /// What it shows.
        why: Contradiction,
    },
}

/// What a channel shows against an alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Contradiction {
    /// No pause was longer than so many seconds.
    LongestPause(f64),
    /// No five beats were slower than so many a minute.
    SlowestFive(f64),
    /// No two beats were nearer to each other than so many a minute.
    FastestBeat(f64),
    /// Pulses were steady at so many a minute.
    SteadyPulse(f64),
}

impl Contradiction {
    /// Its name and number, for counts and screens.
    pub const fn named(self) -> (&'static str, f64) {
        match self {
            Self::LongestPause(secs) => ("longest_pause", secs),
            Self::SlowestFive(rate) => ("slowest_five", rate),
            Self::FastestBeat(rate) => ("fastest_beat", rate),
            Self::SteadyPulse(rate) => ("steady_pulse", rate),
        }
    }
}

/// An alarm is looked at over so many seconds before it; the challenge's came within 10 s.
const LOOK_S: f64 = 14.0;
/// In a steady channel this share of intervals lies within a quarter of their median: what a finder
/// misses or adds is among the rest.
const STEADY: f64 = 0.75;
/// Beats that a channel must show to speak.
const BEATS_MIN: usize = 5;
/// Intervals that a heart can have, seconds.
const INTERVAL: std::ops::RangeInclusive<f64> = 0.25..=2.5;

impl Arrhythmia {
    /// Judges an alarm that was raised at `at` seconds. Cost: the beats.
    pub fn judge(self, at: f64, channels: &[Channel]) -> Judged {
        let mut seen = channels.iter().filter(|channel| channel.is_pulse || self.is_of_rate());
        let against = |channel: &Channel| {
            let why = self.contradiction(at, &steady_beats(channel, at)?)?;
            Some(Judged::Suppressed { channel: channel.name.clone(), why })
        };
        seen.find_map(against).unwrap_or(Judged::Holds)
    }

    /// Whether another ECG lead can contradict it: ventricular beats are beats on each.
    fn is_of_rate(self) -> bool {
        matches!(self, Self::Asystole | Self::ExtremeBradycardia | Self::RateBelow(_))
    }

    fn contradiction(self, at: f64, beats: &[f64]) -> Option<Contradiction> {
        match self {
            Self::Asystole => {
                let edges = [at - LOOK_S].into_iter().chain(beats.iter().copied()).chain([at]);
                let pause = longest(&edges.collect::<Vec<_>>());
                (pause < 4.0).then_some(Contradiction::LongestPause(pause))
            }
            Self::ExtremeBradycardia => {
                let rate = rates(beats, 5).reduce(f64::min)?;
                (rate >= 40.0).then_some(Contradiction::SlowestFive(rate))
            }
            Self::RateBelow(limit) => {
                let rate = rates(beats, 5).reduce(f64::min)?;
                (rate > f64::from(limit)).then_some(Contradiction::SlowestFive(rate))
            }
            Self::RateAbove(limit) => slower_than(beats, f64::from(limit).next_down()),
            Self::ExtremeTachycardia => slower_than(beats, 140.0),
            Self::VentricularTachycardia => slower_than(beats, 100.0),
            Self::VentricularFibrillation => {
                rates(beats, beats.len()).next().map(Contradiction::SteadyPulse)
            }
        }
    }
}

/// By the nearest two beats: a mean over many would fall with each pulse that a finder missed.
fn slower_than(beats: &[f64], limit: f64) -> Option<Contradiction> {
    let rate = rates(beats, 2).reduce(f64::max)?;
    (rate <= limit).then_some(Contradiction::FastestBeat(rate))
}

/// The channel's beats before an alarm, if they come steadily to the end.
fn steady_beats(channel: &Channel, at: f64) -> Option<Vec<f64>> {
    let within = |beat: &&f64| (at - LOOK_S..=at).contains(*beat);
    let beats: Vec<f64> = channel.beats.iter().filter(within).copied().collect();
    if beats.len() < BEATS_MIN {
        return None;
    }
    let mut intervals: Vec<f64> = beats.windows(2).map(|pair| pair[1] - pair[0]).collect();
    intervals.sort_by(f64::total_cmp);
    let median = intervals[intervals.len() / 2];
    let is_usual = |it: &&f64| (*it / median - 1.0).abs() <= 0.25;
    let n_usual = intervals.iter().filter(is_usual).count();
    let is_steady = share(n_usual, intervals.len()) >= STEADY && INTERVAL.contains(&median);
    let reaches_ends =
        at - beats.last()? <= 2.0 * median && beats[0] - (at - LOOK_S) <= 2.0 * median;
    (is_steady && reaches_ends).then_some(beats)
}

#[expect(clippy::cast_precision_loss, reason = "beats are counted in tens")]
fn share(n: usize, of: usize) -> f64 {
    n as f64 / of as f64
}

fn longest(beats: &[f64]) -> f64 {
    beats.windows(2).map(|pair| pair[1] - pair[0]).fold(0.0, f64::max)
}

/// The rates of each `n` beats in a row, a minute.
fn rates(beats: &[f64], n: usize) -> impl Iterator<Item = f64> {
    #[expect(clippy::cast_precision_loss, reason = "beats are counted in tens")]
    let intervals = n.saturating_sub(1) as f64;
    beats.windows(n.max(2)).map(move |run| 60.0 * intervals / (run[run.len() - 1] - run[0]))
}

/// Alarms judged beside what they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AlarmScore {
    /// True alarms that were told.
    pub true_told: u32,
    /// False alarms that were not.
    pub false_suppressed: u32,
    /// False alarms that were told.
    pub false_told: u32,
    /// True alarms that were not: each weighs five.
    pub true_suppressed: u32,
}

impl AlarmScore {
    /// Counts one alarm.
    pub fn count(&mut self, is_true: bool, judged: &Judged) {
        let cell = match (is_true, judged == &Judged::Holds) {
            (true, true) => &mut self.true_told,
            (false, false) => &mut self.false_suppressed,
            (false, true) => &mut self.false_told,
            (true, false) => &mut self.true_suppressed,
        };
        *cell += 1;
    }

    /// (TP + TN) / (TP + TN + FP + 5 FN), 0..=1; `None` before an alarm was judged.
    pub fn challenge(&self) -> Option<f64> {
        let right = f64::from(self.true_told) + f64::from(self.false_suppressed);
        let all = right + f64::from(self.false_told) + 5.0 * f64::from(self.true_suppressed);
        (all > 0.0).then(|| right / all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn channel(is_pulse: bool, rate: f64, gap: Option<(f64, f64)>) -> Channel {
        let every = 60.0 / rate;
        let beats = (0..).map(|idx| f64::from(idx) * every).take_while(|beat| *beat <= 300.0);
        let is_out = |beat: &f64| gap.is_some_and(|(from, to)| (from..to).contains(beat));
        let name = if is_pulse { "PLETH" } else { "II" }.to_owned();
        Channel { name, is_pulse, beats: beats.filter(|beat| !is_out(beat)).collect() }
    }

    /// Each row: the alarm, a channel beside it, and whether it still holds.
    #[test]
    fn an_alarm_falls_only_to_a_channel_that_shows_what_cannot_be() {
        use Arrhythmia::{
            Asystole, ExtremeBradycardia, ExtremeTachycardia, RateAbove, RateBelow,
            VentricularFibrillation, VentricularTachycardia,
        };
        let (ecg, pulse) = (false, true);
        for (kind, is_pulse, rate, gap, holds) in [
            (Asystole, pulse, 70.0, None, false),
            (Asystole, ecg, 70.0, None, false),
            (Asystole, pulse, 70.0, Some((294.0, 301.0)), true),
            (Asystole, pulse, 70.0, Some((288.0, 292.5)), true),
            (Asystole, pulse, 20.0, None, true),
            (ExtremeBradycardia, pulse, 39.0, None, true),
            (ExtremeBradycardia, pulse, 41.0, None, false),
            (ExtremeTachycardia, pulse, 139.0, None, false),
            (ExtremeTachycardia, pulse, 141.0, None, true),
            (ExtremeTachycardia, pulse, 60.0, None, false),
            (ExtremeTachycardia, ecg, 120.0, None, true),
            (RateBelow(50), pulse, 50.0, None, true),
            (RateBelow(50), pulse, 52.0, None, false),
            (RateAbove(130), pulse, 131.0, None, true),
            (RateAbove(130), pulse, 128.0, None, false),
            (VentricularTachycardia, pulse, 99.0, None, false),
            (VentricularTachycardia, pulse, 101.0, None, true),
            (VentricularTachycardia, ecg, 70.0, None, true),
            (VentricularFibrillation, pulse, 80.0, None, false),
            (VentricularFibrillation, pulse, 80.0, Some((295.0, 301.0)), true),
        ] {
            let judged = kind.judge(300.0, &[channel(is_pulse, rate, gap)]);
            assert_eq!(judged == Judged::Holds, holds, "{kind:?} {rate} {gap:?}: {judged:?}");
        }
        for kind in [Asystole, ExtremeBradycardia, ExtremeTachycardia, VentricularFibrillation] {
            assert_eq!(kind.judge(300.0, &[]), Judged::Holds, "nothing contradicts it");
        }
    }

    #[test]
    fn a_true_alarm_that_is_lost_weighs_five() {
        let suppressed =
            Judged::Suppressed { channel: "PLETH".into(), why: Contradiction::SteadyPulse(80.0) };
        let mut score = AlarmScore::default();
        assert_eq!(score.challenge(), None);
        for (is_true, judged) in [
            (true, &Judged::Holds),
            (false, &suppressed),
            (false, &Judged::Holds),
            (true, &suppressed),
        ] {
            score.count(is_true, judged);
        }
        assert_eq!(score.challenge(), Some(2.0 / 8.0));
    }
}
