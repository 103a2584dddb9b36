//! Time-stamped annotation lists of EDF+ (section 2.2.2): `+180[\x15 2.5]\x14 text\x14 … \x14\0`.

use std::fmt::Write as _;

use super::EdfAnnotation;

const DURATION: char = '\u{15}';
const SEPARATOR: char = '\u{14}';

/// What one data record's annotation signal holds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Lists {
    /// When the data record starts, in seconds: the first list's time, where it has no text.
    pub(super) start_secs: Option<f64>,
    pub(super) annotations: Vec<EdfAnnotation>,
    /// Lists that could not be read.
    pub(super) n_broken: usize,
}

pub(super) fn read(bytes: &[u8]) -> Lists {
    let mut lists = Lists::default();
    for (list, idx) in bytes.split(|byte| *byte == 0).filter(|list| !list.is_empty()).zip(0..) {
        let text = String::from_utf8_lossy(list);
        match list_of(&text) {
            Some((onset_secs, duration_secs, texts)) => {
                let is_time = idx == 0 && texts.first().is_some_and(|text| text.is_empty());
                if is_time {
                    lists.start_secs = Some(onset_secs);
                }
                let texts = texts.into_iter().skip(usize::from(is_time)).map(str::to_owned);
                let annotation = |text| EdfAnnotation { onset_secs, duration_secs, text };
                lists.annotations.extend(texts.map(annotation));
            }
            None => lists.n_broken += 1,
        }
    }
    lists
}

/// Onset, duration and the texts of one list.
fn list_of(list: &str) -> Option<(f64, Option<f64>, Vec<&str>)> {
    let (time, texts) = list.split_once(SEPARATOR)?;
    let texts = texts.strip_suffix(SEPARATOR)?;
    let (onset, duration) = match time.split_once(DURATION) {
        Some((onset, duration)) => (onset, Some(seconds(duration)?)),
        None => (time, None),
    };
    let onset = seconds(onset).filter(|_| onset.starts_with(['+', '-']))?;
    Some((onset, duration, texts.split(SEPARATOR).collect()))
}

/// Digits with at most a sign and a point.
fn seconds(text: &str) -> Option<f64> {
    let is_plain = text.chars().all(|it| it.is_ascii_digit() || "+-.".contains(it));
    let value: f64 = text.parse().ok().filter(|_| is_plain)?;
    value.is_finite().then_some(value)
}

/// The lists of one data record.
pub(super) fn write(start_secs: f64, annotations: &[&EdfAnnotation]) -> Vec<u8> {
    let mut text = format!("{start_secs:+}{SEPARATOR}{SEPARATOR}\0");
    for EdfAnnotation { onset_secs, duration_secs, text: note } in annotations {
        let duration = duration_secs.map(|secs| format!("{DURATION}{secs}")).unwrap_or_default();
        write!(text, "{onset_secs:+}{duration}{SEPARATOR}{note}{SEPARATOR}\0")
            .expect("a string takes all");
    }
    text.into_bytes()
}

/// Whether a text can stand in a list.
pub(super) fn is_writable(text: &str) -> bool {
    !text.contains([DURATION, SEPARATOR, '\0'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_list_is_the_time_of_the_record() {
        let lists = read(b"+567\x14\x14\0+568.5\x152\x14Lights off\x14Close door\x14\0\0\0");
        let note = |text: &str| EdfAnnotation {
            onset_secs: 568.5,
            duration_secs: Some(2.0),
            text: text.into(),
        };
        let annotations = vec![note("Lights off"), note("Close door")];
        assert_eq!(lists, Lists { start_secs: Some(567.0), annotations, n_broken: 0 });
        assert_eq!(read(b"+1\x14cut").n_broken, 1);
        assert_eq!(read(b"1\x14no sign\x14").n_broken, 1);
        assert_eq!(read(b"+1e3\x14no exponent\x14").n_broken, 1);
    }
}
