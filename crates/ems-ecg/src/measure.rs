//! Intervals, voltages and the axis of the average beat.

use crate::average::AverageBeat;
use crate::delineate::{Fiducials, delineate, isoelectric};
use crate::lead::Lead;
use crate::rate::{Rate, count};

/// Milliseconds, degrees and beats a minute; what could not be told is `None`, and
/// [`Measurements::missing`] says why.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurements {
    /// Of the median interval between beats.
    pub heart_rate: Option<f64>,
    /// The median interval between beats.
    pub rr_ms: Option<f64>,
    /// From the onset to the end of the P wave.
    pub p_ms: Option<f64>,
    /// From the onset of P to that of QRS.
    pub pr_ms: Option<f64>,
    /// The complex, over all leads.
    pub qrs_ms: f64,
    /// From the onset of QRS to the end of T.
    pub qt_ms: Option<f64>,
    /// QT as it would be at 60 a minute.
    pub qtc: Option<Qtc>,
    /// The axis of QRS in the frontal plane, -180..=180, from the areas in I and aVF.
    pub axis_deg: Option<f64>,
    /// The axis of P, in the same way.
    pub p_axis_deg: Option<f64>,
    /// What was measured in each lead that was recorded, in [`Lead::ALL`]'s order.
    pub leads: Vec<(Lead, LeadMeasures)>,
    /// Where the waves of the average beat are, milliseconds from the onset of QRS.
    pub bounds: Bounds,
    /// What could not be measured.
    pub missing: Vec<Missing>,
}

/// Milliseconds from the onset of QRS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// Onset and end of P.
    pub p: Option<(f64, f64)>,
    /// The J point.
    pub j: f64,
    /// Peak and end of T.
    pub t: Option<(f64, f64)>,
}

/// QT corrected for the heart rate, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Qtc {
    /// QT / RR^(1/2) (Bazett 1920).
    pub bazett_ms: f64,
    /// QT / RR^(1/3) (Fridericia 1920).
    pub fridericia_ms: f64,
    /// QT + 154 (1 - RR) (Sagie et al. 1992, Framingham).
    pub framingham_ms: f64,
    /// QT + 1.75 (rate - 60) (Hodges et al. 1983).
    pub hodges_ms: f64,
}

impl Qtc {
    /// RR in seconds in the formulas; the sources above are from memory.
    pub fn new(qt_ms: f64, rr_ms: f64) -> Self {
        let rr = rr_ms / 1000.0;
        Self {
            bazett_ms: qt_ms / rr.sqrt(),
            fridericia_ms: qt_ms / rr.cbrt(),
            framingham_ms: qt_ms + 154.0 * (1.0 - rr),
            hodges_ms: qt_ms + 1.75 * (60.0 / rr - 60.0),
        }
    }
}

/// One lead of the average beat: millivolts from the level before QRS, milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct LeadMeasures {
    /// The height of P, below 0 for a negative one; `None` without a P wave.
    pub p_mv: Option<f64>,
    /// Depths and heights of the complex; 0 for a wave that is not there, never below 0.
    pub q_mv: f64,
    /// How long Q lasts.
    pub q_ms: f64,
    /// The first positive wave.
    pub r_mv: f64,
    /// From the onset of QRS to the highest point of R or R'.
    pub r_peak_ms: f64,
    /// The negative wave after R.
    pub s_mv: f64,
    /// How long S lasts.
    pub s_ms: f64,
    /// The second positive wave.
    pub r2_mv: f64,
    /// The voltage of the last fifth of the complex' area, below 0 for a negative one.
    pub terminal_mv: f64,
    /// ST at the J point.
    pub st_j_mv: f64,
    /// 60 ms after it.
    pub st_60_mv: f64,
    /// 80 ms after it.
    pub st_80_mv: f64,
    /// The height of T, below 0 for a negative one; `None` without a T wave.
    pub t_mv: Option<f64>,
    /// The sum of the complex, mV ms.
    pub(crate) qrs_area: f64,
    pub(crate) p_area: f64,
}

impl LeadMeasures {
    /// Whether the largest wave of the complex is a positive one. By heights, not by the area,
    /// which ST elevation would tilt.
    pub(crate) fn is_mostly_up(&self) -> bool {
        self.r_mv.max(self.r2_mv) > self.s_mv.max(self.q_mv)
    }
}

