//! Every model against all plans there are, tried one by one.

use ems_plan::{
    Cover, DoubleStandard, Ended, PlanError, Stage, Ties, Times, busy_share_needs, double_standard,
    expected_cover, load_needs, malp, mclp, mexclp, nested_mclp, p_median,
};

use crate::{Town, ask};

/// All ways to place `n` units at `n_sites` sites with at most `most` at each, those with more
/// units at earlier sites first.
fn all_plans(n_sites: usize, n: u32, most: u32) -> Vec<Vec<u32>> {
    if n_sites == 0 {
        return if n == 0 { vec![vec![]] } else { vec![] };
    }
    let with = |first: u32| {
        let rest = all_plans(n_sites - 1, n - first, most).into_iter();
        rest.map(move |rest| [vec![first], rest].concat())
    };
    (0..=n.min(most)).rev().flat_map(with).collect()
}

/// The first of the best plans, and its worth; nothing where none keeps the rules.
fn best(plans: Vec<Vec<u32>>, worth: impl Fn(&[u32]) -> Option<f64>) -> Option<(Vec<u32>, f64)> {
    let mut best: Option<(Vec<u32>, f64)> = None;
    for plan in plans {
        let Some(value) = worth(&plan) else { continue };
        if best.as_ref().is_none_or(|(_, most)| value > most + 1e-9 * most.abs()) {
            best = Some((plan, value));
        }
    }
    best
}

/// That an answer is the first of the best.
#[track_caller]
fn check(
    plan: Result<ems_plan::Plan, PlanError>,
    plans: Vec<Vec<u32>>,
    worth: impl Fn(&[u32]) -> Option<f64>,
) {
    let Some((units, value)) = best(plans, &worth) else {
        assert!(matches!(plan, Err(PlanError::Infeasible { .. })), "{plan:?}");
        return;
    };
    let plan = plan.unwrap();
    assert_eq!(plan.ended, Ended::Proven);
    assert!((plan.objective - value).abs() <= 1e-9 * value.abs(), "{plan:?}, best {value}");
    assert!((plan.objective - worth(&plan.units).unwrap()).abs() <= 1e-9 * value.abs());
    assert!(plan.gap() < 1e-9);
    assert_eq!((plan.units, plan.ties), (units, Ties::First));
}

const SEEDS: std::ops::Range<u64> = 0..40;

/// A small town that differs in size by seed.
fn town(seed: u64) -> Town {
    Town::new(seed, 3 + usize::try_from(seed % 5).unwrap(), 5 + usize::try_from(seed).unwrap() % 23)
}

#[test]
fn mclp_is_the_first_of_the_best() {
    for seed in SEEDS {
        let (town, cover) = (town(seed), town(seed).cover(300.0));
        let n_sites = town.sites.len();
        for n in 0..=u32::try_from(n_sites).unwrap() {
            let plan = ask(|effort| mclp(&cover, n, effort));
            check(plan, all_plans(n_sites, n, 1), |units| Some(cover.covered(units, 1)));
        }
    }
}

#[test]
fn mexclp_is_the_first_of_the_best() {
    for seed in SEEDS {
        let (town, cover) = (town(seed), town(seed).cover(350.0));
        for (n, busy) in [(0, 0.3), (2, 0.0), (3, 0.2), (5, 0.6), (4, 0.95)] {
            let plan = ask(|effort| mexclp(&cover, n, busy, effort));
            let plans = all_plans(town.sites.len(), n, n);
            check(plan, plans, |units| Some(expected_cover(&cover, units, busy)));
        }
    }
}

#[test]
fn malp_is_the_first_of_the_best() {
    for seed in SEEDS {
        let (town, cover) = (town(seed), town(seed).cover(400.0));
        let one = busy_share_needs(0.35, 0.9).unwrap();
        let local = |point: usize| {
            let near = |p: &&(f64, f64)| {
                (p.0 - town.points[point].0).hypot(p.1 - town.points[point].1) < 0.3
            };
            let n_near = town.points.iter().filter(near).count();
            load_needs(0.05 * f64::from(u32::try_from(n_near).unwrap()), 0.9).unwrap()
        };
        for needs in [vec![one; cover.n_points()], (0..cover.n_points()).map(local).collect()] {
            let met = |units: &[u32]| -> f64 {
                let is_met = |point: &usize| cover.units_near(*point, units) >= needs[*point];
                let met = (0..cover.n_points())
                    .filter(is_met)
                    .filter(|&point| !cover.sites_of(point).is_empty());
                met.map(|point| cover.weights()[point]).sum()
            };
            for n in [1, 3, 5] {
                let plan = ask(|effort| malp(&cover, n, &needs, effort));
                check(plan, all_plans(town.sites.len(), n, n), |units| Some(met(units)));
            }
        }
    }
}

