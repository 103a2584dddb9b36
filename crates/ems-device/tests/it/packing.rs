//! WFDB's storage formats: samples that are packed are read again.

use ems_device::{Header, Recording};
use proptest::prelude::*;

/// The formats with the bits of their samples.
const FORMATS: [(u16, u32); 10] = [
    (8, 7),
    (16, 16),
    (24, 24),
    (32, 32),
    (61, 16),
    (80, 8),
    (160, 16),
    (212, 12),
    (310, 10),
    (311, 10),
];

fn pack(format: u16, samples: &[i32]) -> Vec<u8> {
    let low = |sample: i32, n_bytes: usize| sample.to_le_bytes()[..n_bytes].to_vec();
    match format {
        8 => differences(samples),
        16 => samples.iter().flat_map(|&it| low(it, 2)).collect(),
        24 => samples.iter().flat_map(|&it| low(it, 3)).collect(),
        32 => samples.iter().flat_map(|&it| low(it, 4)).collect(),
        61 => samples.iter().flat_map(|&it| low(it, 2).into_iter().rev()).collect(),
        80 => samples.iter().flat_map(|&it| low(it + 128, 1)).collect(),
        160 => samples.iter().flat_map(|&it| low(it + 32_768, 2)).collect(),
        212 => samples.chunks(2).flat_map(pair_212).collect(),
        310 => samples.chunks(3).flat_map(triple_310).collect(),
        _ => samples.chunks(3).flat_map(triple_311).collect(),
    }
}

fn differences(samples: &[i32]) -> Vec<u8> {
    let before = std::iter::once(&0).chain(samples);
    samples.iter().zip(before).map(|(it, before)| (it - before).to_le_bytes()[0]).collect()
}

fn bits(sample: Option<&i32>, n_bits: u32) -> u32 {
    sample.copied().unwrap_or(0).cast_unsigned() & ((1 << n_bits) - 1)
}

fn pair_212(pair: &[i32]) -> Vec<u8> {
    let (first, second) = (bits(pair.first(), 12), bits(pair.get(1), 12));
    let bytes = [first & 0xff, first >> 8 | second >> 8 << 4, second & 0xff];
    bytes.iter().map(|it| it.to_le_bytes()[0]).collect()
}

fn triple_310(triple: &[i32]) -> Vec<u8> {
    let [first, second, third] = [0, 1, 2].map(|idx| bits(triple.get(idx), 10));
    let words = [first << 1 | (third & 31) << 11, second << 1 | third >> 5 << 11];
    words.iter().flat_map(|it| it.to_le_bytes()[..2].to_vec()).collect()
}

fn triple_311(triple: &[i32]) -> Vec<u8> {
    let [first, second, third] = [0, 1, 2].map(|idx| bits(triple.get(idx), 10));
    (first | second << 10 | third << 20).to_le_bytes().to_vec()
}

fn samples() -> impl Strategy<Value = (u16, Vec<i32>)> {
    prop::sample::select(FORMATS.to_vec()).prop_flat_map(|(format, n_bits)| {
        // The smallest number stands for a missing sample; steps of format 8 take a byte.
        let most = i32::MAX >> (32 - n_bits);
        let most = if format == 8 { most / 2 } else { most };
        (Just(format), prop::collection::vec(-most..=most, 1..40))
    })
}

proptest! {
    #[test]
    fn samples_of_each_format_are_read_again((format, samples) in samples()) {
        let n_samples = samples.len();
        let sum: i64 = samples.iter().map(|&it| i64::from(it)).sum();
        let header = format!("r 1 250 {n_samples}\na.dat {format} 200 16 0 0 {} 0 II", sum.rem_euclid(65_536));
        let header = Header::parse(header.as_bytes()).unwrap();
        let bytes = pack(format, &samples);
        let (recording, complaints) = Recording::decode(&header, &[("a.dat", &bytes)]).unwrap();
        let found: Vec<_> = recording.signals[0].adc().collect();
        prop_assert_eq!(found, samples.into_iter().map(Some).collect::<Vec<_>>());
        // The last group of a packed format may have room for more samples.
        let is_packed = [212, 310, 311].contains(&format);
        prop_assert!(complaints.is_empty() || is_packed, "{complaints:?}");
    }
}
