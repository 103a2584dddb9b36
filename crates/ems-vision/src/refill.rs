//! Capillary refill: how long pressed skin takes to get its colour back.
//!
//! The skin's redness is the logarithm of red over green. After the release it rises like
//! `end - depth * exp(-t / τ)`; the refill time is that to 90 % of the return, `τ ln 10`. That a
//! return is exponential and ends at 90 % are our own choices (docs/video.md).

use ems_model::{Millis, Timestamp};

use crate::light::{LightRefusal, check_light};
use crate::methods::mean;
use crate::pulse::ends;
use crate::skin::{SkinSample, count};

const MIN_FPS: f64 = 15.0;
const MIN_WINDOW_S: f64 = 2.0;
/// Less of a change of red over green is no press.
const MIN_DEPTH: f64 = 0.03;
/// The change must be so many times what the fit leaves.
const MIN_DEPTH_OVER_NOISE: f64 = 8.0;
const MAX_STIR: f64 = 0.04;
/// After the release the finger that pressed is on its way out of the picture.
const SETTLE_S: f64 = 0.3;
/// Time constants that are tried, in seconds.
const TAU_S: [f64; 2] = [0.05, 6.0];
/// The fit and the curve itself must agree on 90 % within this share of the time, and this many
/// seconds.
const AGREE: (f64, f64) = (0.2, 0.35);

/// A refill time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refill {
    /// When the skin was released.
    pub released_at: Timestamp,
    /// Seconds to 90 % of the return of colour.
    pub secs: f64,
    /// The true time is within this of `secs`, in 19 of 20 cases of docs/video.md.
    pub within_secs: f64,
    /// How much redder the skin grew, as the change of the logarithm of red over green.
    pub depth: f64,
}

/// Why no refill time is told.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum RefillRefusal {
    /// The light does not do.
    #[error(transparent)]
    Light(#[from] LightRefusal),
    /// The camera is too slow.
    #[error("{fps:.1} pictures a second are fewer than {min}: give more light, or another camera")]
    TooFewPictures {
        /// Pictures a second.
        fps: f64,
        /// The limit.
        min: f64,
    },
    /// The skin did not pale.
    #[error(
        "the colour changed by {depth:.3}, below {min:.3}: aim at the nail, press for 5 s until it is white, let go"
    )]
    NoBlanch {
        /// The change of the logarithm of red over green.
        depth: f64,
        /// The limit.
        min: f64,
    },
    /// The recording ends before the colour is back.
    #[error(
        "{secs:.1} s after the release the colour is not back, which would take {wanted:.1} s: record for longer"
    )]
    NotBack {
        /// Seconds seen after the release.
        secs: f64,
        /// Seconds that would have to be seen.
        wanted: f64,
    },
    /// The hand moved.
    #[error("the picture stirs by {stir:.3} in a quarter second, above {max}: rest the hand")]
    Motion {
        /// The mean relative change of a cell.
        stir: f64,
        /// The limit.
        max: f64,
    },
    /// The colour did not come back as it does.
    #[error(
        "the fit says {fitted:.2} s and the curve {seen:.2} s: rest the hand, keep the light steady, try again"
    )]
    OddCourse {
        /// Seconds.
        fitted: f64,
        /// Seconds.
        seen: f64,
    },
}

/// Redness over seconds since the first picture.
type Curve = Vec<(f64, f64)>;

/// The refill time in a recording of a press and its release, oldest first.
pub fn find_refill(samples: &[SkinSample]) -> Result<Refill, RefillRefusal> {
    let (first, last) = ends(samples);
    let secs = last.since(first).as_secs_f64();
    if secs < MIN_WINDOW_S {
        return Err(RefillRefusal::NotBack { secs, wanted: MIN_WINDOW_S });
    }
    let fps = (count(samples.len()) - 1.0) / secs;
    if fps < MIN_FPS {
        return Err(RefillRefusal::TooFewPictures { fps, min: MIN_FPS });
    }
    check_light(samples)?;
    let curve = smooth(samples);
    let palest = palest(&curve);
    let course = &curve[palest..];
    let Some(fit) = Fit::best(course) else {
        return Err(RefillRefusal::NoBlanch { depth: 0.0, min: MIN_DEPTH });
    };
    fit.check(course)?;
    check_motion(samples, course[0].0)?;
    let seen = seen(course, &fit);
    let fitted = fit.tau * 10_f64.ln();
    let apart = (fitted - seen).abs();
    if apart > AGREE.1 + AGREE.0 * fitted {
        return Err(RefillRefusal::OddCourse { fitted, seen });
    }
    Ok(Refill {
        released_at: first + millis(course[0].0),
        secs: fitted,
        within_secs: fit.within(course) + 1.0 / fps,
        depth: fit.depth,
    })
}

/// The median of five neighbours, which one odd picture does not move.
fn smooth(samples: &[SkinSample]) -> Curve {
    let first = samples[0].at;
    let redness = |it: &SkinSample| (it.whole[0].max(1.0) / it.whole[1].max(1.0)).ln();
    let raw: Vec<f64> = samples.iter().map(redness).collect();
    let median = |idx: usize| {
        let mut near = raw[idx.saturating_sub(2)..(idx + 3).min(raw.len())].to_vec();
        near.sort_by(f64::total_cmp);
        near[near.len() / 2]
    };
    let at = |it: &SkinSample| it.at.since(first).as_secs_f64();
    samples.iter().enumerate().map(|(idx, it)| (at(it), median(idx))).collect()
}

