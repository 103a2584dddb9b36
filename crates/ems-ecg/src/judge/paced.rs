//! Spikes of a pacemaker: far sharper than any complex, in the unfiltered samples.

use super::conduction::finding;
use super::{Case, Verdicts};
use crate::average::ShapedBeat;
use crate::criteria::Criteria;
use crate::finding::{Measure, Reason, Statement, Test};
use crate::measure::Missing;
use crate::rate::{Rate, count};

/// A spike lasts 2 ms at most: fewer samples a second average it away.
const HZ_MIN: u32 = 500;
/// It stands out of the samples 4 ms before and after it by so much, microvolts,
const SPIKE_MIN: f32 = 150.0;
/// and by so many times what the steepest other sample of the complex does.
const SHARPER: f32 = 3.0;
const REACH_MS: f64 = 4.0;
/// It stands so long before R at most, and the complex ends so long after it.
const BEFORE_MS: f64 = 160.0;
const AFTER_MS: f64 = 120.0;

pub(super) fn judge(case: &Case<'_>, criteria: &Criteria, verdicts: &mut Verdicts) {
    if case.ecg.hz() < HZ_MIN {
        return verdicts.missing.push(Missing::NoSpikes);
    }
    let leads = case.ecg.raw_leads();
    let wanted = leads.len().min(2);
    let is_paced = |beat: &&ShapedBeat| {
        let spiked = leads.iter().filter(|lead| has_spike(lead, case.ecg.rate(), beat.sample));
        spiked.take(wanted).count() == wanted
    };
    let n_paced = case.beats.iter().filter(is_paced).count();
    let share = count(n_paced) / count(case.beats.len().max(1));
    let rule = &criteria.paced;
    let reason = Reason::of(Measure::SpikeShare, share, Test::AtLeast, rule.spike_share_min);
    let paced = reason.map(|why| finding(Statement::PacedRhythm, vec![], vec![why], &rule.source));
    verdicts.findings.extend(paced);
}

fn has_spike(lead: &[f32], rate: Rate, r: usize) -> bool {
    let reach = rate.samples(REACH_MS);
    let from = r.saturating_sub(rate.samples(BEFORE_MS)).max(reach);
    let until = (r + rate.samples(AFTER_MS)).min(lead.len().saturating_sub(reach));
    let sharpness =
        |at: usize| (lead[at] - f32::midpoint(lead[at - reach], lead[at + reach])).abs();
    let sharpest = (from..until).max_by(|&a, &b| sharpness(a).total_cmp(&sharpness(b)));
    let Some(spike) = sharpest.filter(|&at| at < r) else { return false };
    let others = (from..until).filter(|at| at.abs_diff(spike) > 2 * reach);
    let other = others.map(sharpness).fold(0.0, f32::max);
    sharpness(spike) > SPIKE_MIN.max(SHARPER * other)
}
