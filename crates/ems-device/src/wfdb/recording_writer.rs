//! Writes leads as a WFDB recording: header(5) and signal(5), format 16.

use std::fmt::Write as _;

/// Format 16's number for a missing sample.
const MISSING: i16 = i16::MIN;

/// A name that no WFDB record can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("record name \"{name}\" is not of letters, digits, - and _: choose another")]
pub struct RecordNameError {
    /// The name.
    pub name: String,
}

/// Gives the text of `name.hea` and the bytes of `name.dat`.
///
/// `leads`: names and microvolts, NaN for a missing sample; those of shorter leads are missing at
/// the
/// end. A unit is 1 uV; what is beyond 32.767 mV is written as that.
pub fn encode_leads(
    name: &str,
    hz: u32,
    leads: &[(&str, &[f32])],
) -> Result<(String, Vec<u8>), RecordNameError> {
    let is_named = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_';
    if name.is_empty() || !name.chars().all(is_named) {
        return Err(RecordNameError { name: name.to_owned() });
    }
    let n_samples = leads.iter().map(|(_, samples)| samples.len()).max().unwrap_or(0);
    let mut header = format!("{name} {} {hz} {n_samples}\n", leads.len());
    for (lead, samples) in leads {
        let (first, sum) =
            (samples.first().map_or(MISSING, |&it| unit(it)), checksum(samples, n_samples));
        let _ = writeln!(header, "{name}.dat 16 1000/mV 16 0 {first} {sum} 0 {lead}");
    }
    let sample = |at: usize| leads.iter().map(move |(_, samples)| samples.get(at));
    let units = (0..n_samples).flat_map(sample).map(|it| it.map_or(MISSING, |&it| unit(it)));
    Ok((header, units.flat_map(i16::to_le_bytes).collect()))
}

fn checksum(samples: &[f32], n_samples: usize) -> i16 {
    let units = samples.iter().map(|&it| unit(it));
    units.chain(std::iter::repeat(MISSING)).take(n_samples).fold(0, i16::wrapping_add)
}

#[expect(clippy::cast_possible_truncation, reason = "held to 16 bits")]
fn unit(microvolts: f32) -> i16 {
    let most = f32::from(i16::MAX);
    if microvolts.is_nan() { MISSING } else { microvolts.round().clamp(-most, most) as i16 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wfdb::{Header, Recording};

    #[test]
    fn what_is_written_is_read() {
        let (one, two) = ([0.0, -1.4, f32::NAN, 40_000.0], [7.6, 32_767.0]);
        let (header, bytes) = encode_leads("100c", 360, &[("MLII", &one), ("V5", &two)]).unwrap();
        let header = Header::parse(header.as_bytes()).unwrap();
        let (read, complaints) = Recording::decode(&header, &[("100c.dat", &bytes)]).unwrap();
        assert!(complaints.is_empty(), "{complaints:?}");
        let leads: Vec<_> = read.signals.iter().map(|it| it.microvolts().unwrap()).collect();
        let shown = |lead: &[f32]| format!("{lead:?}");
        assert_eq!(shown(&leads[0]), "[0.0, -1.0, NaN, 32767.0]");
        assert_eq!(shown(&leads[1]), "[8.0, 32767.0, NaN, NaN]");
        assert!(encode_leads("../100", 360, &[]).is_err());
    }
}