#[test]
fn the_p_median_is_the_first_of_the_best() {
    for seed in SEEDS {
        let town = town(seed);
        let n_sites = town.sites.len();
        let mut rows: Vec<Vec<Option<f64>>> =
            town.distances().into_iter().map(|r| r.into_iter().map(Some).collect()).collect();
        // Some ways are not there.
        for (idx, row) in rows.iter_mut().enumerate().filter(|(idx, _)| idx % 3 == 0) {
            row[(idx + 1) % n_sites] = None;
        }
        let total: f64 = town.weights.iter().sum();
        let times = Times::new(n_sites, town.weights.clone(), rows).unwrap();
        for n in 1..=u32::try_from(n_sites).unwrap() {
            let plan = ask(|effort| p_median(&times, n, effort));
            check(plan, all_plans(n_sites, n, 1), |units| {
                times.mean_time(units).map(|mean| -mean * total)
            });
        }
    }
}

#[test]
fn the_double_standard_is_the_first_of_the_best() {
    let mut n_without = 0;
    for seed in SEEDS {
        let town = town(seed);
        let (near, far) = (town.cover(300.0), town.cover(700.0));
        for (n, share, n_per_site) in [(2, 0.3, 2), (4, 0.7, 1), (4, 0.5, 2), (5, 1.0, 3)] {
            let standard = DoubleStandard { near: &near, far: &far, share, n_per_site };
            let plan = ask(|effort| double_standard(standard, n, effort));
            let n_sites = town.sites.len();
            if u64::from(n) > u64::from(n_per_site) * u64::try_from(n_sites).unwrap() {
                assert!(matches!(plan, Err(PlanError::NoRoom { .. })), "{plan:?}");
                continue;
            }
            let is_cut_off = |point: usize| far.sites_of(point).is_empty();
            if (0..far.n_points()).any(is_cut_off) {
                assert!(matches!(plan, Err(PlanError::Unreachable { .. })), "{plan:?}");
                continue;
            }
            n_without += usize::from(plan.is_err());
            check(plan, all_plans(n_sites, n, n_per_site), |units| {
                let all = (0..far.n_points()).all(|point| far.units_near(point, units) > 0);
                let is_kept = all && near.covered(units, 1) >= share * near.total() - 1e-9;
                is_kept.then(|| near.covered(units, 2))
            });
        }
    }
    assert!(n_without > 0, "no town was too hard");
}

#[test]
fn a_nested_opening_is_the_first_of_the_best() {
    for seed in SEEDS {
        let town = town(seed);
        let (n_sites, cover) = (town.sites.len(), town.cover(300.0));
        let stages = [(1, 1.0), (2, f64::from(u8::try_from(seed % 4).unwrap())), (3, 0.5)]
            .map(|(n_sites, weight)| Stage { n_sites, weight });
        let plans: Vec<Vec<u32>> =
            (1..=3).map(|n| all_plans(n_sites, n, 1)).fold(vec![vec![]], |before, stage| {
                let joined = |first: &Vec<u32>| {
                    let first = first.clone();
                    stage.iter().map(move |next| [first.clone(), next.clone()].concat())
                };
                before.iter().flat_map(joined).collect()
            });
        let worth = |units: &[u32]| {
            let by_stage: Vec<&[u32]> = units.chunks(n_sites).collect();
            let grows = by_stage.windows(2).all(|w| w[0].iter().zip(w[1]).all(|(a, b)| a <= b));
            let covered =
                |(units, stage): (&&[u32], &Stage)| stage.weight * cover.covered(units, 1);
            grows.then(|| by_stage.iter().zip(&stages).map(covered).sum())
        };
        let nested = ask(|effort| nested_mclp(&cover, &stages, effort));
        check(nested.map(|nested| nested.plan), plans, worth);
    }
}

#[test]
fn a_table_without_demand_is_covered_by_the_first_sites() {
    let cover = Cover::new(3, vec![0.0, 0.0], vec![vec![0], vec![]]).unwrap();
    let plan = ask(|effort| mclp(&cover, 2, effort)).unwrap();
    assert_eq!((plan.sites(), plan.ended), (vec![0, 1], Ended::Proven));
    assert!(plan.objective.abs() < 1e-12);
}
