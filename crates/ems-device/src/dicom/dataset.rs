//! Data sets: elements by their tags, sequences of data sets in them.

use crate::bytes::Bytes;
use crate::fault::Fault;

/// How elements are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Explicit,
    Implicit,
}

/// Elements in the order of the file.
#[derive(Debug, Default)]
pub(super) struct Dataset<'a>(Vec<(u32, Element<'a>)>);

#[derive(Debug)]
enum Element<'a> {
    Value(&'a [u8]),
    Items(Vec<Dataset<'a>>),
}

const UNDEFINED: u32 = u32::MAX;
const ITEM: u32 = 0xfffe_e000;
const ITEM_END: u32 = 0xfffe_e00d;
const SEQUENCE_END: u32 = 0xfffe_e0dd;
/// How deep sequences may lie in each other.
const MAX_DEPTH: u8 = 8;
const COPY: &str = "copy the file again";
/// The sequences that are read, where implicit VR does not say what is one.
const SEQUENCES: [u32; 4] = [0x5400_0100, 0x003a_0200, 0x003a_0208, 0x003a_0211];
/// Representations with a length of 32 bits.
const LONG: [&[u8; 2]; 13] =
    [b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"];

/// Reads elements up to the end of the bytes, of the item, or of those with tags below `below`.
pub(super) fn elements<'a>(
    bytes: &mut Bytes<'a>,
    syntax: Syntax,
    below: u32,
    depth: u8,
) -> Result<Dataset<'a>, Fault> {
    if depth >= MAX_DEPTH {
        return Err(bytes.fault("more than 8 levels deep", "an ECG waveform", "export it again"));
    }
    let mut dataset = Dataset::default();
    while !bytes.is_empty() {
        let mut next = *bytes;
        let tag = tag(&mut next)?;
        if tag >= below {
            break;
        }
        *bytes = next;
        if tag == ITEM_END {
            bytes.u32_le()?;
            break;
        }
        let element = element(bytes, syntax, tag, depth)?;
        dataset.0.push((tag, element));
    }
    Ok(dataset)
}

fn tag(bytes: &mut Bytes<'_>) -> Result<u32, Fault> {
    Ok(u32::from(bytes.u16_le()?) << 16 | u32::from(bytes.u16_le()?))
}

fn element<'a>(
    bytes: &mut Bytes<'a>,
    syntax: Syntax,
    tag: u32,
    depth: u8,
) -> Result<Element<'a>, Fault> {
    let (is_sequence, n_bytes, inner) = match syntax {
        Syntax::Implicit => (SEQUENCES.contains(&tag), bytes.u32_le()?, syntax),
        Syntax::Explicit => {
            let representation: [u8; 2] = bytes.array()?;
            let n_bytes = if LONG.contains(&&representation) {
                bytes.take(2)?;
                bytes.u32_le()?
            } else {
                bytes.u16_le()?.into()
            };
            // What is unknown and of undefined length is a sequence in implicit VR (PS3.5, 6.2.2).
            let is_unknown = &representation == b"UN" && n_bytes == UNDEFINED;
            let inner = if is_unknown { Syntax::Implicit } else { syntax };
            (&representation == b"SQ", n_bytes, inner)
        }
    };
    if n_bytes == UNDEFINED {
        return Ok(Element::Items(items(bytes, inner, depth)?));
    }
    let mut value = bytes.part(usize::try_from(n_bytes).unwrap_or(usize::MAX))?;
    if is_sequence {
        return Ok(Element::Items(items(&mut value, inner, depth)?));
    }
    Ok(Element::Value(value.rest()))
}

fn items<'a>(bytes: &mut Bytes<'a>, syntax: Syntax, depth: u8) -> Result<Vec<Dataset<'a>>, Fault> {
    let mut found = vec![];
    while !bytes.is_empty() {
        let tag = tag(bytes)?;
        let n_bytes = bytes.u32_le()?;
        match (tag, n_bytes) {
            (SEQUENCE_END, _) => break,
            (ITEM, UNDEFINED) => found.push(elements(bytes, syntax, u32::MAX, depth + 1)?),
            (ITEM, _) => {
                let mut item = bytes.part(usize::try_from(n_bytes).unwrap_or(usize::MAX))?;
                found.push(elements(&mut item, syntax, u32::MAX, depth + 1)?);
            }
            _ => return Err(bytes.fault(format!("after tag {tag:08x}"), "an item", COPY)),
        }
    }
    Ok(found)
}

impl<'a> Dataset<'a> {
    pub(super) fn bytes(&self, tag: u32) -> Option<&'a [u8]> {
        self.0.iter().find_map(|(it, element)| match element {
            Element::Value(value) if *it == tag => Some(*value),
            _ => None,
        })
    }

    pub(super) fn items(&self, tag: u32) -> &[Self] {
        let found = self.0.iter().find_map(|(it, element)| match element {
            Element::Items(items) if *it == tag => Some(items.as_slice()),
            _ => None,
        });
        found.unwrap_or_default()
    }

    /// The text of an element without the spaces around it; empty where there is none.
    pub(super) fn text(&self, tag: u32) -> String {
        let text = String::from_utf8_lossy(self.bytes(tag).unwrap_or_default());
        crate::wfdb::shorten(text.trim_matches([' ', '\0']))
    }

    /// A finite decimal.
    pub(super) fn decimal(&self, tag: u32) -> Option<f64> {
        self.text(tag).trim().parse().ok().filter(|it: &f64| it.is_finite())
    }

    /// A whole number of 16 or 32 bits.
    pub(super) fn whole(&self, tag: u32) -> Option<usize> {
        let number = match *self.bytes(tag)? {
            [low, high] => u16::from_le_bytes([low, high]).into(),
            [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
            _ => return None,
        };
        usize::try_from(number).ok()
    }
}
