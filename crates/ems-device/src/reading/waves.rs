//! Pieces of waves among the readings of any device, as what a monitor shows.

use ems_model::Timestamp;

use super::{Moment, Reading, Value};
use crate::complaint::Complaint;
use crate::fault::Fault;
use crate::feed::{
    CLOCK_MICROS, EcgChunk, MAX_CHUNK_SAMPLES, WaveKind, WavePiece, without_extremes,
};

/// A piece of a wave of the patient.
#[derive(Debug, Clone, PartialEq)]
pub enum Wave {
    /// Of an ECG lead.
    Ecg(EcgChunk),
    /// Of another channel.
    Other(WavePiece),
}

/// What a channel of a device shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Channel {
    Lead(&'static str),
    Other(WaveKind, &'static str),
}

/// Electric potentials of leads follow one of these, in IEEE 11073-10101 and in IHE's mapping of
/// it.
const LEAD_PREFIXES: [&str; 2] = ["MDC_ECG_ELEC_POTL_", "MDC_ECG_LEAD_"];
const LEADS: [&str; 13] =
    ["I", "II", "III", "aVR", "aVL", "aVF", "V", "V1", "V2", "V3", "V4", "V5", "V6"];
const OTHERS: [(&str, Channel); 6] = [
    ("MDC_PULS_OXIM_PLETH", Channel::Other(WaveKind::Pleth, "PLETH")),
    ("MDC_PRESS_BLD_ART", Channel::Other(WaveKind::ArterialPressure, "ART")),
    ("MDC_PRESS_BLD_ART_ABP", Channel::Other(WaveKind::ArterialPressure, "ABP")),
    ("MDC_IMPED_TTHOR", Channel::Other(WaveKind::Respiration, "RESP")),
    ("MDC_AWAY_CO2", Channel::Other(WaveKind::Co2, "CO2")),
    ("MDC_CONC_AWAY_CO2", Channel::Other(WaveKind::Co2, "CO2")),
];
/// Samples a second of an ECG and of another wave.
const ECG_HZ: std::ops::RangeInclusive<f64> = 1.0..=2000.0;
const WAVE_HZ: std::ops::RangeInclusive<f64> = 10.0..=2000.0;
/// How far from a whole number a rate may be that is known from the times of samples.
const HZ_TOLERANCE: f64 = 0.001;

/// Whether a name, or its part after the last `/` or `:`, is a wave's that is shown.
pub(crate) fn is_wave(name: &str) -> bool {
    channel(name).is_some()
}

/// The waves among readings, by channel as it is named in IEEE 11073-10101; what has no time on the
/// shared timeline ended `now`. Other readings are passed over; a wave that is not known, a unit
/// that it does not have and a rate that is not whole are complained about.
pub fn waves_of(readings: &[Reading], now: Timestamp) -> (Vec<Wave>, Vec<Complaint>) {
    let (mut waves, mut complaints) = (vec![], vec![]);
    for reading in readings {
        let Value::Samples { hz, values } = &reading.value else { continue };
        match wave(reading, *hz, values, now) {
            Ok((wave, more)) => {
                waves.push(wave);
                complaints.extend(more);
            }
            Err(fault) => complaints.push(fault.into()),
        }
    }
    (waves, complaints)
}

fn wave(
    reading: &Reading,
    hz: f64,
    values: &[f32],
    now: Timestamp,
) -> Result<(Wave, Option<Complaint>), Fault> {
    let name = &reading.metric.name;
    let channel = channel(name).ok_or_else(|| {
        let expected = "an ECG lead, pleth, arterial pressure, impedance or CO2";
        Fault::new("wave", name, expected, "switch it off in the device")
    })?;
    let range = if matches!(channel, Channel::Lead(_)) { ECG_HZ } else { WAVE_HZ };
    let hz = whole_hz(name, hz, range)?;
    if !(1..=MAX_CHUNK_SAMPLES).contains(&values.len()) {
        let found = format!("{} samples long", values.len());
        return Err(Fault::new(name, found, "1 to 20000 samples long", "send shorter pieces"));
    }
    let factor = factor(channel, reading)?;
    let samples: Vec<f32> = values.iter().map(|value| value * factor).collect();
    let at = start(reading, samples.len(), hz, now)?;
    Ok(match channel {
        Channel::Lead(lead) => {
            let lead = lead.to_owned();
            let (microvolts, n_samples) = without_extremes(samples);
            let is_wrong = n_samples > 0;
            let wrong =
                is_wrong.then(|| Complaint::SamplesOutOfRange { lead: lead.clone(), n_samples });
            (Wave::Ecg(EcgChunk { at, lead, hz, microvolts }), wrong)
        }
        Channel::Other(kind, channel) => {
            (Wave::Other(WavePiece { at, channel: channel.to_owned(), kind, hz, samples }), None)
        }
    })
}

fn channel(name: &str) -> Option<Channel> {
    let last = name.rsplit(['/', ':']).next()?;
    let lead = LEAD_PREFIXES.iter().find_map(|prefix| last.strip_prefix(prefix));
    if let Some(lead) = lead {
        return LEADS.iter().find(|it| it.eq_ignore_ascii_case(lead)).map(|it| Channel::Lead(it));
    }
    OTHERS.iter().find(|(known, _)| *known == last).map(|(_, channel)| *channel)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 2000")]
fn whole_hz(name: &str, hz: f64, range: std::ops::RangeInclusive<f64>) -> Result<u32, Fault> {
    let whole = hz.round();
    if range.contains(&whole) && (hz - whole).abs() <= HZ_TOLERANCE * whole {
        return Ok(whole as u32);
    }
    let expected = format!("a whole number from {} to {}", range.start(), range.end());
    Err(Fault::new(format!("rate of {name}"), hz, expected, "set the rate in the device"))
}

/// What samples are multiplied by to be in the unit of their kind.
fn factor(channel: Channel, reading: &Reading) -> Result<f32, Fault> {
    let unit = reading.unit.as_deref().unwrap_or("missing");
    let (factor, expected) = match channel {
        Channel::Lead(_) => (micro_volts(unit), "mV, uV or V"),
        Channel::Other(WaveKind::ArterialPressure | WaveKind::Co2, _) => {
            (mmhg(unit), "mm[Hg], kPa or Pa")
        }
        Channel::Other(..) => (Some(1.0), ""),
    };
    factor.ok_or_else(|| {
        let place = format!("unit of {}", reading.metric.name);
        Fault::new(place, unit, expected, "set the unit in the device")
    })
}

fn micro_volts(unit: &str) -> Option<f32> {
    match unit {
        "uV" => Some(1.0),
        "mV" => Some(1e3),
        "V" => Some(1e6),
        _ => None,
    }
}

/// 1 mmHg is 133.322 Pa (NIST SP 811, appendix B.8).
fn mmhg(unit: &str) -> Option<f32> {
    match unit {
        "mm[Hg]" | "mmHg" => Some(1.0),
        "kPa" => Some(1.0 / 0.133_322),
        "Pa" => Some(1.0 / 133.322),
        _ => None,
    }
}

/// When the first sample was taken.
fn start(reading: &Reading, n_samples: usize, hz: u32, now: Timestamp) -> Result<Timestamp, Fault> {
    if let Some(told @ Moment::Utc(at)) = reading.at {
        return CLOCK_MICROS.contains(&at.as_micros()).then_some(at).ok_or_else(|| {
            let place = format!("time of {}", reading.metric.name);
            Fault::new(place, told, "within the years 2000 to 2199", "set the device's clock")
        });
    }
    let span_us = i64::try_from(n_samples).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    Ok(Timestamp::from_micros(now.as_micros() - span_us / i64::from(hz)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::{Metric, Source};

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn reading(name: &str, unit: Option<&str>, hz: f64, values: Vec<f32>) -> Reading {
        let source = Source { protocol: "test", device: None, place: String::new() };
        let unit = unit.map(str::to_owned);
        let value = Value::Samples { hz, values };
        Reading { metric: Metric::named(name), value, unit, at: None, source }
    }

    #[test]
    fn waves_come_in_the_unit_of_their_kind_and_end_now() {
        let readings = [
            reading("a/MDC_ECG_ELEC_POTL_AVF", Some("mV"), 250.0, vec![0.5, 40.0]),
            reading("MDC_PRESS_BLD_ART", Some("kPa"), 124.99, vec![13.3322]),
            reading("MDC_PULS_OXIM_PLETH", None, 50.0, vec![7.0; 50]),
        ];
        let (waves, complaints) = waves_of(&readings, NOW);
        let [Wave::Ecg(ecg), Wave::Other(pressure), Wave::Other(pleth)] = &waves[..] else {
            panic!("{waves:?}")
        };
        assert_eq!((ecg.lead.as_str(), ecg.hz, ecg.microvolts[0]), ("aVF", 250, 500.0));
        assert!(ecg.microvolts[1].is_nan());
        assert_eq!(complaints, [Complaint::SamplesOutOfRange { lead: "aVF".into(), n_samples: 1 }]);
        assert_eq!((pressure.hz, pressure.kind), (125, WaveKind::ArterialPressure));
        assert!((pressure.samples[0] - 100.0).abs() < 1e-3);
        assert_eq!(pleth.at, Timestamp::from_millis(1_699_999_999_000));
    }

    #[test]
    fn a_clock_that_is_plainly_wrong_is_told() {
        let mut pleth = reading("MDC_PULS_OXIM_PLETH", None, 50.0, vec![0.0]);
        for (micros, is_taken) in [(NOW.as_micros(), true), (5, false), (i64::MAX, false)] {
            pleth.at = Some(Moment::Utc(Timestamp::from_micros(micros)));
            let (waves, complaints) = waves_of(std::slice::from_ref(&pleth), NOW);
            assert_eq!((waves.len(), complaints.len()), if is_taken { (1, 0) } else { (0, 1) });
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_with_a_remedy() {
        for (name, unit, hz, n_samples, message) in [
            (
                "MDC_ECG_ELEC_POTL_II",
                Some("1"),
                250.0,
                9,
                "unit of MDC_ECG_ELEC_POTL_II is 1, not mV, uV or V: set the unit in the device",
            ),
            (
                "MDC_ECG_ELEC_POTL_X9",
                Some("mV"),
                250.0,
                9,
                "wave is MDC_ECG_ELEC_POTL_X9, not an ECG lead, pleth, arterial pressure, impedance or CO2: switch it off in the device",
            ),
            (
                "MDC_AWAY_CO2",
                None,
                50.0,
                9,
                "unit of MDC_AWAY_CO2 is missing, not mm[Hg], kPa or Pa: set the unit in the device",
            ),
            (
                "MDC_PULS_OXIM_PLETH",
                None,
                62.5,
                9,
                "rate of MDC_PULS_OXIM_PLETH is 62.5, not a whole number from 10 to 2000: set the rate in the device",
            ),
            (
                "MDC_PULS_OXIM_PLETH",
                None,
                125.0,
                20_001,
                "MDC_PULS_OXIM_PLETH is 20001 samples long, not 1 to 20000 samples long: send shorter pieces",
            ),
        ] {
            let (waves, complaints) =
                waves_of(&[reading(name, unit, hz, vec![0.0; n_samples])], NOW);
            assert_eq!(waves, []);
            assert_eq!(complaints[0].to_string(), message);
        }
    }
}
