//! Signals in FLAC (WFDB formats 508, 516, 524): each signal is a channel of one stream.

use claxon::{Block, FlacReader};

use super::recording::MAX_SAMPLES;

/// What the header says of a stream.
pub(super) struct Wanted {
    /// The most bits in a sample.
    pub(super) bits: u32,
    pub(super) n_channels: usize,
    /// Samples before the record's first.
    pub(super) n_skipped: usize,
}

/// What came out of a stream.
pub(super) struct Stream {
    /// Samples by channel, all of one length.
    pub(super) channels: Vec<Vec<i32>>,
    /// Why the stream ended before its end.
    pub(super) broken_off: Option<String>,
}

/// Decodes at most `MAX_SAMPLES` samples over all channels; the error says what the stream holds.
pub(super) fn decode(bytes: &[u8], wanted: &Wanted) -> Result<Stream, String> {
    let mut reader =
        FlacReader::new(bytes).map_err(|error| format!("is not a FLAC stream ({error})"))?;
    let info = reader.streaminfo();
    if info.channels as usize != wanted.n_channels || info.bits_per_sample > wanted.bits {
        return Err(format!(
            "has {} channels of {} bits, its header says {} of at most {}",
            info.channels, info.bits_per_sample, wanted.n_channels, wanted.bits
        ));
    }
    let mut stream = Stream { channels: vec![vec![]; wanted.n_channels], broken_off: None };
    let mut blocks = reader.blocks();
    let mut buffer = vec![];
    loop {
        match blocks.read_next_or_eof(buffer) {
            Ok(Some(block)) if stream.has_room_for(&block) => buffer = stream.push(block),
            Ok(Some(_)) => return Err(format!("holds more than {MAX_SAMPLES} samples")),
            Ok(None) => break,
            Err(error) => {
                stream.broken_off = Some(error.to_string());
                break;
            }
        }
    }
    stream.skip(wanted.n_skipped);
    Ok(stream)
}

impl Stream {
    fn has_room_for(&self, block: &Block) -> bool {
        let n_channels = self.channels.len();
        let n_samples = self.channels[0].len() + block.duration() as usize;
        block.channels() as usize == n_channels && n_samples <= MAX_SAMPLES / n_channels
    }

    fn push(&mut self, block: Block) -> Vec<i32> {
        for (samples, idx) in self.channels.iter_mut().zip(0..) {
            samples.extend_from_slice(block.channel(idx));
        }
        block.into_buffer()
    }

    fn skip(&mut self, n_samples: usize) {
        for samples in &mut self.channels {
            samples.drain(..n_samples.min(samples.len()));
        }
    }
}
