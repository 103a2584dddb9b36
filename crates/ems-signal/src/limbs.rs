//! The limb leads that follow from I and II: the same four electrodes made all six (Einthoven,
//! Goldberger).

use crate::gaps::Cleaned;
use crate::lanes::Lanes;
use crate::quality::Quality;

/// How much of I and of II is in III, aVR, aVL and aVF.
const OF_I: [f32; 4] = [-1.0, -0.5, 1.0, -0.5];
const OF_II: [f32; 4] = [1.0, -0.5, -0.5, 1.0];

impl<const QUADS: usize> Cleaned<QUADS> {
    /// III, aVR, aVL and aVF, from I and II at these places.
    ///
    /// Where one of the two was bridged, so is what follows from it; where one is missing, it is
    /// missing.
    #[inline]
    pub fn limbs(&self, [one, two]: [usize; 2]) -> Cleaned<1> {
        let mix =
            |of: Lanes<QUADS>| Lanes::of(&OF_I) * of.lead(one) + Lanes::of(&OF_II) * of.lead(two);
        let sd = self.sd;
        let is_measured = sd.lead(one) == 0.0 && sd.lead(two) == 0.0;
        let sd = if is_measured { Lanes::splat(0.0) } else { joined(sd.lead(one), sd.lead(two)) };
        Cleaned { microvolts: mix(self.microvolts), sd }
    }
}

/// Deviations of what is added, each by itself.
fn joined(one: f32, two: f32) -> Lanes<1> {
    let each: [f32; 4] = std::array::from_fn(|limb| (OF_I[limb] * one).hypot(OF_II[limb] * two));
    Lanes::of(&each)
}

impl Quality {
    /// III, aVR, aVL and aVF, from I and II of the same second: as good as the worse of the two,
    /// and with as much noise as there can be.
    pub fn limbs([one, two]: [Self; 2]) -> [Self; 4] {
        std::array::from_fn(|limb| Self {
            until_sample: one.until_sample,
            state: one.state.max(two.state),
            noise_microvolts: OF_I[limb].abs() * one.noise_microvolts
                + OF_II[limb].abs() * two.noise_microvolts,
            index: one.index.min(two.index),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gaps::Sample;
    use crate::quality::LeadState;

    fn cleaned(microvolts: [f32; 2], sd: [f32; 2]) -> Cleaned<1> {
        Cleaned { microvolts: Lanes::of(&microvolts), sd: Lanes::of(&sd) }
    }

    #[test]
    fn limb_leads_are_those_of_the_two_triangles() {
        let limbs = cleaned([400.0, 1000.0], [0.0; 2]).limbs([0, 1]);
        let limbs = [0, 1, 2, 3].map(|at| limbs.lead(at));
        assert_eq!(limbs, [600.0, -700.0, -100.0, 800.0].map(Sample::Measured));
    }

    #[test]
    fn a_bridge_in_one_of_both_is_a_bridge_and_a_hole_a_hole() {
        let limbs = cleaned([400.0, 1000.0], [30.0, 40.0]).limbs([0, 1]);
        assert_eq!(limbs.lead(0), Sample::Bridged { microvolts: 600.0, sd_microvolts: 50.0 });
        assert_eq!(limbs.lead(1), Sample::Bridged { microvolts: -700.0, sd_microvolts: 25.0 });
        let holed = cleaned([f32::NAN, 1000.0], [f32::NAN, 0.0]).limbs([0, 1]);
        assert!((0..4).all(|limb| holed.lead(limb) == Sample::Missing));
    }

    #[test]
    fn a_second_is_as_good_as_the_worse_of_both() {
        let of = |state, noise_microvolts, index| Quality {
            until_sample: 500,
            state,
            noise_microvolts,
            index,
        };
        let [third, right, ..] =
            Quality::limbs([of(LeadState::Good, 20.0, 0.9), of(LeadState::Noisy, 400.0, 0.4)]);
        assert_eq!(third, of(LeadState::Noisy, 420.0, 0.4));
        assert_eq!(right, of(LeadState::Noisy, 210.0, 0.4));
    }
}
