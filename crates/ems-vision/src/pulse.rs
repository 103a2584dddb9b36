//! The pulse rate from the skin's colour, with its uncertainty, or why there is none.

use std::collections::VecDeque;

use ems_model::{Millis, Timestamp};

use crate::frame::Mosaic;
use crate::light::{LightRefusal, check_light};
use crate::methods::{PulseMethod, deviation, mean};
use crate::skin::{SkinSample, SkinTracker, count};
use crate::spectrum::{Peak, peak};
use crate::trace::{HZ, Trace, band_pass};

/// Pulses are looked for between 42 and 240 a minute.
pub const BAND_HZ: [f64; 2] = [0.7, 4.0];
/// What a meter looks back on.
pub const WINDOW: Millis = Millis::from_secs(20);
/// Less than this says nothing.
const MIN_WINDOW_S: f64 = 8.0;
const MIN_FPS: f64 = 15.0;
const MIN_SKIN_SHARE: f64 = 0.08;
const MAX_STIR: f64 = 0.05;
/// A head that moves by more, in cells, may make a pulse of its own.
const MAX_SWAY_CELLS: f64 = 0.04;
/// What is around must change by less than this share of what the skin does.
const MAX_AROUND: f64 = 0.5;
/// Two rates this near, in beats a minute, may be the same.
const SAME_BPM: f64 = 5.0;
const MIN_SNR_DB: f64 = 0.5;
/// Two methods that differ by more do not see the same pulse.
const MAX_APART_BPM: f64 = 6.0;
const MAX_WITHIN_BPM: f64 = 6.0;
/// Parts of a window are searched this far from the rate of the whole.
const PART_REACH_BPM: f64 = 10.0;

/// A pulse rate as a camera saw it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pulse {
    /// When the last picture was taken.
    pub at: Timestamp,
    /// Beats a minute, 42 to 240.
    pub bpm: f64,
    /// The true rate is within this of `bpm`, beats a minute, in 19 of 20 cases of docs/video.md.
    pub within_bpm: f64,
    /// The power of the pulse over that of the rest of the band, in decibels.
    pub snr_db: f64,
    /// The pictures that it was made from.
    pub window: Millis,
    /// How.
    pub method: PulseMethod,
}

/// Why no pulse is told.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum PulseRefusal {
    /// The pictures do not reach far enough back.
    #[error("{secs:.1} s of pictures are too short, below {min} s: hold still for longer")]
    TooShort {
        /// Seconds from the first to the last picture.
        secs: f64,
        /// The limit.
        min: f64,
    },
    /// The camera is too slow.
    #[error("{fps:.1} pictures a second are fewer than {min}: give more light, or another camera")]
    TooFewPictures {
        /// Pictures a second.
        fps: f64,
        /// The limit.
        min: f64,
    },
    /// Pictures are missing in between.
    #[error(
        "no picture with skin for {secs:.1} s, above {max} s: hold still in front of the camera"
    )]
    Gap {
        /// Seconds.
        secs: f64,
        /// The limit.
        max: f64,
    },
    /// No skin is seen.
    #[error("{share:.2} of the region is skin, below {min}: bring the face into the frame")]
    NoSkin {
        /// The share of the region.
        share: f64,
        /// The limit.
        min: f64,
    },
    /// The light does not do.
    #[error(transparent)]
    Light(#[from] LightRefusal),
    /// The face moves.
    #[error("the picture stirs by {stir:.3} in a quarter second, above {max}: hold still")]
    Motion {
        /// The mean relative change of a cell.
        stir: f64,
        /// The limit.
        max: f64,
    },
    /// The head moves at the same rate, as under chest compressions.
    #[error("the head moves {bpm:.0} times a minute, as the pulse would: pause what moves it")]
    MovesAlike {
        /// Times a minute.
        bpm: f64,
    },
    /// What is around changes at the same rate, as under a beacon.
    #[error(
        "the light changes {bpm:.0} times a minute, as the pulse would: keep flashing light off"
    )]
    LightAlike {
        /// Times a minute.
        bpm: f64,
    },
    /// No rate stands out.
    #[error("the pulse is {snr_db:.1} dB over the rest, below {min}: more light, and hold still")]
    Weak {
        /// Decibels.
        snr_db: f64,
        /// The limit.
        min: f64,
    },
    /// Two methods see different rates.
    #[error("POS sees {pos:.0}/min and CHROM {chrom:.0}/min: hold still, and avoid coloured light")]
    Disagree {
        /// Beats a minute.
        pos: f64,
        /// Beats a minute.
        chrom: f64,
    },
    /// The rate wanders within the window.
    #[error("the rate is known within {within:.1}/min only, above {max}: hold still for longer")]
    Uncertain {
        /// Beats a minute.
        within: f64,
        /// The limit.
        max: f64,
    },
}

