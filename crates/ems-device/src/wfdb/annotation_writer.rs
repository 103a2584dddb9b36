//! Writes annotations in MIT format, as [`decode_annotations`](super::decode_annotations) reads them.

use super::annotation::{AUX, Annotation, CHANNEL, NUMBER, SKIP, SUBTYPE};

/// The longest interval that a label's own word holds, in samples.
const MAX_SHORT_INTERVAL: i64 = 1023;
/// The longest text of a label, in bytes.
const MAX_AUX_BYTES: usize = 255;
/// The labels that annot(5) leaves room for.
const CODES: std::ops::RangeInclusive<u8> = 1..=49;

/// A label that annot(5) cannot hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnnotationError {
    /// A code that no label has.
    #[error("the label at sample {sample} has code {code}, not 1 to 49: give it a label's code")]
    Code {
        /// The label's sample.
        sample: i64,
        /// Its code.
        code: u8,
    },
    /// Text that is too long, or would not be read back.
    #[error(
        "the label at sample {sample} has {n_bytes} bytes of text, at most {MAX_AUX_BYTES} are kept and none may be zero at the end: shorten it"
    )]
    Text {
        /// The label's sample.
        sample: i64,
        /// The length of its text.
        n_bytes: usize,
    },
}

/// Writes a whole annotation file (`.atr`), labels in the order given.
pub fn encode_annotations(labels: &[Annotation]) -> Result<Vec<u8>, AnnotationError> {
    let mut writer = Writer::default();
    for label in labels {
        check(label)?;
        writer.label(label);
    }
    writer.word(0, 0);
    Ok(writer.bytes)
}

fn check(label: &Annotation) -> Result<(), AnnotationError> {
    let (sample, code, n_bytes) = (label.sample, label.code, label.aux.len());
    if !CODES.contains(&code) {
        return Err(AnnotationError::Code { sample, code });
    }
    if n_bytes > MAX_AUX_BYTES || label.aux.ends_with('\0') {
        return Err(AnnotationError::Text { sample, n_bytes });
    }
    Ok(())
}

#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    sample: i64,
    channel: u8,
    number: i8,
}

impl Writer {
    fn word(&mut self, code: u8, value: u16) {
        self.bytes.extend((u16::from(code) << 10 | value).to_le_bytes());
    }

    fn label(&mut self, label: &Annotation) {
        let interval = self.interval(label.sample);
        self.word(label.code, interval);
        if label.subtype != 0 {
            self.word(SUBTYPE, u16::from(label.subtype.cast_unsigned()));
        }
        if label.channel != self.channel {
            self.word(CHANNEL, u16::from(label.channel));
        }
        if label.number != self.number {
            self.word(NUMBER, u16::from(label.number.cast_unsigned()));
        }
        self.aux(label.aux.as_bytes());
        (self.channel, self.number) = (label.channel, label.number);
    }

    /// The interval for the label's own word; what that cannot hold is skipped before it.
    fn interval(&mut self, sample: i64) -> u16 {
        let interval = sample.saturating_sub(self.sample);
        self.sample = sample;
        if (0..=MAX_SHORT_INTERVAL).contains(&interval) {
            return u16::try_from(interval).expect("up to 1023 was checked");
        }
        self.skip(interval);
        0
    }

    /// Long intervals: two words each, the high one first.
    fn skip(&mut self, mut interval: i64) {
        while interval != 0 {
            let step = interval.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
            interval -= step;
            self.word(SKIP, 0);
            let [high_1, high_0, low_1, low_0] =
                i32::try_from(step).expect("it was clamped").to_be_bytes();
            self.bytes.extend([high_0, high_1, low_0, low_1]);
        }
    }

    /// Text, padded to an even number of bytes.
    fn aux(&mut self, text: &[u8]) {
        if text.is_empty() {
            return;
        }
        self.word(AUX, u16::try_from(text.len()).expect("up to 255 was checked"));
        self.bytes.extend(text);
        self.bytes.extend(std::iter::repeat_n(0, text.len() % 2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode_annotations;

    fn label(sample: i64, code: u8, aux: &str) -> Annotation {
        let aux = aux.to_owned();
        Annotation { sample, code, subtype: 0, channel: 0, number: 0, aux }
    }

    #[test]
    fn labels_are_written_as_the_guide_lays_them_out() {
        let labels = [label(18, 28, "(N"), label(77, 1, ""), label(66_000, 5, "")];
        let bytes = encode_annotations(&labels).unwrap();
        let words = [0x7012, 0xfc02, 0x4e28, 0x043b, 0xec00, 1, 387, 0x1400, 0];
        let expected: Vec<u8> = words.iter().flat_map(|word: &u16| word.to_le_bytes()).collect();
        assert_eq!(bytes, expected);
        assert_eq!(decode_annotations(&bytes), (labels.to_vec(), vec![]));
    }

    #[test]
    fn a_label_that_would_not_be_read_back_is_refused() {
        for (wrong, message) in [
            (
                label(7, 0, ""),
                "the label at sample 7 has code 0, not 1 to 49: give it a label's code",
            ),
            (
                label(7, 22, &"x".repeat(256)),
                "the label at sample 7 has 256 bytes of text, at most 255 are kept and none may be zero at the end: shorten it",
            ),
        ] {
            assert_eq!(encode_annotations(&[wrong]).unwrap_err().to_string(), message);
        }
    }
}
