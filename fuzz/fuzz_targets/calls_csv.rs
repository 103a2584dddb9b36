#![no_main]
//! A list of calls is read, in order of time, or refused with its line.
use ems_fuzz::TOWN;
use ems_model::Millis;
use ems_sim::CallList;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match CallList::parse(bytes, &["chest-pain", "stroke"]) {
        Ok(list) => {
            assert!(list.calls().is_sorted_by_key(|call| call.rings_after));
            assert!(list.calls().iter().all(|call| call.rings_after >= Millis::ZERO));
            let _ = list.check_on(&TOWN.roads);
        }
        Err(error) => assert!(error.to_string().len() < 1000, "{error}"),
    }
});
