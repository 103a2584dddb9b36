//! The light on a face.

use std::f64::consts::TAU;

use super::encoded;

/// The frequency of the mains that lamps flicker by, at twice its rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mains {
    /// Lamps flicker 100 times a second.
    Hz50,
    /// Lamps flicker 120 times a second.
    Hz60,
}

/// Light and its changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Light {
    /// How bright it is, 1 for a well-lit room.
    pub level: f64,
    /// What its lamps flicker by, and the share by which they do as the camera sees it.
    pub flicker: Option<(Mains, f64)>,
    /// The share by which the exposure wanders, over some twenty seconds.
    pub drift: f64,
    /// The share by which it is redder from the left and bluer from the right.
    pub tint: f64,
    /// How often a blue beacon flashes, a second.
    pub beacon_hz: Option<f64>,
}

/// The time between the first and the last row of a picture.
const READ_OUT_S: f64 = 0.01;
/// What a beacon's flash adds to red, green and blue light.
const BEACON: [f64; 3] = [0.003, 0.01, 0.03];
const DRIFT_HZ: f64 = 0.047;

impl Light {
    /// A well-lit room by day.
    pub const DAY: Self =
        Self { level: 1.0, flicker: None, drift: 0.0, tint: 0.0, beacon_hz: None };

    /// The factors on red, green and blue of the beacon's flash.
    pub(super) fn flash(&self, at_s: f64) -> [f32; 3] {
        let wave = self.beacon_hz.map_or(0.0, |hz| (TAU * hz * at_s).sin().max(0.0));
        BEACON.map(|share| encoded(1.0 + share * wave.powi(4)))
    }

    /// The factors on red, green and blue in a column.
    #[expect(clippy::cast_precision_loss, reason = "columns of a picture")]
    pub(super) fn tints(&self, column: usize, n_columns: usize) -> [f32; 3] {
        let side = self.tint * (1.0 - 2.0 * column as f64 / n_columns as f64);
        [1.0 + side, 1.0, 1.0 - side].map(encoded)
    }

    /// The factor on what the camera encodes in a row.
    #[expect(clippy::cast_precision_loss, reason = "rows of a picture")]
    pub(super) fn gain(&self, at_s: f64, row: usize, n_rows: usize) -> f32 {
        let row_s = at_s + READ_OUT_S * row as f64 / n_rows as f64;
        let flicker = self.flicker.map_or(0.0, |(mains, depth)| {
            let hz = match mains {
                Mains::Hz50 => 100.0,
                Mains::Hz60 => 120.0,
            };
            depth * (TAU * hz * row_s).sin()
        });
        let drift = self.drift * (TAU * DRIFT_HZ * at_s).sin();
        encoded(self.level * (1.0 + flicker) * (1.0 + drift))
    }
}