/// Follows a face and tells its pulse over the last [`WINDOW`].
#[derive(Debug, Clone, Default)]
pub struct PulseMeter {
    tracker: SkinTracker,
    samples: VecDeque<SkinSample>,
}

impl PulseMeter {
    /// Takes the next picture; one that is not later than the last is passed over.
    pub fn push(&mut self, mosaic: &Mosaic) {
        if self.samples.back().is_some_and(|last| mosaic.at <= last.at) {
            return;
        }
        self.samples.push_back(self.tracker.push(mosaic));
        while self.samples.front().is_some_and(|it| mosaic.at.since(it.at) > WINDOW) {
            self.samples.pop_front();
        }
    }

    /// What is known of the last pictures, oldest first.
    pub fn samples(&mut self) -> &[SkinSample] {
        self.samples.make_contiguous()
    }

    /// The pulse of the last pictures. Cost: about 10 ms of a core.
    pub fn pulse(&mut self) -> Result<Pulse, PulseRefusal> {
        find_pulse(self.samples())
    }
}

/// The pulse over all samples, by POS; CHROM must agree. Oldest first, at rising times.
pub fn find_pulse(samples: &[SkinSample]) -> Result<Pulse, PulseRefusal> {
    let trace = usable(samples)?;
    let pos = measured(samples, &trace, PulseMethod::Pos)?;
    let chrom = strongest(&trace, PulseMethod::Chrom)?;
    check_motion_alike(samples, pos.bpm)?;
    check_light_alike(samples, &trace, pos.bpm)?;
    if pos.snr_db < MIN_SNR_DB {
        return Err(PulseRefusal::Weak { snr_db: pos.snr_db, min: MIN_SNR_DB });
    }
    if (pos.bpm - chrom.bpm).abs() > MAX_APART_BPM {
        return Err(PulseRefusal::Disagree { pos: pos.bpm, chrom: chrom.bpm });
    }
    if pos.within_bpm > MAX_WITHIN_BPM {
        return Err(PulseRefusal::Uncertain { within: pos.within_bpm, max: MAX_WITHIN_BPM });
    }
    Ok(pos)
}

/// The strongest rate that one method sees, however weak it is.
pub fn find_rate(samples: &[SkinSample], method: PulseMethod) -> Result<Pulse, PulseRefusal> {
    measured(samples, &Trace::of(samples, |it| it.rgb)?, method)
}

fn measured(
    samples: &[SkinSample],
    trace: &Trace,
    method: PulseMethod,
) -> Result<Pulse, PulseRefusal> {
    let Peak { bpm, snr_db } = strongest(trace, method)?;
    let (first, last) = ends(samples);
    Ok(Pulse {
        at: last,
        bpm,
        within_bpm: within(&method.wave(trace), bpm, snr_db),
        snr_db,
        window: last.since(first),
        method,
    })
}

fn strongest(trace: &Trace, method: PulseMethod) -> Result<Peak, PulseRefusal> {
    let weak = PulseRefusal::Weak { snr_db: f64::NEG_INFINITY, min: MIN_SNR_DB };
    peak(&method.wave(trace), None).ok_or(weak)
}

