//! Beat and rhythm annotations in MIT format (WFDB Applications Guide, 10th edition, annot(5)).

use crate::complaint::Complaint;

/// A label at one sample of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    /// The sample it belongs to, counted from 0 (negative only in broken files).
    pub sample: i64,
    /// The label's code, 1..=49, see [`Self::symbol`].
    pub code: u8,
    /// The label's subtype.
    pub subtype: i8,
    /// The signal it belongs to.
    pub channel: u8,
    /// A number of the annotator's own.
    pub number: i8,
    /// Free text: `(AFIB` for the start of a rhythm.
    pub aux: String,
}

/// The symbols of codes 0..=41 as WFDB prints them; a space where no label is defined.
const SYMBOLS: [&str; 42] = [
    " ", "N", "L", "R", "a", "V", "F", "J", "A", "S", "E", "j", "/", "Q", "~", " ", "|", " ", "s",
    "T", "*", "D", "\"", "=", "p", "B", "^", "t", "+", "u", "?", "!", "[", "]", "e", "n", "@", "x",
    "f", "(", ")", "r",
];

impl Annotation {
    /// Whether the label marks a beat; flutter waves (`!`) are not beats.
    pub const fn is_beat(&self) -> bool {
        matches!(self.code, 1..=13 | 25 | 30 | 34 | 35 | 38 | 41)
    }

    /// The symbol that WFDB prints for the label: `N`, `V`, `+`.
    pub fn symbol(&self) -> &'static str {
        SYMBOLS.get(usize::from(self.code)).copied().unwrap_or(" ")
    }
}

/// Reads a whole annotation file (`.atr`); a file that breaks off gives what came before.
pub fn decode_annotations(bytes: &[u8]) -> (Vec<Annotation>, Vec<Complaint>) {
    let mut reader = Reader { bytes, ..Reader::default() };
    while reader.step() == Step::More {}
    let end = Complaint::AnnotationsTruncated { at_byte: reader.next };
    let complaints = if reader.is_ended { vec![] } else { vec![end] };
    (reader.found, complaints)
}

/// Samples a second of the labels' times, where a note at the start says so; else they count the
/// frames of the record.
pub fn annotation_hz(labels: &[Annotation]) -> Option<f64> {
    let notes = labels.iter().take_while(|label| label.sample == 0 && label.code == NOTE);
    let mut texts = notes.filter_map(|note| note.aux.strip_prefix("## time resolution: "));
    let hz: f64 = texts.next()?.trim().parse().ok()?;
    (hz.is_finite() && hz > 0.0).then_some(hz)
}

#[derive(PartialEq)]
enum Step {
    More,
    Done,
}

#[derive(Default)]
struct Reader<'a> {
    bytes: &'a [u8],
    next: usize,
    sample: i64,
    channel: u8,
    number: i8,
    is_ended: bool,
    found: Vec<Annotation>,
}

/// The code of a note.
const NOTE: u8 = 22;
/// Codes that change the annotation before them, or the time of the next one.
pub(crate) const SKIP: u8 = 59;
pub(crate) const NUMBER: u8 = 60;
pub(crate) const SUBTYPE: u8 = 61;
pub(crate) const CHANNEL: u8 = 62;
pub(crate) const AUX: u8 = 63;

