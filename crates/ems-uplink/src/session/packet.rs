//! What goes over a link: packets of sections, version 2. `docs/uplink.md` draws them.

use super::class::Class;
use super::number::Number;

/// The version of these packets: the first three bits.
pub(crate) const VERSION: u8 = 2;
const VERSION_SHIFT: u32 = 5;
/// How many bits of an epoch's mark a packet carries.
pub(crate) const MARK_BITS: u32 = VERSION_SHIFT;
/// The largest packet: what QUIC carries in a datagram on any path (RFC 9000, section 14, asks for
/// paths of 1,200 bytes), less its own header of at most 40.
pub(crate) const PACKET_BYTES_MAX: usize = 1160;
/// The most bytes that a section of data or parity adds to its content.
pub(crate) const DATA_HEADER_BYTES_MAX: usize = 1 + 8 + 8 + 2 + 4;
/// The most pieces of a frame that has parity, and the most parity.
pub(crate) const PARITY_DATA_MAX: usize = 64;
pub(crate) const PARITY_MAX: usize = 16;
/// The most bytes of an acknowledgement.
pub(crate) const ACK_BYTES_MAX: usize = 1 + 2 + 8 + 4 + 8 + 1 + 16 * RANGES_MAX;
/// The most ranges of an acknowledgement.
pub(crate) const RANGES_MAX: usize = 16;

const ACK: u8 = 1;
const PING: u8 = 2;
const HELLO: u8 = 3;
const CLOCK: u8 = 4;
const DATA: u8 = 0x80;
const PARITY: u8 = 0x40;
/// A whole frame, to the end of the packet; how far back is in two bits.
const FRAME: u8 = 0xc0;
const FRAME_BACK_MAX: u64 = 3;
const FRAME_BACK_SHIFT: u32 = 4;
const FIRST: u8 = 0x20;
const LAST: u8 = 0x10;

/// One packet of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet<'a> {
    /// A mark of the sender's epoch, 0 to 31.
    pub mark: u8,
    /// Its number, counted from 0 on its link and in its direction.
    pub number: Number,
    /// What it holds.
    pub sections: Vec<Section<'a>>,
}

/// A part of a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section<'a> {
    /// Which packets of this link have come.
    Ack {
        /// The last 16 bits of the epoch that they are of.
        tag: u16,
        /// Ranges of numbers, first and last, the newest first; at least one, at most 16.
        ranges: Vec<(u64, u64)>,
        /// How long ago the newest came, in µs.
        delay_us: u64,
        /// When it came by the receiver's clock, in µs, the last 32 bits.
        received_us: u32,
    },
    /// Asks for an acknowledgement.
    Ping,
    /// Who sends, until the other end has answered.
    Hello {
        /// When the sender began, in µs since 1970: a later epoch replaces an earlier one.
        epoch: u64,
    },
    /// What time it is by the sender's clock.
    Clock {
        /// In µs since 1970.
        now_us: u64,
    },
    /// A piece of a frame.
    Data {
        /// The frame's class.
        class: Class,
        /// Whether a frame begins here.
        is_first: bool,
        /// Whether a frame ends here.
        is_last: bool,
        /// The piece's number, counted from 0 in its class.
        number: Number,
        /// How far back the oldest piece is that may still come.
        back: u64,
        /// Its content.
        bytes: &'a [u8],
    },
    /// Parity of a frame, with which pieces that are lost can be made again.
    Parity {
        /// The frame's class.
        class: Class,
        /// The number, in its class: those of a frame's parity follow those of its pieces.
        number: Number,
        /// How far back the oldest piece is that may still come.
        back: u64,
        /// Which parity of its frame, and of how many pieces that is.
        of: ParityOf,
        /// Its content.
        bytes: &'a [u8],
    },
}

/// Which parity of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParityOf {
    /// The place among the frame's parity, from 0 to 15.
    pub place: u8,
    /// How many pieces the frame has, 1 to 64.
    pub n_data: u8,
    /// The length of the last of them; the others are as long as the parity.
    pub n_last_bytes: u16,
}

/// A packet that cannot be read, or is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PacketError {
    /// It ends before it should.
    #[error("packet of {n_bytes} bytes ends inside a field: it was cut short")]
    Short {
        /// Its length.
        n_bytes: usize,
    },
    /// It is longer than any.
    #[error("packet of {n_bytes} bytes is longer than {PACKET_BYTES_MAX}")]
    Long {
        /// Its length.
        n_bytes: usize,
    },
    /// It is of another version.
    #[error("packet of version {version}, not {VERSION}: update the older end")]
    Version {
        /// The version.
        version: u8,
    },
    /// A section is of no known kind.
    #[error("section of kind {kind}: not one of version {VERSION}")]
    Kind {
        /// The kind.
        kind: u8,
    },
    /// Numbers that cannot be.
    #[error("{what} cannot be: the packet is damaged or forged")]
    Number {
        /// Which.
        what: &'static str,
    },
    /// The sender has not said who it is.
    #[error("packet of an epoch with mark {mark} before its hello: wait for the hello")]
    UnknownEpoch {
        /// The mark that it carries.
        mark: u8,
    },
    /// A sender that was replaced by a later one.
    #[error("hello of epoch {epoch}, but {known} has begun since: it is of an earlier run")]
    OldEpoch {
        /// Its epoch.
        epoch: u64,
        /// The epoch that is known.
        known: u64,
    },
    /// A link that is not up.
    #[error("link {link} is not up: tell the session of it first")]
    Link {
        /// Which.
        link: u8,
    },
    /// More than the window allows.
    #[error(
        "piece {number} of class {} is beyond the window, or its {limit} bytes are taken",
        class.name()
    )]
    Window {
        /// The class.
        class: Class,
        /// The piece.
        number: u64,
        /// The most bytes that are kept.
        limit: usize,
    },
}

