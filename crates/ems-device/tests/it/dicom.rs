//! DICOM ECG waveforms: files of a writer of our own, in both syntaxes.

#![expect(clippy::cast_possible_truncation, reason = "the writer's numbers are small")]

use ems_device::{Complaint, DicomChannel, DicomEcg, DicomGroup};
use proptest::prelude::*;

/// Writes elements in one of the two syntaxes.
#[derive(Clone, Copy)]
struct Writer {
    is_explicit: bool,
    /// Whether sequences and items end by marks, not by lengths.
    is_open: bool,
}

impl Writer {
    fn element(self, tag: u32, vr: &str, value: &[u8]) -> Vec<u8> {
        let mut value = value.to_vec();
        if value.len() % 2 == 1 {
            value.push(if vr == "OW" { 0 } else { b' ' });
        }
        [self.head(tag, vr, u32::try_from(value.len()).unwrap()), value].concat()
    }

    fn head(self, tag: u32, vr: &str, n_bytes: u32) -> Vec<u8> {
        let mut head = [(tag >> 16) as u16, tag as u16].map(u16::to_le_bytes).concat();
        match vr {
            _ if !self.is_explicit => head.extend(n_bytes.to_le_bytes()),
            "SQ" | "OW" => head.extend([vr.as_bytes(), &[0, 0], &n_bytes.to_le_bytes()].concat()),
            _ => head.extend([vr.as_bytes(), &(n_bytes as u16).to_le_bytes()].concat()),
        }
        head
    }

    fn text(self, tag: u32, vr: &str, value: &dyn ToString) -> Vec<u8> {
        self.element(tag, vr, value.to_string().as_bytes())
    }

    fn sequence(self, tag: u32, items: &[Vec<u8>]) -> Vec<u8> {
        let bare = Self { is_explicit: false, ..self };
        let closed = |content: &Vec<u8>| bare.element(0xfffe_e000, "", content);
        if !self.is_open {
            return self.element(tag, "SQ", &items.iter().flat_map(closed).collect::<Vec<_>>());
        }
        let [start, end, last] = [(0xfffe_e000, u32::MAX), (0xfffe_e00d, 0), (0xfffe_e0dd, 0)]
            .map(|(mark, n_bytes)| bare.head(mark, "", n_bytes));
        let open = |content| [&start[..], content, &end].concat();
        let items: Vec<u8> = items.iter().flat_map(|content| open(content)).collect();
        [self.head(tag, "SQ", u32::MAX), items, last].concat()
    }

    fn channel(self, channel: &DicomChannel) -> Vec<u8> {
        let source = [
            self.text(0x0008_0100, "SH", &"5.6.3-9-1"),
            self.text(0x0008_0104, "LO", &&channel.lead),
        ];
        let unit = self.text(0x0008_0100, "SH", &&channel.unit);
        let sensitivity = channel.sensitivity.map(|it| self.text(0x003a_0210, "DS", &it));
        [
            self.sequence(0x003a_0208, &[source.concat()]),
            sensitivity.unwrap_or_default(),
            self.sequence(0x003a_0211, &[unit]),
            self.text(0x003a_0213, "DS", &channel.baseline),
        ]
        .concat()
    }

    fn group(self, group: &DicomGroup) -> Vec<u8> {
        let channels: Vec<_> = group.channels.iter().map(|it| self.channel(it)).collect();
        let n_samples = group.channels[0].samples.len();
        let frame = |at: usize| group.channels.iter().map(move |it| it.samples[at] as i16);
        let data: Vec<u8> = (0..n_samples).flat_map(frame).flat_map(i16::to_le_bytes).collect();
        let padding = group.channels[0]
            .padding
            .map(|it| self.element(0x5400_100a, "OW", &(it as i16).to_le_bytes()));
        [
            self.element(0x003a_0005, "US", &(channels.len() as u16).to_le_bytes()),
            self.element(0x003a_0010, "UL", &(n_samples as u32).to_le_bytes()),
            self.text(0x003a_001a, "DS", &group.hz),
            self.text(0x003a_0020, "SH", &&group.label),
            self.sequence(0x003a_0200, &channels),
            self.element(0x5400_1004, "US", &16_u16.to_le_bytes()),
            self.text(0x5400_1006, "CS", &"SS"),
            padding.unwrap_or_default(),
            self.element(0x5400_1010, "OW", &data),
        ]
        .concat()
    }