impl Reader<'_> {
    fn step(&mut self) -> Step {
        let Some(word) = self.word() else { return Step::Done };
        if word == 0 {
            self.is_ended = true;
            return Step::Done;
        }
        let (code, value) = ((word >> 10) as u8, word & 0x3ff);
        match code {
            SKIP => self.skip(),
            AUX => self.aux(usize::from(value & 0xff)),
            NUMBER | SUBTYPE | CHANNEL => self.modify(code, value),
            _ => self.annotate(code, value),
        }
    }

    fn annotate(&mut self, code: u8, interval: u16) -> Step {
        self.sample = self.sample.saturating_add(i64::from(interval));
        // Padding that WFDB writes after its notes; it labels nothing.
        if code == 0 {
            return Step::More;
        }
        let (sample, channel, number) = (self.sample, self.channel, self.number);
        self.found.push(Annotation {
            sample,
            code,
            subtype: 0,
            channel,
            number,
            aux: String::new(),
        });
        Step::More
    }

    #[expect(clippy::cast_possible_truncation, reason = "the fields are the low byte of the word")]
    fn modify(&mut self, code: u8, value: u16) -> Step {
        match code {
            NUMBER => self.number = value as i8,
            CHANNEL => self.channel = value as u8,
            _ => {}
        }
        if let Some(last) = self.found.last_mut() {
            match code {
                NUMBER => last.number = value as i8,
                CHANNEL => last.channel = value as u8,
                _ => last.subtype = value as i8,
            }
        }
        Step::More
    }

    /// A long interval: two words, the high one first.
    #[expect(clippy::cast_possible_wrap, reason = "two's complement is meant")]
    fn skip(&mut self) -> Step {
        let (Some(high), Some(low)) = (self.word(), self.word()) else { return Step::Done };
        let interval = (u32::from(high) << 16 | u32::from(low)) as i32;
        self.sample = self.sample.saturating_add(i64::from(interval));
        Step::More
    }

    /// Text of `n_bytes`, padded to an even number.
    fn aux(&mut self, n_bytes: usize) -> Step {
        let Some(text) = self.bytes.get(self.next..self.next + n_bytes) else { return Step::Done };
        self.next += n_bytes + n_bytes % 2;
        if let Some(last) = self.found.last_mut() {
            let text = String::from_utf8_lossy(text);
            text.trim_end_matches('\0').clone_into(&mut last.aux);
        }
        Step::More
    }

    fn word(&mut self) -> Option<u16> {
        let low = *self.bytes.get(self.next)?;
        let high = *self.bytes.get(self.next + 1)?;
        self.next += 2;
        Some(u16::from_le_bytes([low, high]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(code: u16, value: u16) -> [u8; 2] {
        (code << 10 | value).to_le_bytes()
    }

    #[test]
    fn intervals_add_up_and_modifiers_belong_to_the_label_before_them() {
        let skip = [word(59, 0), [1, 0], [2, 0]];
        let text = [word(28, 18), word(63, 2), *b"(N", word(1, 59), word(61, 3), word(62, 1)];
        let bytes = [text.concat(), skip.concat(), word(5, 10).into(), vec![0, 0]].concat();
        let (found, complaints) = decode_annotations(&bytes);
        assert_eq!(complaints, []);
        let samples: Vec<_> = found.iter().map(|label| (label.sample, label.symbol())).collect();
        assert_eq!(samples, [(18, "+"), (77, "N"), (77 + 65_538 + 10, "V")]);
        assert_eq!((found[0].aux.as_str(), found[0].is_beat()), ("(N", false));
        assert_eq!((found[1].subtype, found[1].channel, found[1].is_beat()), (3, 1, true));
        assert_eq!((found[2].subtype, found[2].channel), (0, 1));
    }

    #[test]
    fn a_note_tells_the_time_resolution_and_padding_labels_nothing() {
        let note =
            [word(22, 0).to_vec(), word(63, 24).to_vec(), b"## time resolution: 12.5".to_vec()];
        let padding = [word(59, 0), [0xff; 2], [0xff; 2], word(0, 1), word(1, 9), [0, 0]];
        let (found, _) = decode_annotations(&[note.concat(), padding.concat()].concat());
        assert_eq!(annotation_hz(&found), Some(12.5));
        assert_eq!(found.iter().map(|it| it.sample).collect::<Vec<_>>(), [0, 9]);
        assert_eq!(annotation_hz(&found[1..]), None);
    }

    #[test]
    fn a_file_that_breaks_off_gives_what_came_before() {
        let bytes = [word(1, 5), word(63, 40)].concat();
        let (found, complaints) = decode_annotations(&bytes);
        assert_eq!(found.len(), 1);
        assert_eq!(complaints, [Complaint::AnnotationsTruncated { at_byte: 4 }]);
    }
}
