//! Devices on a serial line: 8 data bits, no parity, one stop bit, no flow control.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use serial2_tokio::SerialPort;
use tokio::sync::mpsc;

use super::{Input, mllp, phd};
use crate::clock::Clock;

/// The pause before a line that is gone is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(1);
/// A thermometer may say nothing for a shift: a line that is unplugged is told by an error.
const IDLE_MAX: Duration = Duration::MAX;

/// A device on a serial line, written `PATH,BAUD,PROTOCOL`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialLine {
    /// The port, such as `/dev/ttyUSB0`.
    path: PathBuf,
    /// Bits a second.
    baud: u32,
    protocol: SerialProtocol,
}

/// What is spoken on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SerialProtocol {
    /// IEEE 11073-20601, as over TCP.
    Phd,
    /// HL7 version 2 in the frames of MLLP.
    Hl7,
}

/// A text that names no serial line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not PATH,BAUD,PROTOCOL with phd or hl7: give the port's, such as /dev/ttyUSB0,115200,hl7"
)]
pub struct BadSerialLine(String);

impl FromStr for SerialLine {
    type Err = BadSerialLine;

    fn from_str(text: &str) -> Result<Self, BadSerialLine> {
        let parts = || {
            let (rest, protocol) = text.rsplit_once(',')?;
            let (path, baud) = rest.rsplit_once(',')?;
            let protocol = match protocol {
                "phd" => SerialProtocol::Phd,
                "hl7" => SerialProtocol::Hl7,
                _ => return None,
            };
            let baud = baud.parse().ok().filter(|baud| *baud > 0)?;
            let path = Some(path).filter(|path| !path.is_empty())?.into();
            Some(Self { path, baud, protocol })
        };
        parts().ok_or_else(|| BadSerialLine(text.to_owned()))
    }
}

impl SerialLine {
    /// Where it is plugged in.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Hears the device on a line until the gateway ends; a line that is gone is tried again for ever.
pub(super) async fn listen(line: SerialLine, clock: Clock, inputs: mpsc::Sender<Input>) {
    let mut was_told = false;
    while !inputs.is_closed() {
        match SerialPort::open(&line.path, line.baud) {
            Ok(port) => {
                was_told = false;
                tracing::info!(path = %line.path.display(), "a device is heard on a serial line");
                match line.protocol {
                    SerialProtocol::Phd => phd::hear(port, IDLE_MAX, &clock, &inputs).await,
                    SerialProtocol::Hl7 => mllp::hear(port, IDLE_MAX, &clock, &inputs).await,
                }
            }
            Err(error) if !was_told => {
                was_told = true;
                let what = format!(
                    "serial line {} cannot be opened ({error}): plug the device in, or correct --serial",
                    line.path.display()
                );
                drop(inputs.send(Input::Complaint(what)).await);
            }
            Err(_) => {}
        }
        tokio::time::sleep(TRY_AGAIN).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_path_a_speed_and_a_protocol() {
        let line: SerialLine = "/dev/serial/by-id/usb-A,B-port0,9600,phd".parse().unwrap();
        assert_eq!(line.path(), Path::new("/dev/serial/by-id/usb-A,B-port0"));
        assert_eq!((line.baud, line.protocol), (9600, SerialProtocol::Phd));
        for text in ["", "/dev/ttyUSB0", "/dev/ttyUSB0,0,phd", ",9600,hl7", "/dev/ttyS0,9600,gps"] {
            assert_eq!(text.parse::<SerialLine>(), Err(BadSerialLine(text.to_owned())));
        }
    }
}