impl<'a> Packet<'a> {
    /// Reads a packet; any bytes give a packet or an error. Cost: linear.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PacketError> {
        if bytes.len() > PACKET_BYTES_MAX {
            return Err(PacketError::Long { n_bytes: bytes.len() });
        }
        let mut reader = Reader { bytes, n_bytes: bytes.len() };
        let first = reader.byte()?;
        let version = first >> VERSION_SHIFT;
        if version != VERSION {
            return Err(PacketError::Version { version });
        }
        let mark = first & ((1 << MARK_BITS) - 1);
        let mut packet = Packet { mark, number: reader.number()?, sections: vec![] };
        while !reader.bytes.is_empty() {
            packet.sections.push(reader.section()?);
        }
        Ok(packet)
    }

    /// Writes the packet.
    pub fn print(&self) -> Vec<u8> {
        let mut bytes = start(self.mark, self.number);
        if let [before @ .., last] = self.sections.as_slice() {
            for section in before {
                section.print(&mut bytes);
            }
            last.print_last(&mut bytes);
        }
        bytes
    }
}

/// The beginning of a packet.
pub(crate) fn start(mark: u8, number: Number) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PACKET_BYTES_MAX);
    bytes.push(VERSION << VERSION_SHIFT | mark);
    number.print(&mut bytes);
    bytes
}

impl Section<'_> {
    /// Appends the section as the last of a packet: a whole frame needs no length there.
    pub(crate) fn print_last(&self, into: &mut Vec<u8>) {
        match self {
            Self::Data { class, is_first: true, is_last: true, number, back, bytes }
                if *back <= FRAME_BACK_MAX =>
            {
                #[expect(clippy::cast_possible_truncation, reason = "at most 3")]
                let back = (*back as u8) << FRAME_BACK_SHIFT;
                into.push(FRAME | back | *class as u8);
                number.print(into);
                into.extend_from_slice(bytes);
            }
            other => other.print(into),
        }
    }

    /// Appends the section to a packet.
    pub(crate) fn print(&self, into: &mut Vec<u8>) {
        match self {
            Self::Ping => into.push(PING),
            Self::Hello { epoch } => {
                into.push(HELLO);
                into.extend(epoch.to_be_bytes());
            }
            Self::Clock { now_us } => {
                into.push(CLOCK);
                into.extend(now_us.to_be_bytes());
            }
            Self::Ack { tag, ranges, delay_us, received_us } => {
                into.push(ACK);
                into.extend(tag.to_be_bytes());
                put_varint(into, *delay_us);
                into.extend(received_us.to_be_bytes());
                print_ranges(ranges, into);
            }
            Self::Data { class, is_first, is_last, number, back, bytes } => {
                let flags = if *is_first { FIRST } else { 0 } | if *is_last { LAST } else { 0 };
                into.push(DATA | flags | *class as u8);
                number.print(into);
                put_varint(into, *back);
                put_varint(into, bytes.len() as u64);
                into.extend_from_slice(bytes);
            }
            Self::Parity { class, number, back, of, bytes } => {
                into.push(PARITY | *class as u8);
                number.print(into);
                put_varint(into, *back);
                into.extend([of.place, of.n_data]);
                into.extend(of.n_last_bytes.to_be_bytes());
                put_varint(into, bytes.len() as u64);
                into.extend_from_slice(bytes);
            }
        }
    }
}

/// The newest number, how many ranges, then lengths and gaps in turn, as QUIC does (RFC 9000,
/// section 19.3.1).
fn print_ranges(ranges: &[(u64, u64)], into: &mut Vec<u8>) {
    put_varint(into, ranges.first().map_or(0, |newest| newest.1));
    put_varint(into, ranges.len() as u64);
    let mut before = None;
    for (first, last) in ranges {
        if let Some(before) = before {
            // Two numbers next to each other would be one range: at least one is missing between.
            put_varint(into, u64::saturating_sub(before, last + 2));
        }
        put_varint(into, last.saturating_sub(*first));
        before = Some(*first);
    }
}

/// What of a packet is still to be read.
struct Reader<'a> {
    bytes: &'a [u8],
    n_bytes: usize,
}

