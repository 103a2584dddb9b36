use std::sync::{Arc, LazyLock};

use ems_centre::{CentreConfig, City as Pack};
use ems_dispatch::Reference;
use ems_model::{Millis, Recorded, Timestamp};
use ems_sim::{CityPlan, Faults, Simulation, SimulationPlan, Summary};

static GRID: LazyLock<Arc<Pack>> = LazyLock::new(crate::grid::city);

fn plan(seed: u64, mins: i64, faults: Faults) -> SimulationPlan {
    let start = Timestamp::from_millis(1_767_258_000_000);
    let mut city = CityPlan { n_units: 10, has_ecg: false, ..CityPlan::new(seed, start) };
    city.calls = ems_sim::CallSource::Poisson { per_hour: Some(12.0) };
    SimulationPlan { city, span: Millis::from_mins(mins), faults }
}

fn run(plan: SimulationPlan) -> (Summary, Vec<Recorded>) {
    let config = CentreConfig { reference: Arc::new(Reference::standard()) };
    let mut log = Vec::new();
    let simulation = Simulation::new(plan, Arc::clone(&GRID), config).unwrap();
    let summary = simulation.run(&mut log, &mut |_| {}).unwrap_or_else(|error| panic!("{error}"));
    let lines = log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    (summary, lines.map(|line| serde_json::from_slice(line).unwrap()).collect())
}

#[test]
fn two_hours_run_twice_give_the_same_log() {
    for faults in [Faults::none(), Faults::usual()] {
        let (first, _) = run(plan(7, 120, faults));
        let (second, _) = run(plan(7, 120, faults));
        let (other, _) = run(plan(8, 120, faults));
        assert_eq!(first, second);
        assert_ne!(first.hash, other.hash);
    }
}
