//! No bytes make a decoder panic.

use ems_device::{
    Annotation, EcgChunk, Header, Recording, decode_annotations, decode_ecg, decode_topic,
    encode_annotations,
};
use ems_model::Timestamp;
use proptest::prelude::*;

/// Words that stand in headers, so that noise gets past the first field.
fn header_text() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &[
        "r",
        "a.dat",
        "1",
        "2",
        "3",
        "0",
        "-1",
        "NaN",
        "inf",
        "1e308",
        "16",
        "212",
        "16x2:3+24",
        "212x10000",
        "8",
        "310",
        "311:4294967295",
        "200(1024)/mV",
        "0(0)/mV",
        "1e-300",
        "\n",
        "\n",
        "9223372036854775807",
        "18446744073709551615",
        "-2147483648",
        "#",
        "/",
        "360",
    ];
    let word = prop_oneof![9 => prop::sample::select(WORDS), 1 => Just("\u{fffd}\r")];
    prop::collection::vec(word, 0..60).prop_map(|words| words.join(" "))
}

/// A plausible header, so that noise reaches the samples.
fn signal_lines() -> impl Strategy<Value = String> {
    const FORMATS: &[&str] =
        &["8", "16", "24", "32", "61", "80", "160", "212", "310", "311", "508"];
    let line = (prop::sample::select(FORMATS), 1u32..5, 0u32..9, 0u32..9, -2i32..3).prop_map(
        |(fmt, spf, skew, at, gain)| format!("a.dat {fmt}x{spf}:{skew}+{at} {gain}/uV\n"),
    );
    (0u64..40, prop::collection::vec(line, 1..4))
        .prop_map(|(n, lines)| format!("r {} 250 {n}\n{}", lines.len(), lines.concat()))
}

fn decode_all(header: &str, bytes: &[u8]) {
    let Ok(header) = Header::parse(header.as_bytes()) else { return };
    let files: Vec<_> = header.signals.iter().map(|spec| (spec.file.as_str(), bytes)).collect();
    let Ok((recording, _)) = Recording::decode(&header, &files) else { return };
    for signal in &recording.signals {
        assert!(signal.hz() > 0.0 && signal.len() <= 2 * bytes.len());
        assert_eq!(signal.microvolts().map_or(signal.len(), |samples| samples.len()), signal.len());
    }
}

fn labels() -> impl Strategy<Value = Vec<Annotation>> {
    let sample = prop_oneof![8 => 0i64..2000, 1 => -9i64..(1 << 33)];
    let label = (sample, 1u8..50, any::<i8>(), any::<u8>(), any::<i8>(), "[(A-Z é]{0,9}").prop_map(
        |(sample, code, subtype, channel, number, aux)| Annotation {
            sample,
            code,
            subtype,
            channel,
            number,
            aux,
        },
    );
    prop::collection::vec(label, 0..30)
}

proptest! {
    #[test]
    fn encoded_labels_are_decoded_again(labels in labels()) {
        let bytes = encode_annotations(&labels).unwrap();
        prop_assert_eq!(decode_annotations(&bytes), (labels, vec![]));
    }

    #[test]
    fn no_header_makes_the_decoder_panic(
        header in header_text(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        decode_all(&header, &bytes);
    }

    #[test]
    fn no_samples_make_the_decoder_panic(
        header in signal_lines(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        decode_all(&header, &bytes);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = Header::parse(&bytes);
        let (labels, _) = decode_annotations(&bytes);
        prop_assert!(labels.len() <= bytes.len());
        let _ = decode_topic("golden-hour/A1/vitals", &bytes);
        let _ = decode_topic("golden-hour/A1/ecg", &bytes);
    }

    #[test]
    fn an_encoded_chunk_is_decoded_again(
        at in 1_000_000_000_000_000i64..2_000_000_000_000_000,
        hz in 1u32..=2000,
        microvolts in prop::collection::vec(-32_767i16..=32_767, 1..50),
    ) {
        let microvolts = microvolts.into_iter().map(f32::from).collect();
        let at = Timestamp::from_micros(at);
        let chunk = EcgChunk { at, lead: "aVR".into(), hz, microvolts };
        let (decoded, complaints) = decode_ecg(chunk.to_json().as_bytes()).unwrap();
        prop_assert_eq!(decoded, chunk);
        prop_assert!(complaints.is_empty());
    }
}
