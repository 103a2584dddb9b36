//! The criteria at work.

mod atria;
mod conduction;
mod electrodes;
mod ischaemia;
mod paced;
mod rhythm;
mod sgarbossa;
mod voltage;

use crate::average::{AverageBeat, ShapedBeat};
use crate::criteria::Criteria;
use crate::ecg::Ecg;
use crate::finding::{Finding, Statement};
use crate::measure::{Measurements, Missing};
use crate::report::Patient;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) ecg: &'a Ecg,
    pub(crate) patient: Patient,
    pub(crate) beats: &'a [ShapedBeat],
    pub(crate) average: &'a AverageBeat,
    pub(crate) it: &'a Measurements,
}

/// The findings, and what could not be judged.
#[derive(Debug, Default)]
pub(crate) struct Verdicts {
    pub(crate) findings: Vec<Finding>,
    pub(crate) missing: Vec<Missing>,
}

impl Verdicts {
    fn has(&self, statement: Statement) -> bool {
        self.findings.iter().any(|finding| finding.statement == statement)
    }
}

/// Criteria for adults begin here.
const ADULT_YEARS: u8 = 18;

pub(crate) fn judge(case: &Case<'_>, criteria: &Criteria) -> (Vec<Finding>, Vec<Missing>) {
    let mut verdicts = Verdicts::default();
    if case.patient.age.is_some_and(|age| age < ADULT_YEARS) {
        verdicts.missing.push(Missing::Child);
    }
    electrodes::judge(case, criteria, &mut verdicts);
    paced::judge(case, criteria, &mut verdicts);
    rhythm::judge(case, criteria, &mut verdicts);
    conduction::judge(case, criteria, &mut verdicts);
    let is_left_block = verdicts.has(Statement::LeftBundleBranchBlock);
    let is_wide = case.it.qrs_ms >= criteria.conduction.complete_from_ms;
    if is_left_block || (is_wide && verdicts.has(Statement::PacedRhythm)) {
        verdicts.missing.push(Missing::WideQrs);
        sgarbossa::judge(case, criteria, &mut verdicts);
    } else {
        ischaemia::judge(case, criteria, &mut verdicts);
    }
    voltage::judge(case, criteria, &mut verdicts);
    verdicts.findings.sort_by_key(|finding| finding.statement);
    (verdicts.findings, verdicts.missing)
}
