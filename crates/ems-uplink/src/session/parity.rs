//! Parity: pieces that are lost are made again of those that came (Reed-Solomon codes).

use super::outgoing::PIECE_BYTES_MAX;
use super::packet::{PARITY_DATA_MAX, PARITY_MAX, ParityOf};

/// Below this share of lost packets, asking again costs less.
const LOSS_MIN: f64 = 0.02;

/// The parity of a frame on links that lose a share of packets: twice what is expected to be lost,
/// and one more. None where little is lost, or the frame has more than 64 pieces.
pub(crate) fn of(frame: &[u8], loss: f64) -> Vec<(ParityOf, Vec<u8>)> {
    let n_data = frame.len().div_ceil(PIECE_BYTES_MAX);
    if loss < LOSS_MIN || n_data > PARITY_DATA_MAX {
        return Vec::new();
    }
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "at most 64")]
    #[expect(clippy::cast_sign_loss, reason = "shares are positive")]
    let n_parity = ((2.0 * loss * n_data as f64).ceil() as usize + 1).min(PARITY_MAX);
    let n_bytes = frame.len().next_multiple_of(2).min(PIECE_BYTES_MAX);
    let shards = frame.chunks(n_bytes).map(|piece| padded(piece, n_bytes));
    // The code depends on how many parities there are: all are made, as many as help are sent.
    let mut made = reed_solomon_simd::encode(n_data, PARITY_MAX, shards).unwrap_or_default();
    made.truncate(n_parity);
    let n_last_bytes = frame.len() - (n_data - 1) * n_bytes;
    let of = |place: usize| {
        let fits = "at most 16 places, 64 pieces and 1,160 bytes";
        ParityOf {
            place: place.try_into().expect(fits),
            n_data: n_data.try_into().expect(fits),
            n_last_bytes: n_last_bytes.try_into().expect(fits),
        }
    };
    made.into_iter().enumerate().map(|(place, bytes)| (of(place), bytes)).collect()
}

/// The frame of the pieces and the parity that came, each with its place; `None` where they are
/// too few or do not fit together.
pub(crate) fn restore(
    n_data: usize,
    n_last_bytes: usize,
    data: &[(usize, &[u8])],
    parity: &[(usize, &[u8])],
) -> Option<Vec<u8>> {
    let n_bytes = parity.first()?.1.len();
    let fits = data.iter().all(|piece| piece.1.len() <= n_bytes)
        && parity.iter().all(|piece| piece.1.len() == n_bytes)
        && n_last_bytes <= n_bytes;
    if !fits {
        return None;
    }
    let shards = data.iter().map(|(place, bytes)| (*place, padded(bytes, n_bytes)));
    let restored =
        reed_solomon_simd::decode(n_data, PARITY_MAX, shards, parity.iter().copied()).ok()?;
    let came = data.iter().map(|(place, bytes)| (*place, *bytes));
    let mut pieces: Vec<(usize, &[u8])> =
        came.chain(restored.iter().map(|(place, bytes)| (*place, bytes.as_slice()))).collect();
    pieces.sort_unstable_by_key(|piece| piece.0);
    let mut frame = Vec::with_capacity(n_data * n_bytes);
    for (_, bytes) in &pieces {
        frame.extend(padded(bytes, n_bytes));
    }
    frame.truncate((n_data - 1) * n_bytes + n_last_bytes);
    Some(frame)
}

fn padded(piece: &[u8], n_bytes: usize) -> Vec<u8> {
    let mut shard = piece.to_vec();
    shard.resize(n_bytes, 0);
    shard
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A frame, and its pieces without as many as there is parity.
    fn with_losses(n_bytes: usize, seed: u64, n_lost: usize) -> (Vec<u8>, Vec<usize>) {
        let frame = (0..n_bytes as u64).map(|idx| (idx.wrapping_mul(seed) >> 8) as u8).collect();
        let n_data = n_bytes.div_ceil(PIECE_BYTES_MAX);
        let mut places: Vec<usize> = (0..n_data).collect();
        for round in 0..n_lost.min(n_data) {
            places.remove((seed as usize).wrapping_add(round * 7) % places.len());
        }
        (frame, places)
    }

    proptest! {
        #[test]
        fn any_pieces_that_are_enough_make_the_frame(
            n_bytes in 1..PARITY_DATA_MAX * PIECE_BYTES_MAX,
            loss in 0.02..0.2,
            seed in any::<u64>(),
        ) {
            let n_data = n_bytes.div_ceil(PIECE_BYTES_MAX);
            let n_parity = of(&vec![0; n_bytes], loss).len();
            let (frame, places) = with_losses(n_bytes, seed, n_parity);
            let parity = of(&frame, loss);
            let n_last = usize::from(parity[0].0.n_last_bytes);
            let pieces: Vec<&[u8]> = frame.chunks(PIECE_BYTES_MAX).collect();
            let came: Vec<_> = places.into_iter().map(|place| (place, pieces[place])).collect();
            let spare = parity.iter().map(|(of, bytes)| (usize::from(of.place), bytes.as_slice()));
            let made = restore(n_data, n_last, &came, &spare.collect::<Vec<_>>());
            prop_assert_eq!(made, Some(frame));
        }
    }
}