    fn file(self, ecg: &DicomEcg) -> Vec<u8> {
        let meta = Self { is_explicit: true, is_open: false };
        let syntax = if self.is_explicit { "1.2.840.10008.1.2.1" } else { "1.2.840.10008.1.2" };
        let groups: Vec<_> = ecg.groups.iter().map(|it| self.group(it)).collect();
        [
            vec![0; 128],
            b"DICM".to_vec(),
            meta.text(0x0002_0010, "UI", &format!("{syntax}\0")),
            self.text(0x0008_0016, "UI", &"1.2.840.10008.5.1.4.1.1.9.1.1"),
            self.text(0x0008_002a, "DT", &"20260131081500.250+0100"),
            self.sequence(0x0008_1140, &[self.text(0x0008_1155, "UI", &"1.2.3")]),
            self.sequence(0x5400_0100, &groups),
        ]
        .concat()
    }
}

fn ecg() -> impl Strategy<Value = DicomEcg> {
    let channel = ("[A-Z][a-z0-9 ]{0,6}[a-z]", prop::option::of(1i32..999), -50i32..50);
    let group = (
        prop::collection::vec(channel, 1..4),
        0usize..9,
        1u32..2000,
        prop::option::of(Just(-32_768)),
    )
        .prop_flat_map(|(channels, n_samples, hz, padding)| {
            let samples = prop::collection::vec(any::<i16>(), n_samples * channels.len());
            samples.prop_map(move |samples| {
                let of = |at: usize| samples.iter().skip(at * n_samples).take(n_samples);
                let channel =
                    |(at, (lead, sensitivity, baseline)): (usize, &(String, Option<i32>, i32))| {
                        DicomChannel {
                            lead: lead.clone(),
                            unit: "uV".into(),
                            sensitivity: sensitivity.map(|it| f64::from(it) / 8.0),
                            baseline: f64::from(*baseline),
                            samples: of(at).map(|it| i32::from(*it)).collect(),
                            padding,
                        }
                    };
                DicomGroup {
                    label: "RHYTHM".into(),
                    hz: f64::from(hz),
                    channels: channels.iter().enumerate().map(channel).collect(),
                }
            })
        });
    prop::collection::vec(group, 1..3).prop_map(|groups| DicomEcg { start: None, groups })
}

proptest! {
    #[test]
    fn a_file_of_either_syntax_is_read_again(
        ecg in ecg(),
        is_explicit in any::<bool>(),
        is_open in any::<bool>(),
    ) {
        let bytes = Writer { is_explicit, is_open }.file(&ecg);
        let (found, complaints) = DicomEcg::decode(&bytes).unwrap();
        prop_assert_eq!(found.start.unwrap().to_string(), "2026-01-31T07:15:00.25Z");
        prop_assert_eq!(&found.groups, &ecg.groups);
        let is_told = |it: &Complaint| matches!(it, Complaint::Uncalibrated { .. });
        prop_assert!(complaints.iter().all(is_told));
    }

    #[test]
    fn no_change_of_a_file_makes_the_reader_panic(
        ecg in ecg(),
        is_explicit in any::<bool>(),
        is_open in any::<bool>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = Writer { is_explicit, is_open }.file(&ecg);
        for (at, byte) in changes {
            let at = 132 + at.index(bytes.len() - 132);
            bytes[at] = byte;
        }
        bytes.truncate(133 + cut.index(bytes.len() - 132));
        let _ = DicomEcg::decode(&bytes);
    }
}

#[test]
fn what_is_no_ecg_waveform_is_refused() {
    let meta = Writer { is_explicit: true, is_open: false };
    let file = |syntax: &str, class: &str| {
        let elements =
            [meta.text(0x0002_0010, "UI", &syntax), meta.text(0x0008_0016, "UI", &class)];
        [&[0; 128][..], b"DICM", &elements.concat()].concat()
    };
    for (bytes, message) in [
        (
            vec![0; 140],
            "DICOM file, byte 132 is after no DICM mark, not after the mark of a DICOM file",
        ),
        (
            file("1.2.840.10008.1.2.2", ""),
            "transfer syntax is 1.2.840.10008.1.2.2, not explicit or implicit VR little endian",
        ),
        (
            file("1.2.840.10008.1.2.1", "1.2.840.10008.5.1.4.1.1.2"),
            "SOP class is 1.2.840.10008.5.1.4.1.1.2 with 0 waveforms, not ECG waveform storage with one or more",
        ),
    ] {
        let refused = DicomEcg::decode(&bytes).unwrap_err().to_string();
        assert_eq!(
            refused,
            format!("{message}: export the ECG as DICOM waveform, explicit VR little endian")
        );
    }
}