/// Half the width of the interval of 19 in 20: twice what the rates of three overlapping halves
/// spread, and what noise does to the place of a peak; factors are fitted on the made videos.
fn within(wave: &[f64], bpm: f64, snr_db: f64) -> f64 {
    let half = wave.len() / 2;
    let starts = [0, half / 2, wave.len() - half];
    let parts = starts.map(|start| {
        peak(&wave[start..start + half], Some((bpm, PART_REACH_BPM))).map_or(0.0, |it| it.bpm - bpm)
    });
    let spread = (parts.iter().map(|off| off * off).sum::<f64>() / 3.0).sqrt();
    let window_s = count(wave.len()) / HZ;
    let noise = 60.0 / window_s * 10_f64.powf(-snr_db / 20.0);
    (spread + 0.5 * noise).max(0.5)
}

/// Checks light, skin, motion and timing, the most telling first.
fn usable(samples: &[SkinSample]) -> Result<Trace, PulseRefusal> {
    let (first, last) = ends(samples);
    let secs = last.since(first).as_secs_f64();
    if secs < MIN_WINDOW_S {
        return Err(PulseRefusal::TooShort { secs, min: MIN_WINDOW_S });
    }
    let fps = (count(samples.len()) - 1.0) / secs;
    if fps < MIN_FPS {
        return Err(PulseRefusal::TooFewPictures { fps, min: MIN_FPS });
    }
    check_light(samples)?;
    check_skin(samples)?;
    let trace = Trace::of(samples, |it| it.rgb)?;
    let stir = mean(&samples.iter().filter_map(|it| it.stir).collect::<Vec<_>>());
    if stir > MAX_STIR {
        return Err(PulseRefusal::Motion { stir, max: MAX_STIR });
    }
    Ok(trace)
}

/// A head that nods at the rate of the pulse, or at half of it, may be all that there is.
fn check_motion_alike(samples: &[SkinSample], pulse_bpm: f64) -> Result<(), PulseRefusal> {
    let centres = Trace::of(samples, |it| it.centre.map(|[x, y]| [x, y, 0.0]))?;
    for sway in centres.rgb[..2].iter().map(|it| band_pass(it)) {
        let Some(Peak { bpm, .. }) = peak(&sway, None) else { continue };
        // The strongest at the band's edge is a slower sway that shines through.
        if bpm < BAND_HZ[0] * 60.0 + 2.0 {
            continue;
        }
        let is_alike = is_same(bpm, pulse_bpm) || is_same(2.0 * bpm, pulse_bpm);
        if is_alike && deviation(&sway) > MAX_SWAY_CELLS {
            return Err(PulseRefusal::MovesAlike { bpm });
        }
    }
    Ok(())
}

/// A wall has no pulse: what it does as the skin does comes from the light.
fn check_light_alike(
    samples: &[SkinSample],
    skin: &Trace,
    pulse_bpm: f64,
) -> Result<(), PulseRefusal> {
    let Ok(around) = Trace::of(samples, |it| it.around) else { return Ok(()) };
    let [around, skin] = [&around, skin].map(|it| PulseMethod::Pos.wave(it));
    let Some(Peak { bpm, .. }) = peak(&around, None) else { return Ok(()) };
    if is_same(bpm, pulse_bpm) && deviation(&around) > MAX_AROUND * deviation(&skin) {
        return Err(PulseRefusal::LightAlike { bpm });
    }
    Ok(())
}

fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() < SAME_BPM
}

fn check_skin(samples: &[SkinSample]) -> Result<(), PulseRefusal> {
    let share = mean(&samples.iter().map(|it| it.skin_share).collect::<Vec<_>>());
    if share < MIN_SKIN_SHARE {
        return Err(PulseRefusal::NoSkin { share, min: MIN_SKIN_SHARE });
    }
    Ok(())
}

/// When the first and the last picture were taken.
pub(crate) fn ends(samples: &[SkinSample]) -> (Timestamp, Timestamp) {
    let at = |it: Option<&SkinSample>| it.map(|it| it.at).unwrap_or_default();
    (at(samples.first()), at(samples.last()))
}