/// Something that could not be measured or judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// No P wave before the complexes: no PR interval.
    NoPWave,
    /// No T wave, or one whose end is hidden by the next P wave.
    NoTEnd,
    /// Fewer than two beats: no rate.
    NoRate,
    /// I or aVF was not recorded: no axis.
    NoFrontalLeads,
    /// Neither age nor sex, or not both, and V2 or V3 between their limits.
    NoAgeOrSex,
    /// Sex is not known: no limits of `QTc` and of Cornell's voltage.
    NoSex,
    /// A lead was not recorded or is flat.
    NoLead(Lead),
    /// The complex is wide: ST elevation is judged by Sgarbossa's criteria only.
    WideQrs,
    /// The complex is wide: T waves and posterior infarction are not judged.
    SecondaryT,
    /// Below 18 years: the criteria are those of adults.
    Child,
    /// Criteria of pacing cannot be applied: the sampling rate is too low to see spikes.
    NoSpikes,
}

/// A deflection is a wave from this on, in millivolts,
const WAVE_MIN_MV: f64 = 0.03;
/// and of this length.
const WAVE_MIN_MS: f64 = 6.0;

/// Measures the average beat.
pub(crate) fn measure(beat: &AverageBeat) -> Measurements {
    let at = delineate(beat);
    let rate = beat.rate;
    let lead = |lead: Lead| {
        let wave = beat.leads[lead.idx()].as_ref()?;
        Some((lead, lead_measures(wave, rate, &at)))
    };
    let leads: Vec<(Lead, LeadMeasures)> = Lead::ALL.into_iter().filter_map(lead).collect();
    let qt_ms = at.t.map(|t| rate.ms(t.off - at.qrs_on));
    let axis = |area: fn(&LeadMeasures) -> f64| {
        let of = |name| leads.iter().find(|(lead, _)| *lead == name).map(|(_, it)| area(it));
        axis(of(Lead::I)?, of(Lead::AVF)?)
    };
    let mut measured = Measurements {
        heart_rate: beat.rr_ms.map(|rr| 60_000.0 / rr),
        rr_ms: beat.rr_ms,
        p_ms: at.p.map(|p| rate.ms(p.off - p.on)),
        pr_ms: at.p.map(|p| rate.ms(at.qrs_on - p.on)),
        qrs_ms: rate.ms(at.qrs_off - at.qrs_on),
        qt_ms,
        qtc: qt_ms.zip(beat.rr_ms).map(|(qt, rr)| Qtc::new(qt, rr)),
        axis_deg: axis(|it| it.qrs_area),
        p_axis_deg: at.p.and_then(|_| axis(|it| it.p_area)),
        bounds: bounds(rate, &at),
        missing: vec![],
        leads,
    };
    measured.missing = measured.not_measured();
    measured
}

impl Measurements {
    /// What was measured in a lead; `None` if it was not recorded.
    pub fn of(&self, lead: Lead) -> Option<&LeadMeasures> {
        self.leads.iter().find(|(own, _)| *own == lead).map(|(_, it)| it)
    }

    fn not_measured(&self) -> Vec<Missing> {
        let gaps = [
            (self.heart_rate.is_none(), Missing::NoRate),
            (self.pr_ms.is_none(), Missing::NoPWave),
            (self.qt_ms.is_none(), Missing::NoTEnd),
            (self.axis_deg.is_none(), Missing::NoFrontalLeads),
        ];
        let leads = Lead::ALL.into_iter().filter(|lead| self.of(*lead).is_none());
        let gaps = gaps.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, gap)| gap);
        gaps.chain(leads.map(Missing::NoLead)).collect()
    }
}

fn bounds(rate: Rate, at: &Fiducials) -> Bounds {
    let after = |sample: usize| rate.ms(sample) - rate.ms(at.qrs_on);
    Bounds {
        p: at.p.map(|p| (after(p.on), after(p.off))),
        j: after(at.qrs_off),
        t: at.t.map(|t| (after(t.peak), after(t.off))),
    }
}

