use ems_centre::{CentreConfig, City as Pack};
use ems_model::{Millis, Timestamp};
use ems_sim::*;
use std::sync::Arc;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let hours: i64 = args[1].parse().unwrap();
    let units: usize = args[2].parse().unwrap();
    let faults = Faults::named(&args[3]).unwrap();
    let seed: u64 = args[4].parse().unwrap();
    let waves = args.get(5).is_some_and(|w| w == "waves");
    let t = std::time::Instant::now();
    let pbf = include_bytes!("../../../data/malta/malta.osm.pbf");
    let overlay =
        ems_roads::Overlay::parse(include_str!("../../../data/malta/overlay.toml")).unwrap();
    let req = ems_roads::ImportRequest {
        name: "Malta".into(),
        profile: ems_roads::Profile::blue_light(),
        overlay,
    };
    let c = ems_roads::import(&pbf[..], &req, &mut |_| {}).unwrap();
    println!(
        "import {:?} edges {} hospitals {} stations {}",
        t.elapsed(),
        c.roads.n_edges(),
        c.places.hospitals.len(),
        c.places.stations.len()
    );
    let pack = Arc::new(Pack {
        name: "Malta".into(),
        attribution: String::new(),
        roads: c.roads.into(),
        hospitals: c.places.hospitals,
        stations: c.places.stations,
    });
    let config = CentreConfig { reference: Arc::new(ems_dispatch::Reference::standard()) };
    let mut plan = SimulationPlan::new(seed, Timestamp::from_millis(1_767_258_000_000), Millis::from_mins(60 * hours), faults);
    plan.city.n_units = units; plan.city.has_ecg = waves;
    if let Ok(r) = std::env::var("RATE") {
        plan.city.calls = CallSource::Poisson { per_hour: Some(r.parse().unwrap()) };
    }
    let t = std::time::Instant::now();
    let mut out = std::io::BufWriter::new(std::fs::File::create("/tmp/sim-log.jsonl").unwrap());
    match Simulation::new(plan, pack, config).unwrap().run(&mut out, &mut |_| {}) {
        Ok(s) => println!("{s:?}\n{:?}", t.elapsed()),
        Err(e) => println!("ERROR {e}\n{:?}", t.elapsed()),
    }
}
