//! Whether there is enough light, and not too much.

use crate::methods::mean;
use crate::skin::{SkinSample, luma};

const LUMA: [f64; 2] = [30.0, 235.0];
const MAX_CLIPPED: f64 = 0.15;

/// What is wrong with the light.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum LightRefusal {
    /// The skin is too dark to see it change.
    #[error("the skin's brightness is {luma:.0} of 255, below {min}: more light")]
    TooDark {
        /// Brightness, 0 to 255.
        luma: f64,
        /// The limit.
        min: f64,
    },
    /// The skin is too bright.
    #[error("the skin's brightness is {luma:.0} of 255, above {max}: less light")]
    TooBright {
        /// Brightness, 0 to 255.
        luma: f64,
        /// The limit.
        max: f64,
    },
    /// Highlights are cut off.
    #[error("{share:.2} of the pixels are clipped, above {max}: less light, or from the side")]
    Clipped {
        /// The share of the region's pixels.
        share: f64,
        /// The limit.
        max: f64,
    },
}

/// Judges the mean of all pictures.
pub(crate) fn check_light(samples: &[SkinSample]) -> Result<(), LightRefusal> {
    let share = mean(&samples.iter().map(|it| it.clipped).collect::<Vec<_>>());
    if share > MAX_CLIPPED {
        return Err(LightRefusal::Clipped { share, max: MAX_CLIPPED });
    }
    let lumas: Vec<f64> = samples.iter().map(|it| luma(it.rgb.unwrap_or(it.whole))).collect();
    let [min, max] = LUMA;
    match mean(&lumas) {
        luma if luma < min => Err(LightRefusal::TooDark { luma, min }),
        luma if luma > max => Err(LightRefusal::TooBright { luma, max }),
        _ => Ok(()),
    }
}
