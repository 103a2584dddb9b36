//! Photos without what cameras write beside the picture: where, when, by which device, thumbnails.
//!
//! Nothing is decoded: segments and chunks are left out. Of EXIF the orientation alone is kept,
//! without which the photo lies on its side.

/// A file whose parts do not follow each other as they must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("byte {at} of the picture begins no segment: take it again, as JPEG or PNG")]
pub struct BadPicture {
    /// Where.
    pub at: usize,
}

/// The JPEG file without its application segments, comments and what follows its end (ITU-T T.81,
/// annex B; EXIF 2.3, 4.6.4 and 4.7.2; from memory, unverified).
pub fn bare_jpeg(bytes: &[u8]) -> Result<Vec<u8>, BadPicture> {
    let start = bytes.get(..2).filter(|it| *it == [0xff, 0xd8]).ok_or(BadPicture { at: 0 })?;
    let (mut bare, mut at) = (start.to_vec(), 2);
    loop {
        let marker = bytes.get(at..at + 2).ok_or(BadPicture { at })?;
        if marker == [0xff, END] {
            bare.extend(marker);
            return Ok(bare);
        }
        let segment = segment(bytes, at)?;
        at += segment.len();
        bare.extend(kept(segment));
        if marker[1] == SCAN {
            let coded = coded(&bytes[at..]);
            bare.extend(coded);
            at += coded.len();
        }
    }
}

const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
/// Adobe's segment tells how the colours are stored.
const ADOBE: u8 = 0xee;
const EXIF: u8 = 0xe1;

fn kept(segment: &[u8]) -> Vec<u8> {
    match segment[1] {
        ADOBE => segment.to_vec(),
        EXIF => orientation(segment).map(orientation_segment).unwrap_or_default(),
        0xe0..=0xef | 0xfe => vec![],
        _ => segment.to_vec(),
    }
}

/// The coded picture up to the next marker; restarts and stuffed bytes are part of it.
fn coded(bytes: &[u8]) -> &[u8] {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7 | 0xff);
    let end = bytes.windows(2).position(is_marker).unwrap_or(bytes.len());
    &bytes[..end]
}

/// A segment with its marker.
fn segment(bytes: &[u8], at: usize) -> Result<&[u8], BadPicture> {
    let bad = BadPicture { at };
    let Some([0xff, _, high, low]) = bytes.get(at..at + 4) else { return Err(bad) };
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    bytes.get(at..at + 2 + len).filter(|_| len >= 2).ok_or(bad)
}

