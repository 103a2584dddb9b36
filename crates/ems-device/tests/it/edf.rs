//! EDF and EDF+: real files, and what is written is read again.

use ems_device::{Edf, EdfAnnotation, EdfKind, EdfSignal, Moment};
use ems_model::{Private, Timestamp};
use proptest::prelude::*;

use crate::recordings::data;

#[test]
fn real_files_are_read() {
    let Some(folder) = data("formats") else { return };
    let read = |name: &str| Edf::decode(&std::fs::read(folder.join(name)).unwrap()).unwrap();

    let (sleep, complaints) = read("test_edfann.edf");
    assert_eq!((complaints, sleep.kind, sleep.signals.len()), (vec![], EdfKind::Continuous, 0));
    assert_eq!(sleep.start.unwrap().to_string(), "2001-01-01T23:59:30");
    assert_eq!(sleep.annotations.len(), 856);
    let note = &sleep.annotations[2];
    assert_eq!((note.onset_secs, note.duration_secs), (33.43, Some(0.0)));
    assert_eq!(note.text, "Lights off@@EEG F4-A1");

    let (waves, complaints) = read("test_generator_2.edf");
    assert_eq!(complaints, []);
    let labels: Vec<_> = waves.signals.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels[..4], ["squarewave", "ramp", "pulse", "ECG"]);
    assert_eq!(waves.signals[0].hz(waves.record_secs), Some(200.0));
    let (low, high) = waves.signals[0]
        .physical()
        .fold((0.0_f64, 0.0_f64), |(low, high), it| (low.min(it), high.max(it)));
    assert!((low + 100.0).abs() < 0.1 && (high - 100.0).abs() < 0.1, "{low} {high}");
}

fn signal(n_records: usize) -> impl Strategy<Value = EdfSignal> {
    let range = (-999i16..0, 1i16..999);
    let digital = (-32_768i32..0, 1i32..32_768);
    let samples = (0usize..6)
        .prop_flat_map(move |n| (Just(n), prop::collection::vec(any::<i16>(), n * n_records)));
    ("[A-Z][A-Za-z0-9]{0,8}", range, digital, samples).prop_map(
        |(label, (low, high), digital_range, (samples_per_record, samples))| EdfSignal {
            label,
            transducer: "AgCl".into(),
            unit: "uV".into(),
            physical_range: (f64::from(low) / 10.0, f64::from(high)),
            digital_range,
            prefilter: "HP:0.1Hz".into(),
            samples_per_record,
            samples,
        },
    )
}

fn annotations() -> impl Strategy<Value = Vec<EdfAnnotation>> {
    let note = (0i32..90_000, prop::option::of(0i32..500), "[^\u{14}\u{15}\u{0}\n]{0,9}").prop_map(
        |(millis, duration, text)| EdfAnnotation {
            onset_secs: f64::from(millis) / 1000.0,
            duration_secs: duration.map(|it| f64::from(it) / 10.0),
            text,
        },
    );
    prop::collection::vec(note, 0..8)
}

fn file() -> impl Strategy<Value = Edf> {
    let kind =
        prop::sample::select(vec![EdfKind::Plain, EdfKind::Continuous, EdfKind::Discontinuous]);
    (kind, 1usize..5, 480_000_000i64..3_600_000_000).prop_flat_map(|(kind, n_records, start)| {
        let signals =
            prop::collection::vec(signal(n_records), usize::from(kind == EdfKind::Plain)..4);
        let starts = prop::collection::vec(0i32..1000, n_records);
        (signals, annotations(), starts).prop_map(move |(signals, annotations, gaps)| {
            let is_plain = kind == EdfKind::Plain;
            let step = |idx: i32, gap: i32| {
                f64::from(idx) * 20.0 + f64::from(gap * i32::from(!is_plain)) / 100.0
            };
            Edf {
                kind,
                patient: Private::new("X F X Jane".into()),
                recording: Private::new(if is_plain {
                    "lab 3".into()
                } else {
                    "Startdate X X X X".into()
                }),
                start: Some(Moment::Local(Timestamp::from_millis(start * 1000))),
                record_secs: 20.0,
                record_starts: gaps.into_iter().zip(0..).map(|(gap, idx)| step(idx, gap)).collect(),
                signals,
                annotations: if is_plain { vec![] } else { annotations },
            }
        })
    })
}

proptest! {
    #[test]
    fn a_file_that_is_written_is_read_again(edf in file()) {
        let bytes = edf.encode().unwrap();
        let (mut again, complaints) = Edf::decode(&bytes).unwrap();
        let n_samples: usize = edf.signals.iter().map(|it| it.samples_per_record).sum();
        if n_samples == 0 && edf.kind == EdfKind::Plain {
            // Records without a byte cannot be counted.
            again.record_starts.clone_from(&edf.record_starts);
        } else {
            prop_assert_eq!(complaints, vec![]);
        }
        prop_assert_eq!(again, edf);
    }

    #[test]
    fn no_change_of_a_file_makes_the_reader_panic(
        edf in file(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = edf.encode().unwrap();
        for (at, byte) in changes {
            let at = at.index(bytes.len().min(700));
            bytes[at] = byte;
        }
        bytes.truncate(cut.index(bytes.len()) + 1);
        let _ = Edf::decode(&bytes);
    }
}

#[test]
fn what_a_field_cannot_hold_is_refused() {
    let edf = Edf {
        kind: EdfKind::Plain,
        patient: Private::new("Zoë".into()),
        recording: Private::new(String::new()),
        start: None,
        record_secs: 1.0 / 3.0,
        record_starts: vec![],
        signals: vec![],
        annotations: vec![],
    };
    let refused = |edf: Edf| edf.encode().unwrap_err().to_string();
    assert_eq!(
        refused(edf.clone()),
        "patient is \"Zoë\", not up to 80 characters of printable ASCII: shorten or round it"
    );
    let edf = Edf { patient: Private::new("X".into()), ..edf };
    assert_eq!(
        refused(edf),
        "duration of a data record is \"0.3333333333333333\", not up to 8 characters of printable ASCII: shorten or round it"
    );
}
