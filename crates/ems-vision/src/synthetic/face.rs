//! A face with a pulse.

use std::f64::consts::TAU;

use super::encoded;

/// The Fitzpatrick phototype of a skin, from light to dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SkinTone {
    /// Very light.
    I,
    /// Light.
    II,
    /// Medium light.
    III,
    /// Medium.
    IV,
    /// Brown.
    V,
    /// Very dark.
    VI,
}

/// A face and what it does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// Its skin.
    pub tone: SkinTone,
    /// Beats a minute.
    pub bpm: f64,
    /// How far the head sways to each side, as a share of the picture's height.
    pub sway: f64,
    /// How often it sways, a second.
    pub sway_hz: f64,
    /// How strong the pulse is, 1 for a healthy one.
    pub perfusion: f64,
}

/// The colour and pulse of a tone.
pub(super) struct Skin {
    /// As a camera encodes it in good light.
    pub(super) rgb: [f32; 3],
    /// The pulse's share of green light.
    pulse: f64,
}

/// What the pulse takes from red, green and blue light, relative to green (after the blood volume
/// vector of G. de Haan and A. van Leest 2014, 0.33 0.77 0.53; from memory, unverified).
pub(super) const BLOOD: [f64; 3] = [0.43, 1.0, 0.69];
/// Breathing makes the pulse come early and late by this part of a beat.
const SINUS_ARRHYTHMIA: f64 = 0.15;
const BREATH_HZ: f64 = 0.25;
/// A head that sways turns: the light on it changes by this much at a sway of 1.
const SHADING: f64 = 0.6;
/// Its shine changes, too, in the colour of the light.
const SHINE: f64 = 0.25;

impl SkinTone {
    /// From light to dark.
    pub const ALL: [Self; 6] = [Self::I, Self::II, Self::III, Self::IV, Self::V, Self::VI];

    pub(super) fn skin(self) -> Skin {
        let (rgb, pulse) = match self {
            Self::I => ([228.0, 194.0, 174.0], 0.012),
            Self::II => ([218.0, 178.0, 154.0], 0.011),
            Self::III => ([198.0, 152.0, 124.0], 0.009),
            Self::IV => ([168.0, 120.0, 92.0], 0.0065),
            Self::V => ([122.0, 82.0, 62.0], 0.004),
            Self::VI => ([82.0, 55.0, 43.0], 0.0025),
        };
        Skin { rgb, pulse }
    }
}

impl Face {
    /// A still face.
    pub fn still(tone: SkinTone, bpm: f64) -> Self {
        Self { tone, bpm, sway: 0.0, sway_hz: 0.4, perfusion: 1.0 }
    }

    /// The pulse wave, -1 to 1 or so: a fundamental, its double, and breath that hurries it.
    fn pulse(&self, at_s: f64) -> f64 {
        let breath = SINUS_ARRHYTHMIA * (TAU * BREATH_HZ * at_s).sin();
        let phase = TAU * self.bpm / 60.0 * at_s + breath;
        phase.sin() + 0.3 * (2.0 * phase + 0.9).sin()
    }

    fn offset(&self, at_s: f64) -> [f64; 2] {
        let angle = TAU * self.sway_hz * at_s;
        [self.sway * angle.sin(), 0.5 * self.sway * (1.7 * angle + 1.0).sin()]
    }

    pub(super) fn view(&self, at_s: f64, size: [usize; 2]) -> FaceView {
        let Skin { rgb, pulse } = self.tone.skin();
        let beat = self.pulse(at_s) * pulse * self.perfusion;
        let [across, down] = self.offset(at_s);
        let skin = [0, 1, 2].map(|idx| {
            let shine = SHINE * across * f64::from(120.0 / rgb[idx]);
            // More blood takes more light away.
            let light = (1.0 - BLOOD[idx] * beat) * (1.0 + SHADING * across + shine);
            rgb[idx] * encoded(light)
        });
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "pixels")]
        let [width, height, across, down] =
            [size[0] as f32, size[1] as f32, across as f32, down as f32];
        FaceView {
            skin,
            centre: [width / 2.0 + across * height, height / 2.0 + down * height],
            radii: [0.3 * height, 0.42 * height],
        }
    }
}

/// A face at a moment, in pixels.
pub(super) struct FaceView {
    skin: [f32; 3],
    centre: [f32; 2],
    radii: [f32; 2],
}

const WALL: [f32; 3] = [150.0, 152.0, 155.0];
const EYES: [f32; 3] = [60.0, 52.0, 50.0];

impl FaceView {
    #[expect(clippy::cast_precision_loss, reason = "pixels of a small picture")]
    pub(super) fn colour(&self, x: usize, y: usize) -> [f32; 3] {
        let across = (x as f32 + 0.5 - self.centre[0]) / self.radii[0];
        let down = (y as f32 + 0.5 - self.centre[1]) / self.radii[1];
        let from_centre = across.hypot(down);
        // The edge is as soft as a lens makes it.
        let share = ((1.0 - from_centre) * self.radii[0] + 0.5).clamp(0.0, 1.0);
        let wall = wall(x, y);
        let round = 1.0 - 0.12 * from_centre * from_centre;
        let flesh = if is_eye(across, down) { EYES } else { self.skin.map(|it| it * round) };
        [0, 1, 2].map(|idx| share * flesh[idx] + (1.0 - share) * wall[idx])
    }
}

fn is_eye(across: f32, down: f32) -> bool {
    (across.abs() - 0.4).hypot(1.4 * (down + 0.2)) < 0.13
}

/// A wall with a pattern that motion uncovers.
fn wall(x: usize, y: usize) -> [f32; 3] {
    let shade = if (x / 16 + y / 16).is_multiple_of(2) { 1.0 } else { 0.9 };
    WALL.map(|value| value * shade)
}
