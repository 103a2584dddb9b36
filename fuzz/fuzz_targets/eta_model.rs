#![no_main]
//! An ETA model is read or refused; one that was read gives quantiles that rise.
use ems_model::Millis;
use ems_traces::EtaModel;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(model) = EtaModel::parse(text) else { return };
    for secs in [0, 1, 60, 1200, 86_400] {
        let drive = Millis::from_secs(secs);
        let quantiles = [0.025, 0.1, 0.5, 0.9, 0.975].map(|share| model.quantile(drive, share));
        assert!(quantiles.is_sorted() && quantiles[0] >= Millis::ZERO, "{quantiles:?}");
    }
    let back = EtaModel::parse(&model.to_toml()).expect("what was written is read");
    assert_eq!(back, model);
});
