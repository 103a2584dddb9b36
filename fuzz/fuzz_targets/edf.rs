#![no_main]
//! EDF is decoded with complaints, or refused; what can be written is read again as it was.
use ems_device::Edf;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok((edf, _)) = Edf::decode(bytes) else { return };
    let n_samples: usize = edf.signals.iter().map(|signal| signal.samples.len()).sum();
    assert!(2 * n_samples <= bytes.len());
    let Ok(written) = edf.encode() else { return };
    let (again, _) = Edf::decode(&written).expect("what is written can be read");
    assert_eq!(again.annotations.len(), edf.annotations.len());
    for (again, signal) in again.signals.iter().zip(&edf.signals) {
        assert_eq!(again.samples, signal.samples);
    }
});
