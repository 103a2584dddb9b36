//! The blocks of a bundle (RFC 9171, section 4), by `hardy-bpv7`.

use hardy_bpv7::block;
use hardy_bpv7::bpsec::no_keys;
use hardy_bpv7::builder::Builder;
use hardy_bpv7::bundle::{Bundle, Flags, ParsedBundle};
use hardy_bpv7::crc::CrcType;
use hardy_bpv7::editor::{Chunk, Editor};
use hardy_bpv7::hop_info::HopInfo;

use crate::{BUNDLE_BYTES_MAX, BundleError, Label};

/// How often a bundle may be handed on.
const HOPS_MAX: u64 = 8;
/// The payload's number among blocks (RFC 9171, section 4.3.3).
const PAYLOAD: u64 = 1;
/// How a bundle begins: an array without a length (RFC 9171, section 4.1).
const FIRST_BYTE: u8 = 0x9f;
const HOP_COUNT: u64 = 2;

/// How often a bundle was handed on, and may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hops {
    /// How often it was.
    pub count: u64,
    /// How often it may be, 1 to 255.
    pub limit: u64,
}

/// Whether bytes begin as a bundle does, and as none of the uplink's other messages.
pub fn is_bundle(bytes: &[u8]) -> bool {
    bytes.first() == Some(&FIRST_BYTE)
}

/// A bundle that may not be cut, with sums over each block.
pub(crate) fn write(label: &Label, payload: &[u8]) -> Result<Vec<u8>, BundleError> {
    let (source, destination) = label.ends();
    let builder = Builder::new(source, destination)
        .with_flags(flags())
        .with_lifetime(label.lifetime())
        .with_hop_count(&HopInfo { limit: HOPS_MAX, count: 0 })
        .with_payload(payload.into());
    let (_, bytes) = builder.build(label.timestamp()).map_err(malformed)?;
    check_length(&bytes)?;
    Ok(bytes.into_vec())
}

/// Reads a bundle's blocks; what their parser lets pass and we do not is refused.
pub(crate) fn parse(bytes: &[u8]) -> Result<Bundle, BundleError> {
    check_length(bytes)?;
    let parsed = ParsedBundle::parse(bytes, no_keys).map_err(malformed)?;
    let bundle = parsed.bundle;
    if bundle.flags.is_fragment || bundle.id.fragment_info.is_some() {
        return Err(BundleError::Fragment);
    }
    let has_crc = |number| {
        bundle
            .blocks
            .get(&number)
            .is_some_and(|it| matches!(it.crc_type, CrcType::CRC32_CASTAGNOLI))
    };
    if parsed.non_canonical || bundle.flags != flags() || !has_crc(0) || !has_crc(PAYLOAD) {
        return Err(malformed("other marks, sums or lengths than ours"));
    }
    Ok(bundle)
}

pub(crate) fn payload<'a>(bundle: &Bundle, bytes: &'a [u8]) -> Result<&'a [u8], BundleError> {
    let block = bundle.blocks.get(&PAYLOAD);
    let payload = block.filter(|it| it.bcb.is_none()).and_then(|it| it.payload(bytes));
    payload.ok_or_else(|| malformed("no payload that can be read"))
}

/// How often it was handed on; one that may not be any more is refused.
pub(crate) fn hops(bundle: &Bundle) -> Result<Hops, BundleError> {
    let info = bundle.hop_count.as_ref().ok_or_else(|| malformed("no hop count"))?;
    let (count, limit) = (info.count, info.limit);
    if count > limit { Err(BundleError::Hops { count, limit }) } else { Ok(Hops { count, limit }) }
}

/// The bundle with one more hop on it.
pub(crate) fn handed_on(bytes: &[u8]) -> Result<Vec<u8>, BundleError> {
    let bundle = parse(bytes)?;
    let Hops { count, limit } = hops(&bundle)?;
    if count >= limit {
        return Err(BundleError::Hops { count, limit });
    }
    let number = bundle.blocks.iter().filter(|(_, it)| it.block_type == block::Type::HopCount);
    let number = number.map(|(number, _)| *number).max().unwrap_or(HOP_COUNT);
    let info = cbor(&HopInfo { limit, count: count + 1 });
    let editor =
        Editor::new(&bundle, bytes).update_block(number).map_err(|(_, it)| malformed(it))?;
    let chunks = editor.with_data(info.into()).rebuild().rebuild().map_err(malformed)?;
    Ok(Chunk::flatten(chunks, bytes).into_vec())
}

/// A hop count's data: an array of two numbers, each below 256 (RFC 8949, section 3).
fn cbor(info: &HopInfo) -> Vec<u8> {
    let mut data = vec![0x82];
    for number in [info.limit, info.count] {
        let byte = u8::try_from(number).unwrap_or(u8::MAX);
        if byte < 24 { data.push(byte) } else { data.extend([0x18, byte]) }
    }
    data
}

fn flags() -> Flags {
    Flags { do_not_fragment: true, ..Flags::default() }
}

fn check_length(bytes: &[u8]) -> Result<(), BundleError> {
    let n_bytes = bytes.len();
    if n_bytes > BUNDLE_BYTES_MAX { Err(BundleError::TooLarge { n_bytes }) } else { Ok(()) }
}

fn malformed(what: impl std::fmt::Display) -> BundleError {
    BundleError::Malformed { what: what.to_string() }
}
