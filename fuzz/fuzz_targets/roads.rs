#![no_main]
//! A road graph is sound or refused: whatever decodes can be searched.
use ems_roads::Roads;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(roads) = Roads::decode(bytes) {
        let (from, to) = (roads.somewhere(0.2), roads.somewhere(0.8));
        let time = roads.time(&from, &to);
        assert_eq!(roads.route(&from, &to).map(|route| route.duration), time);
    }
});
