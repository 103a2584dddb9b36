//! What trends are told against: the cuff, and the first minute.

use ems_clinical::{Sensed, drift};
use ems_model::{ChainLink, Estimate, Millis, Timestamp, WhyMissing};
use ems_signal::pressure_change;

/// The transit time at a cuff reading is taken within this after it.
const CUFF_WITHIN: Millis = Millis::from_secs(60);
/// After this a trend since a cuff reading says nothing more.
const CUFF_AGE_MAX: Millis = Millis::from_mins(30);
/// How far off the formula is of what it says has changed, as a share: the project's own
/// assumption.
const OUTPUT_SD: f64 = 0.2;

/// A transit time when a cuff read.
#[derive(Debug, Clone, Default)]
pub(crate) struct CuffReference {
    cuff_at: Option<Timestamp>,
    /// Of which lead and wave, and what.
    then: Option<(Vec<String>, Estimate)>,
}

impl CuffReference {
    /// Notes the newest cuff reading, and the transit time beside it.
    pub(crate) fn note(&mut self, now: Timestamp, cuff_at: Option<Timestamp>, transit: &Sensed) {
        if cuff_at.is_some() && cuff_at != self.cuff_at {
            *self = Self { cuff_at, then: None };
        }
        let is_near = self.cuff_at.is_some_and(|at| now.since(at) <= CUFF_WITHIN);
        if let (true, None, Ok(estimate)) = (is_near, &self.then, transit.reading) {
            self.then = Some((ids(&transit.chain), estimate));
        }
    }

    /// How systolic pressure changed since, mmHg; less sure with every minute.
    pub(crate) fn change(&self, now: Timestamp, transit: &Sensed) -> Sensed {
        let age = self.cuff_at.map(|at| now.since(at));
        let mut chain = transit.chain.clone();
        chain.push(ChainLink { id: "systolic".to_owned(), age });
        Sensed { chain, reading: self.reading(age, transit) }
    }

    fn reading(&self, age: Option<Millis>, transit: &Sensed) -> Result<Estimate, WhyMissing> {
        let now = transit.reading?;
        let age = age.ok_or(WhyMissing::NotCalibrated)?;
        if age > CUFF_AGE_MAX {
            return Err(WhyMissing::TooOld);
        }
        let same = |it: &&(Vec<String>, Estimate)| it.0 == ids(&transit.chain);
        let (_, then) = self.then.as_ref().filter(same).ok_or(WhyMissing::NotCalibrated)?;
        let change = pressure_change(*then, now);
        Ok(Estimate { sd: change.sd.hypot(drift(age)), ..change })
    }
}

fn ids(chain: &[ChainLink]) -> Vec<String> {
    chain.iter().map(|link| link.id.clone()).collect()
}

/// The heart's output when it was first told.
#[derive(Debug, Clone, Default)]
pub(crate) struct OutputReference {
    first: Option<(String, Estimate)>,
}

impl OutputReference {
    /// Notes the first output of a channel; that of another channel starts anew.
    pub(crate) fn note(&mut self, channel: &str, output: Result<Estimate, WhyMissing>) {
        let is_known = self.first.as_ref().is_some_and(|(known, _)| known == channel);
        if let (false, Ok(output)) = (is_known, output) {
            self.first = Some((channel.to_owned(), output));
        }
    }

    /// The output now over the first.
    pub(crate) fn ratio(
        &self,
        output: Result<Estimate, WhyMissing>,
    ) -> Result<Estimate, WhyMissing> {
        let now = output?;
        let (_, first) = self.first.as_ref().ok_or(WhyMissing::NotCalibrated)?;
        let value = now.value / first.value;
        let by_beats = value * (now.sd / now.value).hypot(first.sd / first.value);
        Ok(Estimate { value, sd: by_beats.hypot(OUTPUT_SD * (value - 1.0)) })
    }
}
