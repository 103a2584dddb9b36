#![no_main]
//! A DICOM file is decoded with complaints, or refused.
use ems_device::DicomEcg;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok((ecg, _)) = DicomEcg::decode(bytes) else { return };
    for group in &ecg.groups {
        assert!(group.hz > 0.0);
        let n_samples: usize = group.channels.iter().map(|it| it.physical().count()).sum();
        assert!(n_samples <= bytes.len());
    }
});
