//! What goes over a link: packets of sections, version 1. `docs/uplink.md` draws them.

use super::class::Class;

/// The version of these packets.
pub(crate) const VERSION: u8 = 1;
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
const FIRST: u8 = 0x20;
const LAST: u8 = 0x10;

/// One packet of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet<'a> {
    /// The last 16 bits of the sender's epoch.
    pub tag: u16,
    /// Its number, counted from 0 on its link and in its direction.
    pub number: u64,
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
        number: u64,
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
        number: u64,
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
    #[error("packet of epoch …{tag:04x} before its hello: wait for the hello")]
    UnknownEpoch {
        /// The tag that it carries.
        tag: u16,
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
        let version = reader.byte()?;
        if version != VERSION {
            return Err(PacketError::Version { version });
        }
        let mut packet = Packet { tag: reader.u16()?, number: reader.varint()?, sections: vec![] };
        while !reader.bytes.is_empty() {
            packet.sections.push(reader.section()?);
        }
        Ok(packet)
    }

    /// Writes the packet.
    pub fn print(&self) -> Vec<u8> {
        let mut bytes = start(self.tag, self.number);
        for section in &self.sections {
            section.print(&mut bytes);
        }
        bytes
    }
}

/// The beginning of a packet.
pub(crate) fn start(tag: u16, number: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(PACKET_BYTES_MAX);
    bytes.push(VERSION);
    bytes.extend(tag.to_be_bytes());
    put_varint(&mut bytes, number);
    bytes
}

impl Section<'_> {
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
                put_varint(into, *number);
                put_varint(into, *back);
                put_varint(into, bytes.len() as u64);
                into.extend_from_slice(bytes);
            }
            Self::Parity { class, number, back, of, bytes } => {
                into.push(DATA | PARITY | *class as u8);
                put_varint(into, *number);
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
            kind if kind & DATA != 0 => self.data(kind),
            kind => Err(PacketError::Kind { kind }),
        }
    }

    fn data(&mut self, kind: u8) -> Result<Section<'a>, PacketError> {
        let class = Class::ALL.get(usize::from(kind & 0x0f)).copied();
        let class = class.ok_or(PacketError::Kind { kind })?;
        let [number, back] = [self.varint()?, self.varint()?];
        if back > number {
            return Err(PacketError::Number { what: "a piece before the first" });
        }
        let of = if kind & PARITY == 0 { None } else { Some(self.parity_of(number)?) };
        let n_bytes = self.varint()?;
        let bytes = self.take(usize::try_from(n_bytes).unwrap_or(usize::MAX))?;
        if let Some(of) = of {
            return Ok(Section::Parity { class, number, back, of, bytes });
        }
        let (is_first, is_last) = (kind & FIRST != 0, kind & LAST != 0);
        Ok(Section::Data { class, is_first, is_last, number, back, bytes })
    }

    fn parity_of(&mut self, number: u64) -> Result<ParityOf, PacketError> {
        let [place, n_data] = self.array()?;
        let n_before = u64::from(place) + u64::from(n_data);
        let fits = usize::from(place) < PARITY_MAX
            && (1..=PARITY_DATA_MAX).contains(&usize::from(n_data))
            && n_before <= number;
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

    /// A number of 1, 2, 4 or 8 bytes, told by its first two bits (RFC 9000, section 16).
    fn varint(&mut self) -> Result<u64, PacketError> {
        let first = self.byte()?;
        let n_more = (1_usize << (first >> 6)) - 1;
        let more = self.take(n_more)?.iter();
        Ok(more.fold(u64::from(first & 0x3f), |value, byte| value << 8 | u64::from(*byte)))
    }
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
