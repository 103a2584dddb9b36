//! The optima of a reference that another solver found, from `../shared/data`; skipped, and said
//! so, where they are absent.

use std::fs;
use std::time::Instant;

use ems_plan::{Ended, PatternFile, expected_cover, mclp, mexclp};
use serde_json::Value;

use crate::ask;

fn shared(file: &str) -> Option<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/dispatch/replay/");
    let text = fs::read_to_string(format!("{folder}{file}")).ok();
    if text.is_none() {
        eprintln!("skipped: {folder}{file} is not there");
    }
    text
}

#[test]
fn the_reference_optima_are_found_again() {
    let Some(optima) = shared("optima.json") else { return };
    let optima: Value = serde_json::from_str(&optima).unwrap();
    let mut n_checked = 0;
    for (city, optima) in optima.as_object().unwrap() {
        let Some(table) = shared(&format!("{city}_coverage_patterns.csv")) else { return };
        let cover = PatternFile::parse(&table).unwrap().cover;
        let total = optima["demand_per_day"].as_f64().unwrap();
        for (n, optimum) in optima["MCLP"].as_object().unwrap() {
            let start = Instant::now();
            let plan = ask(|effort| mclp(&cover, n.parse().unwrap(), effort)).unwrap();
            eprintln!("{city} MCLP {n}: {:?}, {:?}", start.elapsed(), plan.ties);
            let expected = optimum["covered_frac"].as_f64().unwrap();
            assert!((plan.objective / total - expected).abs() < 1e-6, "{city} {n}: {plan:?}");
            let sites: Vec<usize> = plan.sites().iter().map(|site| site + 1).collect();
            assert_eq!(serde_json::json!(sites), optimum["stations"], "{city} {n}");
            assert_eq!(plan.ended, Ended::Proven);
            n_checked += 1;
        }
        for (busy, optimum) in optima["MEXCLP"].as_object().unwrap() {
            let busy: f64 = busy.parse().unwrap();
            let n = u32::try_from(optimum["K"].as_u64().unwrap()).unwrap();
            let start = Instant::now();
            let plan = ask(|effort| mexclp(&cover, n, busy, effort)).unwrap();
            eprintln!("{city} MEXCLP {busy}: {:?}, {:?}", start.elapsed(), plan.ties);
            let expected = optimum["expected_covered_frac_opt"].as_f64().unwrap();
            assert!((plan.objective / total - expected).abs() < 1e-6, "{city} {busy}: {plan:?}");
            let units =
                |key: &str| -> Vec<u32> { serde_json::from_value(optimum[key].clone()).unwrap() };
            assert_eq!(plan.units, units("x"), "{city} {busy}");
            let theirs = expected_cover(&cover, &units("jemss_deployment"), busy) / total;
            let key = "expected_covered_frac_jemss_deployment";
            assert!((theirs - optimum[key].as_f64().unwrap()).abs() < 1e-6);
            n_checked += 1;
        }
    }
    assert!(n_checked >= 28, "{n_checked}");
}