/// The orientation in an EXIF segment, 2 to 8; `None` where the photo lies as it should.
fn orientation(segment: &[u8]) -> Option<u8> {
    let tiff = segment.strip_prefix(&segment[..4])?.strip_prefix(b"Exif\0\0")?;
    let is_big = tiff.starts_with(b"MM");
    let short = |at: usize| {
        let pair = [*tiff.get(at)?, *tiff.get(at + 1)?];
        Some(if is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
    };
    let word = |at: usize| {
        let (a, b) = (u32::from(short(at)?), u32::from(short(at + 2)?));
        usize::try_from(if is_big { a << 16 | b } else { b << 16 | a }).ok()
    };
    let directory = word(4)?;
    let entry = |idx: u16| directory + 2 + 12 * usize::from(idx);
    let n_entries = short(directory)?;
    let found = (0..n_entries).map(entry).find(|at| short(*at) == Some(0x0112))?;
    u8::try_from(short(found + 8)?).ok().filter(|value| (2..=8).contains(value))
}

/// An EXIF segment with one entry.
fn orientation_segment(value: u8) -> Vec<u8> {
    let mut segment = vec![0xff, 0xe1, 0, 34];
    segment.extend(b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    segment.extend([value, 0, 0, 0, 0, 0, 0]);
    segment
}

/// Chunks that the picture needs, or that say what its colours mean (PNG, third edition, 11.2 and
/// 11.3.2; from memory, unverified).
const PNG_KEPT: [&[u8; 4]; 9] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT"];
const PNG_START: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The PNG file without texts, times, EXIF and private chunks.
pub fn bare_png(bytes: &[u8]) -> Result<Vec<u8>, BadPicture> {
    let mut bare =
        bytes.get(..8).filter(|it| *it == PNG_START).ok_or(BadPicture { at: 0 })?.to_vec();
    let mut at = 8;
    loop {
        let chunk = chunk(bytes, at).ok_or(BadPicture { at })?;
        let kind = &chunk[4..8];
        if PNG_KEPT.iter().any(|kept| *kept == kind) {
            bare.extend(chunk);
        }
        if kind == b"IEND" {
            return Ok(bare);
        }
        at += chunk.len();
    }
}

/// A chunk with its length, its name and its checksum.
fn chunk(bytes: &[u8], at: usize) -> Option<&[u8]> {
    let len = bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)?;
    bytes.get(at..at.checked_add(usize::try_from(len).ok()?)?.checked_add(12)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(segments: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8];
        for (marker, body) in segments {
            let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
            bytes.extend([0xff, *marker, len[0], len[1]]);
            bytes.extend(*body);
        }
        bytes.extend([1, 0xff, 0, 2, 0xff, 0xd3, 3, 0xff, END]);
        bytes
    }

    fn exif(order: [u8; 2], value: u8) -> Vec<u8> {
        let words: [&[u8]; 3] = match &order {
            b"MM" => [
                b"\0\x2a\0\0\0\x08\0\x02",
                b"\x01\x10\0\x02\0\0\0\x04Nik\0",
                b"\x01\x12\0\x03\0\0\0\x01\0",
            ],
            _ => [
                b"\x2a\0\x08\0\0\0\x02\0",
                b"\x10\x01\x02\0\x04\0\0\0Nik\0",
                b"\x12\x01\x03\0\x01\0\0\0",
            ],
        };
        [b"Exif\0\0", &order[..], words[0], words[1], words[2], &[value, 0, 0, 0], b"GPS 35.9 14.5"]
            .concat()
    }

    #[test]
    fn of_a_jpeg_the_picture_and_its_orientation_stay() {
        for order in [*b"MM", *b"II"] {
            let taken = jpeg(&[
                (0xe0, b"JFIF"),
                (0xe1, &exif(order, 6)),
                (0xdb, b"table"),
                (0xfe, b"by me"),
                (0xda, b"scan"),
            ]);
            let video = [&taken[..], b"ftypmp42 GPS"].concat();
            let bare = bare_jpeg(&video).unwrap();
            assert!(!String::from_utf8_lossy(&bare).contains("GPS"));
            let kept = [&orientation_segment(6)[4..], b"table", b"scan"];
            assert_eq!(bare, jpeg(&[(0xe1, kept[0]), (0xdb, kept[1]), (0xda, kept[2])]));
            assert_eq!(bare_jpeg(&bare).unwrap(), bare, "bare twice is bare once");
        }
        let upright = jpeg(&[(0xe1, &exif(*b"MM", 1)), (0xda, b"scan")]);
        assert_eq!(bare_jpeg(&upright).unwrap(), jpeg(&[(0xda, b"scan")]));
    }

    #[test]
    fn of_a_png_the_picture_stays() {
        let chunk = |kind: &[u8; 4], body: &[u8]| {
            let len = u32::try_from(body.len()).unwrap().to_be_bytes();
            [&len[..], kind, body, b"sums"].concat()
        };
        let taken = [
            PNG_START,
            &chunk(b"IHDR", b"size"),
            &chunk(b"tEXt", b"by me"),
            &chunk(b"eXIf", b"GPS"),
            &chunk(b"IDAT", b"data"),
            &chunk(b"IEND", b""),
            b"trailer",
        ]
        .concat();
        let bare =
            [PNG_START, &chunk(b"IHDR", b"size"), &chunk(b"IDAT", b"data"), &chunk(b"IEND", b"")]
                .concat();
        assert_eq!(bare_png(&taken).unwrap(), bare);
    }

    #[test]
    fn a_file_cut_anywhere_is_refused_or_bare() {
        let taken = jpeg(&[(0xe1, &exif(*b"II", 8)), (0xdb, b"table"), (0xda, b"scan")]);
        for end in 0..taken.len() {
            assert!(bare_jpeg(&taken[..end]).is_err(), "{end}");
            let _ = bare_png(&taken[..end]);
        }
        let long = [PNG_START, &[0xff; 12]].concat();
        assert_eq!(bare_png(&long), Err(BadPicture { at: 8 }));
    }
}
