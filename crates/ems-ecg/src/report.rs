//! The report on a short recording.

use crate::average::{AverageBeat, ShapedBeat, average_beat, shaped_beats};
use crate::criteria::Criteria;
use crate::delineate::{delineate, isoelectric};
use crate::ecg::Ecg;
use crate::finding::Finding;
use crate::judge::{Case, judge};
use crate::lead::Lead;
use crate::measure::{Measurements, Missing, measure};

/// What is known of the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Patient {
    /// Years.
    pub age: Option<u8>,
    /// For limits that differ.
    pub sex: Option<Sex>,
}

/// Sex as the criteria know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are their names")]
pub enum Sex {
    Female,
    Male,
}

/// What was found in a recording.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its beats.
    pub beats: Vec<ShapedBeat>,
    /// The average of the dominant ones.
    pub average: AverageBeat,
    /// What was measured in it.
    pub measurements: Measurements,
    /// What the criteria say, the most urgent first.
    pub findings: Vec<Finding>,
    /// What could not be measured or judged.
    pub missing: Vec<Missing>,
}

/// A recording in which nothing can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReportError {
    /// No beat, or none that is whole.
    #[error("no whole beat was found: if the patient has a pulse, check the electrodes")]
    NoBeat,
}

impl Report {
    /// Analyses a recording of 3 to 60 s. Looks ahead: it is not for a stream.
    ///
    /// Cost: some hundred operations a sample and lead.
    pub fn new(ecg: &Ecg, patient: Patient, criteria: &Criteria) -> Result<Self, ReportError> {
        let beats = shaped_beats(ecg);
        let average = average_beat(ecg, &beats).ok_or(ReportError::NoBeat)?;
        let measurements = measure(&average);
        let case = Case { ecg, patient, beats: &beats, average: &average, it: &measurements };
        let (findings, judged) = judge(&case, criteria);
        let missing = measurements.missing.iter().copied().chain(judged).collect();
        Ok(Self { beats, average, measurements, findings, missing })
    }
}

impl AverageBeat {
    /// A lead's average: milliseconds from the onset of QRS, and millivolts from the level there.
    pub(crate) fn since_onset(&self, lead: Lead) -> Option<Vec<(f64, f64)>> {
        let wave = self.leads[lead.idx()].as_ref()?;
        let onset = delineate(self).qrs_on;
        let level = isoelectric(wave, self.rate, onset);
        let at = |(idx, it): (usize, &f64)| {
            (self.rate.ms(idx) - self.rate.ms(onset), (it - level) / 1000.0)
        };
        Some(wave.iter().enumerate().map(at).collect())
    }
}
