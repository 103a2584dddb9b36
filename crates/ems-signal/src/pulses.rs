//! Finds the pulses of a pressure or plethysmogram wave.
//!
//! A pulse is where the wave rises most within 128 ms: the slope sum of Zong et al. (Comput Cardiol
//! 2003;30:259-262), with a threshold that follows the last pulses. It judges no quality: who reads
//! it asks whether pulses come steadily.

/// The wave's rise is summed over this.
const SUM_S: f64 = 0.128;
/// Two pulses are this far apart at least.
const APART_S: f64 = 0.3;
/// The threshold is this share of the middle of the last seconds' steepest rises.
const SHARE: f64 = 0.5;
/// Seconds whose steepest rises make the threshold.
const SECONDS: usize = 8;

/// When pulses rise, in seconds from the first sample. `samples`: one channel in any unit, `hz` a
/// second, oldest first, NaN where missing. Cost: the samples.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a recording has fewer samples than an f64 counts"
)]
pub fn find_pulses(samples: &[f64], hz: f64) -> Vec<f64> {
    if !(10.0..=2000.0).contains(&hz) {
        return Vec::new();
    }
    let rises = slope_sums(samples, (SUM_S * hz).round().max(1.0) as usize);
    let (second, apart) = (hz.round() as usize, (APART_S * hz) as usize);
    let steepest: Vec<f64> =
        rises.chunks(second).map(|chunk| chunk.iter().copied().fold(0.0, f64::max)).collect();
    let mut pulses: Vec<usize> = Vec::new();
    for (idx, rise) in rises.iter().enumerate() {
        let chunk = idx / second;
        let from = (chunk + 1).saturating_sub(SECONDS);
        if *rise <= SHARE * middle(&steepest[from..=chunk]) || *rise <= 0.0 {
            continue;
        }
        match pulses.last_mut() {
            Some(last) if idx - *last < apart => {
                if *rise > rises[*last] {
                    *last = idx;
                }
            }
            _ => pulses.push(idx),
        }
    }
    pulses.into_iter().map(|idx| idx as f64 / hz).collect()
}

/// The sum of what the wave rose over the last `len` samples, at each.
fn slope_sums(samples: &[f64], len: usize) -> Vec<f64> {
    let steps: Vec<f64> = samples
        .windows(2)
        .map(|pair| (pair[1] - pair[0]).max(0.0))
        .map(|step| if step.is_finite() { step } else { 0.0 })
        .collect();
    let mut sum = 0.0;
    (0..steps.len())
        .map(|idx| {
            sum += steps[idx] - if idx >= len { steps[idx - len] } else { 0.0 };
            sum
        })
        .collect()
}

fn middle(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a minute of a wave that rises in 150 ms and falls over the rest, `rate` a minute.
    fn wave(rate: f64, hz: u32) -> Vec<f64> {
        let every = 60.0 / rate;
        let at = |idx: u32| {
            let phase = (f64::from(idx) / f64::from(hz)) % every;
            if phase < 0.15 { phase / 0.15 } else { (-(phase - 0.15) / 0.3).exp() }
        };
        (0..30 * hz).map(at).collect()
    }

    #[test]
    fn each_pulse_of_a_clean_wave_is_found_once() {
        for (rate, hz) in [(40.0, 125), (70.0, 250), (150.0, 125)] {
            let pulses = find_pulses(&wave(rate, hz), f64::from(hz));
            let expected = rate / 2.0;
            let n = f64::from(u32::try_from(pulses.len()).unwrap());
            assert!((n - expected).abs() <= 1.0, "{rate}/min at {hz} Hz: {n} of {expected}");
            for pair in pulses.windows(2) {
                assert!((pair[1] - pair[0] - 60.0 / rate).abs() < 0.05, "{rate}: {pair:?}");
            }
        }
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert!(find_pulses(&[], 125.0).is_empty());
        assert!(find_pulses(&[f64::NAN; 1000], 125.0).is_empty());
        assert!(find_pulses(&[1.0; 1000], 125.0).is_empty());
        assert!(find_pulses(&[0.0, 1.0], 0.0).is_empty());
    }
}