/// The direction of a vector from its parts along I and aVF; aVF is an augmented lead, larger by
/// 2 / sqrt 3 along its axis. `None` for one too small to have a direction.
fn axis(one: f64, avf: f64) -> Option<f64> {
    let down = avf * 2.0 / 3.0_f64.sqrt();
    (one.hypot(down) > 0.5).then(|| down.atan2(one).to_degrees())
}

fn lead_measures(wave: &[f64], rate: Rate, at: &Fiducials) -> LeadMeasures {
    let iso = isoelectric(wave, rate, at.qrs_on);
    let millivolts = |sample: usize| (wave[sample.min(wave.len() - 1)] - iso) / 1000.0;
    let complex: Vec<f64> = (at.qrs_on..=at.qrs_off).map(millivolts).collect();
    let after_j = |ms: f64| millivolts(at.qrs_off + rate.samples(ms));
    let area = |from: usize, to: usize| (from..to).map(millivolts).sum::<f64>() * rate.ms(1);
    let peak = |from: usize, to: usize| extreme((from..to).map(millivolts));
    let p_level = at.p.map_or(0.0, |p| f64::midpoint(millivolts(p.on), millivolts(p.off)));
    LeadMeasures {
        p_mv: at.p.map(|p| peak(p.on, p.off) - p_level),
        p_area: at.p.map_or(0.0, |p| area(p.on, p.off) - p_level * rate.ms(p.off - p.on)),
        qrs_area: area(at.qrs_on, at.qrs_off),
        st_j_mv: millivolts(at.qrs_off),
        st_60_mv: after_j(60.0),
        st_80_mv: after_j(80.0),
        t_mv: at.t.map(|t| peak(t.on.max(t.peak.saturating_sub(rate.samples(120.0))), t.off)),
        ..complex_measures(&complex, rate)
    }
}

fn extreme(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |best: f64, it| if it.abs() > best.abs() { it } else { best })
}

/// A stretch of the complex on one side of the baseline.
#[derive(Debug, Clone, Copy)]
struct Deflection {
    /// Millivolts, with its sign.
    peak: f64,
    peak_at: usize,
    n_samples: usize,
}

fn complex_measures(complex: &[f64], rate: Rate) -> LeadMeasures {
    let is_wave =
        |it: &Deflection| it.peak.abs() >= WAVE_MIN_MV && rate.ms(it.n_samples) >= WAVE_MIN_MS;
    let waves: Vec<Deflection> = deflections(complex).into_iter().filter(is_wave).collect();
    let first_r = waves.iter().position(|it| it.peak > 0.0);
    let q = waves.first().filter(|it| it.peak < 0.0);
    let after_r = first_r.map_or(&[][..], |r| &waves[r + 1..]);
    let s = after_r.iter().find(|it| it.peak < 0.0);
    let r2 = after_r.iter().find(|it| it.peak > 0.0);
    let tallest = waves.iter().filter(|it| it.peak > 0.0);
    let tallest = tallest.max_by(|a, b| a.peak.total_cmp(&b.peak));
    let height = |wave: Option<&Deflection>| wave.map_or(0.0, |it| it.peak.abs());
    let length = |wave: Option<&Deflection>| wave.map_or(0.0, |it| rate.ms(it.n_samples));
    let last_fifth = &complex[complex.len() - complex.len().div_ceil(5)..];
    LeadMeasures {
        q_mv: height(q),
        q_ms: length(q),
        r_mv: height(first_r.map(|r| &waves[r])),
        r_peak_ms: tallest.map_or(0.0, |it| rate.ms(it.peak_at)),
        s_mv: height(s),
        s_ms: length(s),
        r2_mv: height(r2),
        terminal_mv: last_fifth.iter().sum::<f64>() / count(last_fifth.len()),
        ..LeadMeasures::default()
    }
}

fn deflections(complex: &[f64]) -> Vec<Deflection> {
    let mut all: Vec<Deflection> = vec![];
    for (at, &value) in complex.iter().enumerate() {
        match all.last_mut().filter(|last| (last.peak < 0.0) == (value < 0.0)) {
            None => all.push(Deflection { peak: value, peak_at: at, n_samples: 1 }),
            Some(last) => {
                last.n_samples += 1;
                if value.abs() > last.peak.abs() {
                    (last.peak, last.peak_at) = (value, at);
                }
            }
        }
    }
    all
}
