#![no_main]
//! Traces are read or refused; those that were read are matched to the town, whatever they say.
use std::sync::LazyLock;

use ems_model::Millis;
use ems_roads::{ImportRequest, Lengths, Overlay, Profile, Roads, import};
use ems_traces::{MatchModel, SpanRules, Traces, drives, match_trace};
use libfuzzer_sys::fuzz_target;

static TOWN: LazyLock<(Roads, Lengths)> = LazyLock::new(|| {
    let extract = &include_bytes!("../seeds/extract/town")[..];
    let (profile, overlay) = (Profile::blue_light(), Overlay::default());
    let request = ImportRequest { name: "Town".into(), profile, overlay };
    let roads = import(extract, &request, &mut |_| ()).expect("a seed is sound").roads;
    let lengths = Lengths::of(&roads);
    (roads, lengths)
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(traces) = Traces::parse(bytes) else { return };
    let (roads, lengths) = &*TOWN;
    let model = MatchModel::for_noise(20.0, Millis::from_secs(10));
    for (_, fixes) in traces.units().take(10) {
        let fixes = &fixes[..fixes.len().min(200)];
        let chains = match_trace(roads, lengths, model, fixes).expect("fixes are in order");
        for chain in &chains {
            assert!(chain.fixes.is_sorted_by(|a, b| a.fix.at < b.fix.at));
            let drives = drives(roads, chain, &SpanRules::CAREFUL);
            for span in drives.iter().flat_map(|d| d.spans(roads, &SpanRules::CAREFUL, 0)) {
                assert!(span.seconds > 0.0 && span.profile_seconds() > 0.0);
            }
        }
    }
});
