#![no_main]
//! A file of traffic is laid over a town, or refused with its line; what is laid can be searched.
use ems_fuzz::TOWN;
use ems_model::Timestamp;
use ems_roads::{Traffic, TrafficFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let now = Timestamp::from_rfc3339("2026-11-25T08:00:00Z").expect("it is a time");
    match TrafficFile::parse(bytes, &TOWN.roads, now) {
        Ok(file) => {
            let kept = Traffic::default().with(&file.traffic, now);
            assert!(kept.n_arcs() <= 2 * TOWN.roads.n_edges());
            assert!(kept.rows().all(|row| row.until > now));
            let under = TOWN.roads.under(&kept, now);
            let (from, to) = (under.somewhere(0.2), under.somewhere(0.8));
            let time = under.time(&from, &to);
            assert_eq!(under.way(&from, &to).ok().map(|route| route.duration), time);
        }
        Err(error) => assert!(error.to_string().len() < 1000, "{error}"),
    }
});