/// The last point within a twentieth of the palest: pressed skin stays pale for a while.
fn palest(curve: &Curve) -> usize {
    let of = |pick: fn(f64, f64) -> f64, from: f64| curve.iter().map(|it| it.1).fold(from, pick);
    let (low, high) = (of(f64::min, f64::INFINITY), of(f64::max, f64::NEG_INFINITY));
    curve.iter().rposition(|it| it.1 <= low + 0.05 * (high - low)).unwrap_or(0)
}

fn check_motion(samples: &[SkinSample], released_s: f64) -> Result<(), RefillRefusal> {
    let first = samples[0].at;
    // A change is told over a quarter second back.
    let from = released_s + SETTLE_S + 0.25;
    let after = samples.iter().filter(|it| it.at.since(first).as_secs_f64() >= from);
    let stir = mean(&after.filter_map(|it| it.stir).collect::<Vec<_>>());
    if stir > MAX_STIR { Err(RefillRefusal::Motion { stir, max: MAX_STIR }) } else { Ok(()) }
}

/// `end - depth * exp(-t / tau)` from the first point of a course.
#[derive(Debug, Clone, Copy)]
struct Fit {
    tau: f64,
    end: f64,
    depth: f64,
    /// The sum of squares that it leaves.
    rest: f64,
}

/// Steps of the search, each 3 % longer.
const TAU_STEPS: i32 = 162;

impl Fit {
    /// The best of all time constants, then once more around it. Cost: points times 200.
    fn best(course: &[(f64, f64)]) -> Option<Self> {
        let step = (TAU_S[1] / TAU_S[0]).powf(1.0 / f64::from(TAU_STEPS));
        let coarse = (0..=TAU_STEPS).map(|idx| TAU_S[0] * step.powi(idx));
        let best = Self::best_of(course, coarse)?;
        let fine = (-20..=20).map(|idx| best.tau * step.powf(f64::from(idx) / 20.0));
        Self::best_of(course, fine)
    }

    fn best_of(course: &[(f64, f64)], taus: impl Iterator<Item = f64>) -> Option<Self> {
        taus.filter_map(|tau| Self::with(course, tau)).min_by(|a, b| a.rest.total_cmp(&b.rest))
    }

    /// Least squares of end and depth for one time constant.
    fn with(course: &[(f64, f64)], tau: f64) -> Option<Self> {
        let start = course.first()?.0;
        let decay = |at: f64| (-(at - start) / tau).exp();
        let decays: Vec<f64> = course.iter().map(|it| decay(it.0)).collect();
        let values: Vec<f64> = course.iter().map(|it| it.1).collect();
        let (mean_decay, mean_value) = (mean(&decays), mean(&values));
        let pairs = decays.iter().zip(&values);
        let joint: f64 = pairs.map(|(d, v)| (d - mean_decay) * (v - mean_value)).sum();
        let own: f64 = decays.iter().map(|d| (d - mean_decay).powi(2)).sum();
        let slope = joint / own;
        let end = mean_value - slope * mean_decay;
        let off = |(d, v): (&f64, &f64)| (v - end - slope * d).powi(2);
        let rest = decays.iter().zip(&values).map(off).sum();
        slope.is_finite().then_some(Self { tau, end, depth: -slope, rest })
    }

    fn check(&self, course: &[(f64, f64)]) -> Result<(), RefillRefusal> {
        let noise = (self.rest / count(course.len().max(4) - 3)).sqrt();
        let min = MIN_DEPTH.max(MIN_DEPTH_OVER_NOISE * noise);
        if self.depth < min {
            return Err(RefillRefusal::NoBlanch { depth: self.depth, min });
        }
        let secs = course[course.len() - 1].0 - course[0].0;
        let wanted = self.tau * 10_f64.ln() + SETTLE_S;
        if secs < wanted { Err(RefillRefusal::NotBack { secs, wanted }) } else { Ok(()) }
    }

    /// Two deviations of `τ ln 10`, from how fast the rest grows beside the best time constant.
    fn within(&self, course: &[(f64, f64)]) -> f64 {
        let step = 0.05 * self.tau;
        let rest = |tau: f64| Self::with(course, tau).map_or(self.rest, |it| it.rest);
        let bend =
            (rest(self.tau + step) + rest(self.tau - step) - 2.0 * self.rest) / (step * step);
        let variance = self.rest / count(course.len().max(4) - 3);
        // The median of five neighbours leaves about a fifth of the points independent.
        2.0 * (5.0 * 2.0 * variance / bend.max(f64::MIN_POSITIVE)).sqrt() * 10_f64.ln()
    }
}

/// When the curve itself is first at 90 %, in seconds from the release.
fn seen(course: &[(f64, f64)], fit: &Fit) -> f64 {
    let start = course[0];
    let level = start.1 + 0.9 * (fit.end - start.1);
    let reached = course.iter().find(|it| it.1 >= level);
    reached.map_or(f64::INFINITY, |it| it.0 - start.0)
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a recording")]
fn millis(secs: f64) -> Millis {
    Millis::new((secs * 1000.0).round() as i64)
}
