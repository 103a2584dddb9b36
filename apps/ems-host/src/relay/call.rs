//! What one ambulance asks another: each call is a stream of its own, a letter and what it is
//! about; the answer ends it.
//!
//! ```text
//! h            which of my frames do you hold, or have receipts for?   JSON: [[first, last], ...]
//! b BUNDLE     keep this for me and bring it to the centre             nothing, or why not (text)
//! r            which receipts have come for me?                        { bytes (4) | receipt } ...
//! ```

use std::time::Duration;

use ems_bundle::BUNDLE_BYTES_MAX;
use ems_uplink::Ranges;
use quinn::Connection;
use tokio::time::timeout;

/// How long an answer may take: the bundle goes over a slow radio, then to a disk.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);
pub(super) const CALL_BYTES_MAX: usize = BUNDLE_BYTES_MAX + 1;
/// Receipts that are told in one answer.
pub(super) const RECEIPTS_BYTES_MAX: usize = 1 << 20;
/// Ranges that are told in one answer.
pub(super) const HELD_LEN_MAX: usize = 10_000;

/// A call that came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Call<'a> {
    Held,
    Keep(&'a [u8]),
    Receipts,
}

impl<'a> Call<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        match bytes.split_first()? {
            (b'h', []) => Some(Self::Held),
            (b'b', bundle) => Some(Self::Keep(bundle)),
            (b'r', []) => Some(Self::Receipts),
            _ => None,
        }
    }
}

/// Which of this unit's frames the neighbour holds or has receipts for.
pub(super) async fn held(over: &Connection) -> Result<Ranges, String> {
    let answer = ask(over, &[b"h"]).await?;
    let held: Vec<(u64, u64)> = serde_json::from_slice(&answer).map_err(text)?;
    let mut ranges = Ranges::default();
    for (first, last) in held {
        ranges.insert(first, last);
    }
    Ok(ranges)
}

/// Gives a bundle away; the error is why the neighbour does not keep it.
pub(super) async fn keep(over: &Connection, bundle: &[u8]) -> Result<(), String> {
    let answer = ask(over, &[b"b", bundle]).await?;
    if answer.is_empty() { Ok(()) } else { Err(String::from_utf8_lossy(&answer).into_owned()) }
}

/// The receipts that have come for this unit.
pub(super) async fn receipts(over: &Connection) -> Result<Vec<Vec<u8>>, String> {
    let answer = ask(over, &[b"r"]).await?;
    split(&answer).ok_or_else(|| "its receipts cannot be read".to_owned())
}

/// Puts receipts behind each other, as many as fit; gives their number, too.
pub(super) fn join(receipts: &[Vec<u8>]) -> (Vec<u8>, usize) {
    let mut joined = Vec::new();
    for (n, receipt) in receipts.iter().enumerate() {
        if joined.len() + 4 + receipt.len() > RECEIPTS_BYTES_MAX {
            return (joined, n);
        }
        joined.extend(u32::try_from(receipt.len()).unwrap_or(u32::MAX).to_be_bytes());
        joined.extend_from_slice(receipt);
    }
    (joined, receipts.len())
}

fn split(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut receipts = Vec::new();
    while !bytes.is_empty() {
        let (n_bytes, rest) = bytes.split_first_chunk::<4>()?;
        let n_bytes = usize::try_from(u32::from_be_bytes(*n_bytes)).ok()?;
        let (receipt, rest) = rest.split_at_checked(n_bytes)?;
        receipts.push(receipt.to_vec());
        bytes = rest;
    }
    Some(receipts)
}

async fn ask(over: &Connection, call: &[&[u8]]) -> Result<Vec<u8>, String> {
    let asked = timeout(ANSWER_WITHIN, async {
        let (mut send, mut answer) = over.open_bi().await.map_err(text)?;
        for part in call {
            send.write_all(part).await.map_err(text)?;
        }
        send.finish().map_err(text)?;
        answer.read_to_end(RECEIPTS_BYTES_MAX).await.map_err(text)
    });
    asked.await.map_err(|_| format!("no answer in {ANSWER_WITHIN:?}"))?
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_a_letter_and_what_it_is_about() {
        for (bytes, call) in [
            (&b"h"[..], Some(Call::Held)),
            (b"bundle", Some(Call::Keep(b"undle"))),
            (b"r", Some(Call::Receipts)),
            (b"hello", None),
            (b"x", None),
            (b"", None),
        ] {
            assert_eq!(Call::read(bytes), call);
        }
    }

    #[test]
    fn receipts_are_told_whole_and_as_many_as_fit() {
        let receipts = vec![b"one".to_vec(), Vec::new(), vec![7; RECEIPTS_BYTES_MAX - 12]];
        let (joined, n) = join(&receipts);
        assert_eq!((n, split(&joined)), (2, Some(receipts[..2].to_vec())));
        assert_eq!(split(&joined[..joined.len() - 1]), None);
        assert_eq!(split(&[]), Some(Vec::new()));
    }
}
