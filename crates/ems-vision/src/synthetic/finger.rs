//! A finger whose nail is pressed and let go.

use super::encoded;
use super::face::{BLOOD, SkinTone};

/// A nail that another finger presses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Finger {
    /// Its skin.
    pub tone: SkinTone,
    /// When it is pressed and released, in seconds.
    pub pressed_s: [f64; 2],
    /// Seconds from the release to 90 % of its colour.
    pub refill_s: f64,
}

/// How much darker its blood makes a nail in green light, as an absorbance (Beer and Lambert).
const NAIL_BLOOD: f64 = 0.3;
/// How long the pressing finger takes to leave the picture.
const LEAVE_S: f64 = 0.12;

impl Finger {
    /// How much of its blood the nail has, 0 to 1.
    fn blood(&self, at_s: f64) -> f64 {
        let [from, to] = self.pressed_s;
        if at_s < from {
            return 1.0;
        }
        if at_s < to {
            return 0.0;
        }
        1.0 - (-(at_s - to) * 10_f64.ln() / self.refill_s).exp()
    }

    pub(super) fn view(&self, at_s: f64, size: [usize; 2]) -> FingerView {
        let skin = self.tone.skin().rgb;
        let missing = 1.0 - self.blood(at_s);
        let nail =
            [0, 1, 2].map(|idx| skin[idx] * encoded((NAIL_BLOOD * BLOOD[idx] * missing).exp()));
        FingerView { nail, presser: skin, covered: self.covered(at_s, size[1]) }
    }

    /// Rows that the pressing finger covers.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "rows of a small picture"
    )]
    fn covered(&self, at_s: f64, n_rows: usize) -> usize {
        let [from, to] = self.pressed_s;
        let left = ((at_s - to) / LEAVE_S).clamp(0.0, 1.0);
        let share = if at_s < from { 0.0 } else { 0.6 * (1.0 - left) };
        (share * n_rows as f64) as usize
    }
}

/// A nail at a moment.
pub(super) struct FingerView {
    nail: [f32; 3],
    presser: [f32; 3],
    covered: usize,
}

impl FingerView {
    pub(super) fn colour(&self, y: usize) -> [f32; 3] {
        if y < self.covered { self.presser.map(|it| 0.95 * it) } else { self.nail }
    }
}
