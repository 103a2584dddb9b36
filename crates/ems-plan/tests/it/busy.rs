//! How busy units are: the approximation against all states, and against a published example.

use ems_plan::{Atom, Hypercube, Overflow};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// The three units and ten atoms of Larson and Odoni, Urban Operations Research, 5.4.3, by what the
/// workloads depend on: the rates of atoms with the same order. The rates stand in a figure that
/// was not at hand; these are the only multiples of 0.05 that give the published exact workloads to
/// 4 digits.
fn three_units(overflow: Overflow) -> Hypercube {
    let orders = [(0.50, [0, 1, 2]), (0.25, [0, 2, 1]), (0.35, [1, 0, 2]), (0.40, [2, 0, 1])];
    let atoms = orders
        .map(|(calls_per_hour, order)| Atom { calls_per_hour, order: order.to_vec() })
        .to_vec();
    Hypercube::new(3, atoms, 1.0, overflow).unwrap()
}

#[test]
fn the_published_example_is_found_again() {
    let system = three_units(Overflow::Waits);
    let rounded =
        |busy: &[f64]| -> Vec<String> { busy.iter().map(|b| format!("{b:.4}")).collect() };
    assert_eq!(rounded(&system.exact().unwrap().busy), ["0.5574", "0.4734", "0.4693"]);
    // Its third round, where the book stops, is 0.5627, 0.4716, 0.4657.
    let approximate = system.approximate().unwrap().busy;
    for (found, published) in approximate.iter().zip([0.5627, 0.4716, 0.4657]) {
        assert!((found - published).abs() < 0.0011, "{approximate:?}");
    }
}

#[test]
fn one_unit_is_a_single_server() {
    for (overflow, busy) in [(Overflow::Waits, 0.5), (Overflow::Lost, 1.0 / 3.0)] {
        let atoms = vec![Atom { calls_per_hour: 1.0, order: vec![0] }];
        let system = Hypercube::new(1, atoms, 0.5, overflow).unwrap();
        for found in [system.exact().unwrap(), system.approximate().unwrap()] {
            assert!((found.busy[0] - busy).abs() < 1e-9, "{overflow:?}: {found:?}");
            assert!((found.sent[0][0] + found.overflow - 1.0).abs() < 1e-9);
        }
    }
}

fn random_system(seed: u64, overflow: Overflow) -> (Hypercube, Vec<f64>, Vec<Vec<bool>>) {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let n_units = rng.random_range(2..8_usize);
    let place = |rng: &mut Pcg64Mcg| (rng.random::<f64>(), rng.random::<f64>());
    let units: Vec<_> = (0..n_units).map(|_| place(&mut rng)).collect();
    let mut atoms = Vec::new();
    let mut covers = Vec::new();
    for _ in 0..20 {
        let at = place(&mut rng);
        let far = |unit: &usize| (units[*unit].0 - at.0).hypot(units[*unit].1 - at.1);
        let mut order: Vec<usize> = (0..n_units).collect();
        order.sort_by(|a, b| far(a).total_cmp(&far(b)));
        covers.push((0..n_units).map(|unit| far(&unit) < 0.4).collect());
        let most = 0.06 * f64::from(u32::try_from(n_units).unwrap());
        atoms.push(Atom { calls_per_hour: rng.random::<f64>() * most, order });
    }
    let weights = atoms.iter().map(|atom| atom.calls_per_hour).collect();
    (Hypercube::new(n_units, atoms, 0.9, overflow).unwrap(), weights, covers)
}

#[test]
fn the_approximation_is_near_all_states() {
    let (mut worst_busy, mut worst_cover): (f64, f64) = (0.0, 0.0);
    for seed in 0..40 {
        for overflow in [Overflow::Waits, Overflow::Lost] {
            let (system, weights, covers) = random_system(seed, overflow);
            let (exact, near) = (system.exact().unwrap(), system.approximate().unwrap());
            assert!((exact.overflow - near.overflow).abs() < 1e-9, "{exact:?}, {near:?}");
            let works = |busy: &[f64]| busy.iter().sum::<f64>();
            assert!((works(&exact.busy) - works(&near.busy)).abs() < 1e-8);
            for (exact, near) in exact.busy.iter().zip(&near.busy) {
                worst_busy = worst_busy.max((exact - near).abs());
            }
            for sent in exact.sent.iter().chain(&near.sent) {
                assert!((sent.iter().sum::<f64>() + exact.overflow - 1.0).abs() < 1e-8);
            }
            let cover = exact.covered_share(&weights, &covers);
            worst_cover = worst_cover.max((cover - near.covered_share(&weights, &covers)).abs());
        }
    }
    eprintln!("worst busy fraction {worst_busy:.4}, worst cover {worst_cover:.4}");
    assert!(worst_busy < 0.03 && worst_cover < 0.02, "{worst_busy} {worst_cover}");
}

#[test]
fn more_work_than_units_can_do_is_refused() {
    let atoms = vec![Atom { calls_per_hour: 2.0, order: vec![0] }];
    assert!(Hypercube::new(1, atoms.clone(), 0.5, Overflow::Waits).is_err());
    let lost = Hypercube::new(1, atoms, 0.5, Overflow::Lost).unwrap();
    assert!((lost.exact().unwrap().overflow - 0.5).abs() < 1e-9);
    let twice = vec![Atom { calls_per_hour: 1.0, order: vec![0, 0] }];
    assert!(Hypercube::new(2, twice, 0.5, Overflow::Lost).is_err());
}
