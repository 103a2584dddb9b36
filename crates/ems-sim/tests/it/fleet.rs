//! A fleet beside an independent simulator on real city models; skipped, and said so, where
//! `../shared/data` is absent.

use std::io::Read;
use std::path::{Path, PathBuf};

use ems_dispatch::{CoverPatterns, Dispatch, Dmexclp, Relocation};
use ems_sim::{
    CityFiles, ConfigError, CoverFiles, FleetCity, FleetPolicy, NamedFile, Raster, Sending,
    SimConfig, derive_cover_patterns, read_calls, read_cover_patterns, run_fleet,
};

pub(crate) fn shared() -> Option<PathBuf> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/dispatch");
    let path = PathBuf::from(root);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {} is absent", path.display());
    None
}

/// A file by the last part of its path, packed or not.
pub(crate) fn open(folder: &Path, path: &str) -> NamedFile {
    let name = path.rsplit('/').next().unwrap();
    if let Ok(bytes) = std::fs::read(folder.join(name)) {
        return NamedFile::new(name, &bytes);
    }
    let packed = std::fs::File::open(folder.join(format!("{name}.zst"))).unwrap();
    let mut bytes = Vec::new();
    ruzstd::decoding::StreamingDecoder::new(packed).unwrap().read_to_end(&mut bytes).unwrap();
    NamedFile::new(name, &bytes)
}

pub(crate) fn city_files(folder: &Path) -> CityFiles {
    let config = SimConfig::parse(&open(folder, "sim_config.xml")).unwrap();
    config.city_files(|path| Ok::<_, ConfigError>(open(folder, path))).unwrap()
}

/// Replays every call and compares each answer with that of the file.
fn replay(city: &str, policy: &str, busy: Option<f64>) {
    let Some(root) = shared() else { return };
    let replays = root.join("replay");
    let model = FleetCity::read(&city_files(&root.join("cities").join(city))).unwrap();
    let relocation = busy.map_or(Relocation::OwnStation, |busy| {
        let patterns = open(&replays, &format!("{city}_coverage_patterns.csv"));
        let patterns = read_cover_patterns(&patterns, model.n_stations()).unwrap();
        Relocation::Dmexclp(Dmexclp::new(patterns.into(), busy, model.n_units()).unwrap())
    });
    let file = open(&replays, &format!("{city}_{policy}_calls.csv"));
    let calls = read_calls(&file, &model).unwrap();
    let wanted: Vec<_> = file.text.lines().skip(1).collect();
    let n_calls = calls.len();
    let mut answers = vec![String::new(); n_calls];
    let policy = FleetPolicy {
        dispatch: Sending::Rule(Dispatch::ClosestUnit),
        relocation,
        exchange: None,
        move_pause_min: 0.0,
    };
    run_fleet(&model, policy, calls, &mut |answer| {
        answers[usize::try_from(answer.seq).unwrap()] = answer.to_string();
    });
    let different: Vec<_> = answers.iter().zip(&wanted).filter(|(a, b)| !is_same(a, b)).collect();
    let first = &different[..different.len().min(3)];
    assert!(different.is_empty(), "{} of {n_calls} differ: {first:#?}", different.len());
}

/// The response may differ by a millionth of a day, nothing else at all.
fn is_same(ours: &str, theirs: &str) -> bool {
    const RESPONSE: usize = 9;
    let (ours, theirs) = (ours.split(','), theirs.split(','));
    ours.clone().count() == theirs.clone().count()
        && ours.zip(theirs).enumerate().all(|(column, (ours, theirs))| {
            let days = |text: &str| text.parse::<f64>().unwrap();
            ours == theirs || column == RESPONSE && (days(ours) - days(theirs)).abs() < 1e-6
        })
}

#[test]
fn auckland_is_replayed_call_by_call() {
    replay("auckland", "none", None);
}

#[test]
fn manhattan_is_replayed_call_by_call() {
    replay("manhattan", "none", None);
}

#[test]
fn manhattan_is_replayed_with_units_moved_by_coverage() {
    replay("manhattan", "dmexclp_q0.6", Some(0.6));
}

/// Demand by pattern as the stations see it: that of each station's patterns in order of size.
fn demands(patterns: &CoverPatterns) -> Vec<Vec<f64>> {
    let of_station = |station| {
        let demand = patterns.of_station(station).iter();
        let mut demand: Vec<_> = demand.map(|&p| patterns.demand()[p as usize]).collect();
        demand.sort_by(f64::total_cmp);
        demand
    };
    (0..patterns.n_stations()).map(of_station).collect()
}

#[test]
fn coverage_is_worked_out_as_the_reference_does() {
    let Some(root) = shared() else { return };
    for city in ["auckland", "manhattan"] {
        let folder = root.join("cities").join(city);
        let model = FleetCity::read(&city_files(&folder)).unwrap();
        let file = open(&root.join("replay"), &format!("{city}_coverage_patterns.csv"));
        let theirs = demands(&read_cover_patterns(&file, model.n_stations()).unwrap());
        let files = CoverFiles {
            demand: open(&folder, "demand_1.csv"),
            cover_times: open(&folder, "demand_coverage_1.csv"),
        };
        let raster = Raster::read(&open(&folder, "population_raster.csv")).unwrap();
        let ours = demands(&derive_cover_patterns(&model, &files, &raster, 1.0).unwrap());
        for (station, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
            assert_eq!(ours.len(), theirs.len(), "{city}, station {station}");
            // Manhattan's demand file rounds 451.2 calls a day x 42 % to 189.5, the reference not.
            let is_near = |(a, b): (&f64, &f64)| (a - b).abs() < 3e-5 * b.max(1.0);
            assert!(
                ours.iter().zip(theirs).all(is_near),
                "{city}, station {station}: {ours:?} but {theirs:?}"
            );
        }
    }
}