impl<'a> Reader<'a> {
    fn section(&mut self) -> Result<Section<'a>, PacketError> {
        match self.byte()? {
            PING => Ok(Section::Ping),
            HELLO => Ok(Section::Hello { epoch: u64::from_be_bytes(self.array()?) }),
            CLOCK => Ok(Section::Clock { now_us: u64::from_be_bytes(self.array()?) }),
            ACK => Ok(Section::Ack {
                tag: self.u16()?,
                delay_us: self.varint()?,
                received_us: u32::from_be_bytes(self.array()?),
                ranges: self.ranges()?,
            }),
            kind if kind & FRAME == FRAME => self.frame(kind),
            kind if kind & DATA != 0 => self.data(kind),
            kind if kind & PARITY != 0 => self.parity(kind),
            kind => Err(PacketError::Kind { kind }),
        }
    }

    fn frame(&mut self, kind: u8) -> Result<Section<'a>, PacketError> {
        let class = class_of(kind)?;
        let back = u64::from(kind & !FRAME) >> FRAME_BACK_SHIFT;
        let number = self.number()?;
        let bytes = std::mem::take(&mut self.bytes);
        Ok(Section::Data { class, is_first: true, is_last: true, number, back, bytes })
    }

    fn data(&mut self, kind: u8) -> Result<Section<'a>, PacketError> {
        let class = class_of(kind)?;
        let (is_first, is_last) = (kind & FIRST != 0, kind & LAST != 0);
        let (number, back) = (self.number()?, self.varint()?);
        Ok(Section::Data { class, is_first, is_last, number, back, bytes: self.content()? })
    }

    fn parity(&mut self, kind: u8) -> Result<Section<'a>, PacketError> {
        if kind & (FIRST | LAST) != 0 {
            return Err(PacketError::Kind { kind });
        }
        let class = class_of(kind)?;
        let (number, back) = (self.number()?, self.varint()?);
        let of = self.parity_of()?;
        Ok(Section::Parity { class, number, back, of, bytes: self.content()? })
    }

    fn content(&mut self) -> Result<&'a [u8], PacketError> {
        let n_bytes = self.varint()?;
        self.take(usize::try_from(n_bytes).unwrap_or(usize::MAX))
    }

    fn parity_of(&mut self) -> Result<ParityOf, PacketError> {
        let [place, n_data] = self.array()?;
        let fits =
            usize::from(place) < PARITY_MAX && (1..=PARITY_DATA_MAX).contains(&usize::from(n_data));
        if fits {
            return Ok(ParityOf { place, n_data, n_last_bytes: self.u16()? });
        }
        Err(PacketError::Number { what: "parity of more pieces than can be" })
    }

    fn ranges(&mut self) -> Result<Vec<(u64, u64)>, PacketError> {
        const WRONG: PacketError =
            PacketError::Number { what: "a range below 0, none, or over 16" };
        let (mut last, n_ranges) = (self.varint()?, self.varint()?);
        if !(1..=RANGES_MAX as u64).contains(&n_ranges) {
            return Err(WRONG);
        }
        let mut ranges = Vec::new();
        for idx in 0..n_ranges {
            if idx > 0 {
                last =
                    last.checked_sub(self.varint()?).and_then(|n| n.checked_sub(2)).ok_or(WRONG)?;
            }
            let first = last.checked_sub(self.varint()?).ok_or(WRONG)?;
            ranges.push((first, last));
            last = first;
        }
        Ok(ranges)
    }

    fn take(&mut self, n_bytes: usize) -> Result<&'a [u8], PacketError> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(n_bytes)
            .ok_or(PacketError::Short { n_bytes: self.n_bytes })?;
        self.bytes = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PacketError> {
        Ok(self.take(N)?.try_into().expect("as many bytes as were taken"))
    }

    fn byte(&mut self) -> Result<u8, PacketError> {
        Ok(self.array::<1>()?[0])
    }

    fn u16(&mut self) -> Result<u16, PacketError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    fn number(&mut self) -> Result<Number, PacketError> {
        let first = self.byte()?;
        Ok(Number::read(first, self.take(Number::n_more(first))?))
    }

    /// A number of 1, 2, 4 or 8 bytes, told by its first two bits (RFC 9000, section 16).
    fn varint(&mut self) -> Result<u64, PacketError> {
        let first = self.byte()?;
        let n_more = (1_usize << (first >> 6)) - 1;
        let more = self.take(n_more)?.iter();
        Ok(more.fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte)))
    }
}

fn class_of(kind: u8) -> Result<Class, PacketError> {
    let class = Class::ALL.get(usize::from(kind & 0x0f)).copied();
    class.ok_or(PacketError::Kind { kind })
}

/// The largest number that is written.
pub(crate) const VARINT_MAX: u64 = (1 << 62) - 1;

fn put_varint(into: &mut Vec<u8>, value: u64) {
    let bytes = value.min(VARINT_MAX).to_be_bytes();
    let (n_bytes, mark) = match value {
        0..0x40 => (1, 0),
        0x40..0x4000 => (2, 0x40),
        0x4000..0x4000_0000 => (4, 0x80),
        _ => (8, 0xc0),
    };
    let start = into.len();
    into.extend_from_slice(&bytes[8 - n_bytes..]);
    into[start] |= mark;
}
