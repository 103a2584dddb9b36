//! The minimal lower layer protocol: a message between 0x0B and 0x1C 0x0D.

use super::message::MAX_HL7_BYTES;
use crate::fault::Fault;

const START: u8 = 0x0b;
const END: [u8; 2] = [0x1c, 0x0d];

/// A message as it is sent.
pub fn frame(message: &str) -> Vec<u8> {
    [&[START], message.as_bytes(), &END].concat()
}

/// Cuts what arrives into messages. Holds at most one message of `MAX_HL7_BYTES`.
#[derive(Debug, Clone, Default)]
pub struct MllpReader {
    waiting: Vec<u8>,
    is_within: bool,
    n_noise: usize,
}

impl MllpReader {
    /// Takes bytes and hands out the messages that they end, in order. Bytes between messages, and
    /// a message that is too long, are faults; what comes after them is read.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Result<Vec<u8>, Fault>> {
        let mut done = vec![];
        for &byte in bytes {
            if self.is_within {
                self.within(byte, &mut done);
            } else {
                self.between(byte, &mut done);
            }
        }
        done
    }

    fn between(&mut self, byte: u8, done: &mut Vec<Result<Vec<u8>, Fault>>) {
        match byte {
            START => {
                self.is_within = true;
                if let Some(fault) = self.noise() {
                    done.push(Err(fault));
                }
            }
            // Senders may end lines between messages.
            b'\r' | b'\n' => {}
            _ => self.n_noise = self.n_noise.saturating_add(1),
        }
    }

    fn within(&mut self, byte: u8, done: &mut Vec<Result<Vec<u8>, Fault>>) {
        self.waiting.push(byte);
        if self.waiting.ends_with(&END) {
            self.is_within = false;
            let mut message = std::mem::take(&mut self.waiting);
            message.truncate(message.len() - END.len());
            done.push(Ok(message));
        } else if byte == START || self.waiting.len() > MAX_HL7_BYTES + END.len() {
            // The end was lost, or never comes: wait for the next start.
            self.is_within = byte == START;
            let found = format!("{} bytes without an end", self.waiting.len());
            let expected = "a message of up to 1048576 bytes and 0x1C 0x0D";
            done.push(Err(Fault::new("MLLP frame", found, expected, "send it again")));
            self.waiting = vec![];
        }
    }

    /// What came between the messages since last asked.
    fn noise(&mut self) -> Option<Fault> {
        let n_bytes = std::mem::take(&mut self.n_noise);
        let found = || format!("preceded by {n_bytes} other bytes");
        let expected = "0x0B right after the message before";
        (n_bytes > 0)
            .then(|| Fault::new("MLLP frame", found(), expected, "check the sender's framing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_cut_out_however_their_bytes_arrive() {
        let stream =
            [frame("MSH|1"), b"\r\nxx".to_vec(), frame("MSH|2"), vec![START, b'a'], frame("3")];
        let stream = stream.concat();
        for n_bytes in 1..stream.len() {
            let mut reader = MllpReader::default();
            let found: Vec<_> = stream.chunks(n_bytes).flat_map(|part| reader.push(part)).collect();
            let found: Vec<_> = found
                .into_iter()
                .map(|it| it.map(|it| String::from_utf8(it).unwrap()).map_err(|it| it.to_string()))
                .collect();
            assert_eq!(
                found,
                [
                    Ok("MSH|1".to_owned()),
                    Err("MLLP frame is preceded by 2 other bytes, not 0x0B right after the message before: check the sender's framing".to_owned()),
                    Ok("MSH|2".to_owned()),
                    Err("MLLP frame is 2 bytes without an end, not a message of up to 1048576 bytes and 0x1C 0x0D: send it again".to_owned()),
                    Ok("3".to_owned()),
                ]
            );
        }
    }
}
