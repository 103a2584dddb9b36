#![no_main]
//! Files that people write (profile, overlay, list of calls) are read or refused.
use ems_roads::{Overlay, Profile};
use ems_sim::CallList;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Overlay::parse(text);
    let _ = Profile::parse(text);
    let _ = CallList::parse(text, &["chest-pain", "stroke"]);
});
