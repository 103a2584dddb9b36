//! Waves of ORU^R01 and ORU^W01: an OBX of numeric arrays (NA), its sampling rate and resolution in
//! OBX of their own whose containment (OBX-4) goes one number further. After messages that monitors
//! send (GE, Mindray); the table of attributes in IHE PCD, Waveform Content Module, was not at
//! hand, unverified.

use super::message::Segment;
use super::observation::unit;
use crate::fault::Fault;
use crate::feed::MAX_CHUNK_SAMPLES;
use crate::reading::{Metric, Moment, Reading, Source, Value};

/// A wave whose rate may still come.
pub(super) struct Array {
    containment: String,
    metric: Metric,
    at: Option<Moment>,
    unit: Option<String>,
    source: Source,
    samples: Vec<f32>,
    hz: Option<f64>,
    /// What a sample of 1 is, and its unit.
    resolution: Option<(f64, Option<String>)>,
    /// What stands for a sample that is missing.
    missing: Option<f64>,
}

impl Array {
    /// Begins with the OBX of the samples; an empty one is missing.
    pub(super) fn new(
        segment: &Segment,
        metric: Metric,
        at: Option<Moment>,
        source: Source,
    ) -> Result<Self, Fault> {
        let place = format!("OBX-5 of {}", metric.name);
        if segment.repetitions(5).len() > 1 {
            let remedy = "send a channel in each OBX";
            return Err(Fault::new(place, "of several rows", "one row of samples", remedy));
        }
        let samples = segment.components(5);
        if samples.len() > MAX_CHUNK_SAMPLES {
            let found = format!("{} samples long", samples.len());
            return Err(Fault::new(place, found, "up to 20000", "send shorter pieces"));
        }
        let number = |text: &str| match text.trim() {
            "" => Some(f32::NAN),
            text => text.parse().ok().filter(|it| f32::is_finite(*it)),
        };
        let wrong = samples.iter().find(|text| number(text).is_none());
        if let Some(wrong) = wrong {
            return Err(Fault::new(place, format!("\"{wrong}\""), "a number", "correct the value"));
        }
        Ok(Self {
            containment: segment.component(4, 1),
            metric,
            at,
            unit: unit(segment),
            source,
            samples: samples.iter().filter_map(|text| number(text)).collect(),
            hz: None,
            resolution: None,
            missing: None,
        })
    }

    /// Whether an OBX is about this wave; then it is taken, known or not.
    pub(super) fn take(&mut self, name: &str, segment: &Segment) -> bool {
        let containment = segment.component(4, 1);
        let rest = containment.strip_prefix(&self.containment);
        if rest.is_none_or(|rest| !rest.starts_with('.')) {
            return false;
        }
        let number = segment.component(5, 1).trim().parse().ok().filter(|it| f64::is_finite(*it));
        match name {
            "MDC_ATTR_SAMP_RATE" => self.hz = number,
            "MDC_ATTR_NU_MSMT_RES" => self.resolution = number.map(|it| (it, unit(segment))),
            // One maker sends what a missing sample looks like, another a flag.
            "MDC_EVT_INOP" => self.missing = number.filter(|it| it.abs() >= 32_767.0),
            _ => {}
        }
        true
    }

    /// The wave as a reading.
    #[expect(clippy::cast_possible_truncation, reason = "samples are single precision")]
    pub(super) fn finish(self) -> Result<Reading, Fault> {
        let Some(hz) = self.hz else {
            let place = format!("MDC_ATTR_SAMP_RATE of {}", self.metric.name);
            return Err(Fault::new(place, "missing", "samples a second", "send it after the wave"));
        };
        let (factor, unit) = scale(&self.metric.name, self.unit, self.resolution)?;
        let is_missing =
            |it: f32| self.missing.is_some_and(|mark| (f64::from(it) - mark).abs() < 0.5);
        let scaled = |it: &f32| {
            if is_missing(*it) { f32::NAN } else { (f64::from(*it) * factor) as f32 }
        };
        let values = self.samples.iter().map(scaled).collect();
        let value = Value::Samples { hz, values };
        Ok(Reading { metric: self.metric, value, unit, at: self.at, source: self.source })
    }
}

/// What a sample of 1 is, and in which unit.
fn scale(
    name: &str,
    own: Option<String>,
    resolution: Option<(f64, Option<String>)>,
) -> Result<(f64, Option<String>), Fault> {
    let is_bare = own.as_deref().is_none_or(|unit| unit == "1");
    match resolution {
        None => Ok((1.0, own)),
        Some((factor, unit)) if is_bare => Ok((factor, unit.or(own))),
        Some(_) => {
            let place = format!("MDC_ATTR_NU_MSMT_RES of {name}");
            let expected = "sent with samples that have no unit of their own";
            Err(Fault::new(place, "sent with samples in a unit", expected, "leave one of them out"))
        }
    }
}
