//! Electrodes that seem to be on each other's places.

use ems_signal::{PlacementWatch, Reversal};

use super::conduction::finding;
use super::{Case, Verdicts};
use crate::criteria::Criteria;
use crate::finding::{Finding, Measure, Reason, Statement, Test};
use crate::lead::Lead;

const LEADS: [Lead; 8] =
    [Lead::I, Lead::II, Lead::V1, Lead::V2, Lead::V3, Lead::V4, Lead::V5, Lead::V6];

pub(super) fn judge(case: &Case<'_>, criteria: &Criteria, verdicts: &mut Verdicts) {
    verdicts.findings.extend(reversed(case, criteria));
}

/// What the last of the recording's windows says.
#[expect(clippy::cast_possible_truncation, reason = "microvolts")]
fn reversed(case: &Case<'_>, criteria: &Criteria) -> Option<Finding> {
    let waves = LEADS.map(|lead| case.ecg.wave(lead));
    let waves: [&[f64]; 8] = waves.into_iter().collect::<Option<Vec<_>>>()?.try_into().ok()?;
    let mut watch = PlacementWatch::new(case.ecg.hz()).ok()?;
    let mut last = None;
    for at in 0..case.ecg.n_samples() {
        watch.push(waves.map(|wave| wave[at] as f32));
        last = watch.poll_output().or(last);
    }
    let placement = last?;
    let reversal = placement.reversal?;
    let (value, limit) = placement.reason(reversal)?;
    let (statement, leads, measure, test) = match reversal {
        Reversal::Arms => {
            (Statement::ArmsReversed, vec![Lead::I], Measure::LateralCorrelation, Test::Below)
        }
        Reversal::RightArmLeg => (
            Statement::RightArmLegReversed,
            vec![Lead::II],
            Measure::LateralCorrelation,
            Test::Below,
        ),
        Reversal::Chest(lower) => {
            let lower = usize::from(lower) + 1;
            let leads = vec![LEADS[lower], LEADS[lower + 1]];
            (Statement::ChestReversed, leads, Measure::ChestOrder, Test::Above)
        }
    };
    let reason = Reason::of(measure, value, test, limit)?;
    Some(finding(statement, leads, vec![reason], &criteria.electrodes.source))
}
