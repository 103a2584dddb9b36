#![no_main]
//! The numbers of a rehearsal and its mix of complaints are read or refused.
use ems_sim::{Mix, Settings};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(mut settings) = Settings::parse(text) {
        settings.at_speed(1000);
    }
    if let Ok(mix) = Mix::parse(text) {
        assert!(mix.complaints().next().is_some());
    }
});
