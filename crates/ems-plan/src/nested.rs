//! Stations opened in stages, none closed again: the nested MCLP.

use crate::PlanError;
use crate::cover::{Cover, Group, count};
use crate::greedy::greedy;
use crate::model::{Model, mean, room};
use crate::program::{Program, Range};
use crate::search::{Effort, Plan, solve};

/// A stage of an opening.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stage {
    /// The sites open in it, those of earlier stages among them.
    pub n_sites: u32,
    /// What cover in it counts, such as its years: finite, at least 0.
    pub weight: f64,
}

/// An opening in stages.
#[derive(Debug, Clone, PartialEq)]
pub struct NestedPlan {
    /// The sites in the order of their opening, from 0; those that open together ascend.
    pub order: Vec<usize>,
    /// The weight covered in each stage.
    pub covered: Vec<f64>,
    /// The answer: units are by stage and site; the objective is the cover of the stages, each
    /// times its weight.
    pub plan: Plan,
}

/// The opening of sites in stages, one unit each, none closed again, at which the weighted cover of
/// all stages is largest: MCLPs joined by `x[stage] <= x[stage + 1]`.
///
/// # Errors
/// No stage, stages that do not grow, a last stage with more sites than there are, a bad weight.
pub fn nested_mclp(
    cover: &Cover,
    stages: &[Stage],
    effort: &mut Effort<'_>,
) -> Result<NestedPlan, PlanError> {
    crate::cover::check_weights(&stages.iter().map(|stage| stage.weight).collect::<Vec<_>>())?;
    check_growth(stages)?;
    let n_last = stages.last().map_or(0, |stage| stage.n_sites);
    room(n_last, cover.n_sites(), 1)?;
    let groups: Vec<Group> = cover.groups(|_| ()).into_iter().map(|((), group)| group).collect();
    let model = Nested { groups, stages, n_sites: cover.n_sites() };
    let plan = solve(&model, effort)?;
    let covered = model.by_stage(&plan.units).map(|units| cover.covered(units, 1)).collect();
    Ok(NestedPlan { order: model.order(&plan.units), covered, plan })
}

fn check_growth(stages: &[Stage]) -> Result<(), PlanError> {
    let sizes = std::iter::once(0).chain(stages.iter().map(|stage| stage.n_sites));
    for (stage, (before, now)) in (1..).zip(sizes.zip(stages)) {
        if now.n_sites <= before {
            return Err(PlanError::StagesShrink { stage, n: now.n_sites, before });
        }
    }
    Ok(())
}

struct Nested<'a> {
    groups: Vec<Group>,
    stages: &'a [Stage],
    n_sites: usize,
}

impl Nested<'_> {
    fn by_stage<'u>(&self, units: &'u [u32]) -> impl Iterator<Item = &'u [u32]> {
        units.chunks(self.n_sites.max(1))
    }

    fn order(&self, units: &[u32]) -> Vec<usize> {
        let mut order = Vec::new();
        for open in self.by_stage(units) {
            let opens: Vec<usize> =
                (0..self.n_sites).filter(|site| open[*site] > 0 && !order.contains(site)).collect();
            order.extend(opens);
        }
        order
    }

    fn covered(&self, units: &[u32]) -> f64 {
        let near = |group: &&Group| count(&group.sites, units) > 0;
        self.groups.iter().filter(near).map(|group| group.weight).sum()
    }

    fn is_nested(&self, units: &[u32]) -> bool {
        let stages: Vec<&[u32]> = self.by_stage(units).collect();
        let grows =
            |pair: &[&[u32]]| pair[0].iter().zip(pair[1]).all(|(before, now)| before <= now);
        let sized = |(units, stage): (&&[u32], &Stage)| units.iter().sum::<u32>() == stage.n_sites;
        stages.windows(2).all(grows) && stages.iter().zip(self.stages).all(sized)
    }
}

impl Model for Nested<'_> {
    fn most(&self) -> Vec<u32> {
        vec![1; self.n_sites * self.stages.len()]
    }

    fn value(&self, units: &[u32]) -> Option<f64> {
        let worth = |(units, stage): (&[u32], &Stage)| stage.weight * self.covered(units);
        let all = || self.by_stage(units).zip(self.stages).map(worth).sum();
        self.is_nested(units).then(all)
    }

    /// Each stage adds to the one before what covers most.
    fn start(&self) -> Option<Vec<u32>> {
        let mut all = Vec::new();
        let mut open = vec![0; self.n_sites];
        let mut n_before = 0;
        for stage in self.stages {
            let closed: Vec<u32> = open.iter().map(|units| 1 - units).collect();
            let with = |new: &[u32]| -> Vec<u32> {
                open.iter().zip(new).map(|(before, new)| before + new).collect()
            };
            let new = greedy(&closed, stage.n_sites - n_before, &|new| self.covered(&with(new)));
            open = with(&new);
            n_before = stage.n_sites;
            all.extend(&open);
        }
        Some(all)
    }

    fn ceiling(&self) -> f64 {
        let demand: f64 = self.groups.iter().map(|group| group.weight).sum();
        self.stages.iter().map(|stage| stage.weight * demand).sum()
    }

    fn program(&self, ranges: &[Range]) -> Program {
        let mut program = Program::new(ranges, mean(self.groups.iter().map(|g| g.weight)));
        for (stage, first) in self.stages.iter().zip((0..).step_by(self.n_sites.max(1))) {
            program.place_all(first..first + self.n_sites, stage.n_sites);
            for group in &self.groups {
                let share = program.share(stage.weight * group.weight);
                let sites: Vec<usize> = group.sites.iter().map(|site| first + site).collect();
                program.at_most_units(&[(share, 1.0)], &sites);
            }
        }
        for later in self.n_sites..ranges.len() {
            let earlier = program.places[later - self.n_sites];
            program.at_most_units(&[(earlier, 1.0)], &[later]);
        }
        program
    }

    fn remedy(&self) -> &'static str {
        "add sites"
    }
}
