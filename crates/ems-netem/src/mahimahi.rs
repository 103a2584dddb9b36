//! Traces of Mahimahi: the milliseconds in which a packet may leave.

use ems_model::Micros;

use crate::steps::Steps;

/// The bytes that one line lets pass (Netravali et al., Mahimahi, USENIX ATC 2015).
pub const OPPORTUNITY_BYTES: u64 = 1504;
/// The latest millisecond of a file: a day.
const MS_MAX: u64 = 86_400_000;

/// A trace that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MahimahiError {
    /// A line is not a time that fits.
    #[error(
        "line {line}: \"{value}\" is not a whole count of ms up to {MS_MAX}, rising: correct it"
    )]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What stands there, shortened.
        value: String,
    },
    /// It says nothing.
    #[error("the trace has no line: give the ms of each packet, one a line")]
    Empty,
}

/// Reads a trace as a rate by the millisecond, in bits a second; 0 after its last line. Blank lines
/// do not count.
pub fn mahimahi(text: &str) -> Result<Steps<u64>, MahimahiError> {
    let mut steps: Vec<(Micros, u64)> = vec![(Micros::ZERO, 0)];
    let mut last = 0;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    for (idx, value) in lines {
        let ms = value.trim().parse().ok().filter(|ms| (last..=MS_MAX).contains(ms));
        last = ms.ok_or_else(|| MahimahiError::Line {
            line: idx + 1,
            value: value.chars().take(40).collect(),
        })?;
        allow(&mut steps, Micros::from_millis(i64::try_from(last).expect("at most a day")));
    }
    // The first step is the start, before any line.
    if steps == [(Micros::ZERO, 0)] {
        return Err(MahimahiError::Empty);
    }
    Ok(Steps::new(steps).expect("milliseconds rise from 0"))
}

/// Lets one more packet pass in the millisecond that begins at `at`.
fn allow(steps: &mut Vec<(Micros, u64)>, at: Micros) {
    let bps = OPPORTUNITY_BYTES * 8 * 1000;
    // The last step is the silence after the last millisecond that lets packets pass.
    if let [.., last, _silence] = steps.as_mut_slice()
        && last.0 == at
    {
        last.1 += bps;
        return;
    }
    steps.pop_if(|silence| silence.0 == at);
    steps.extend([(at, bps), (at + Micros::from_millis(1), 0)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_lets_a_packet_pass_in_its_millisecond() {
        let steps = mahimahi("0\n0\n1\n\n5\n").unwrap();
        let kbits: Vec<_> =
            (0..8).map(|ms| steps.at(Micros::from_millis(ms)) / 1_000_000).collect();
        assert_eq!(kbits, [24, 12, 0, 0, 0, 12, 0, 0]);
    }

    #[test]
    fn what_goes_back_or_is_no_number_is_named() {
        for text in ["5\n3\n", "x", "86400001", "-1"] {
            assert!(matches!(mahimahi(text), Err(MahimahiError::Line { .. })), "{text}");
        }
        assert_eq!(mahimahi("\n"), Err(MahimahiError::Empty));
    }
}
