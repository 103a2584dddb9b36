//! `golden-hour device`: what recordings and device messages hold.

mod print;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use ems_device::{
    DicomEcg, Edf, Message, MllpReader, PhdSession, Recording, SparkplugSession, annotation_hz,
    decode_annotations, decode_notifications, decode_observations, decode_senml_cbor,
    decode_senml_json,
};
use ems_host::system_time;

use print::Printer;

const EXAMPLES: &str = "\
Examples:
  golden-hour device decode --format wfdb mitdb/100.hea
  golden-hour device decode --format wfdb --samples --frames 0..3600 mitdb/100.hea
  golden-hour device decode --format wfdb-annotations mitdb/100.atr
  golden-hour device decode --format edf night.edf
  golden-hour device decode --format dicom ecg.dcm
  golden-hour device decode --format hl7 from-monitor.hl7
  golden-hour device decode --format gatt notifications.txt
  golden-hour device decode --format ieee11073 session.bin
  golden-hour device decode --format senml-json pack.json
  golden-hour device decode --format sparkplug --topic spBv1.0/fleet/DBIRTH/A103/monitor birth.bin

A line of JSON for each signal, annotation, reading or alarm on standard output, a line for each
complaint on standard error. Without --samples a signal is told by its range. A file of formats:

  wfdb              a header (.hea) of one or several segments, its files beside it
  wfdb-annotations  an annotation file (.atr)
  edf               EDF or EDF+ (.edf)
  dicom             an ECG waveform (.dcm)
  hl7               a message of HL7 version 2, or several in MLLP frames
  gatt              notifications: a line each, as `2A37 00 4B` (UUID, value in hexadecimal)
  ieee11073         APDUs of IEEE 11073-20601, one after the other, association first
  senml-json        a SenML pack in JSON
  senml-cbor        a SenML pack in CBOR
  sparkplug         a Sparkplug B payload; --topic says which message it is

docs/devices.md has each format's standard, and what is refused.";

/// Show what recordings and device messages hold.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DeviceArgs {
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Debug, Subcommand)]
enum DeviceCommand {
    /// Decode a file.
    Decode(DecodeArgs),
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Wfdb,
    WfdbAnnotations,
    Edf,
    Dicom,
    Hl7,
    Gatt,
    Ieee11073,
    SenmlJson,
    SenmlCbor,
    Sparkplug,
}

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct DecodeArgs {
    /// What the file is.
    #[arg(long, value_enum)]
    format: Format,
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Print every sample of a signal.
    #[arg(long)]
    samples: bool,
    /// Only these frames of a WFDB record, the second one left out.
    #[arg(long, value_name = "FROM..TO", value_parser = parse_frames)]
    frames: Option<(u64, u64)>,
    /// The MQTT topic of a Sparkplug payload.
    #[arg(long, value_name = "TOPIC", default_value = "spBv1.0/group/NBIRTH/node")]
    topic: String,
}

impl DeviceArgs {
    /// Prints what the file holds.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let DeviceCommand::Decode(args) = self.command;
        args.run()
    }
}

fn parse_frames(text: &str) -> Result<(u64, u64), String> {
    let parts =
        text.split_once("..").and_then(|(from, to)| Some((from.parse().ok()?, to.parse().ok()?)));
    match parts {
        Some((from, to)) if from < to => Ok((from, to)),
        _ => {
            Err(format!("{text} is not FROM..TO with FROM below TO: give frames, such as 0..3600"))
        }
    }
}

impl DecodeArgs {
    fn run(self) -> anyhow::Result<()> {
        let shown = self.file.display().to_string();
        let bytes = fs::read(&self.file)
            .with_context(|| format!("{shown} cannot be read: give a file of a device"))?;
        let mut printer = Printer::new(self.samples);
        self.decode(&bytes, &mut printer).context(shown)?;
        printer.finish();
        Ok(())
    }

    fn decode(&self, bytes: &[u8], printer: &mut Printer) -> anyhow::Result<()> {
        match self.format {
            Format::Wfdb => self.wfdb(bytes, printer)?,
            Format::WfdbAnnotations => {
                let (labels, complaints) = decode_annotations(bytes);
                Printer::labels(&labels, annotation_hz(&labels));
                printer.complaints(&complaints);
            }
            Format::Edf => {
                let (edf, complaints) = Edf::decode(bytes)?;
                printer.edf(&edf);
                printer.complaints(&complaints);
            }
            Format::Dicom => {
                let (ecg, complaints) = DicomEcg::decode(bytes)?;
                printer.dicom(&ecg);
                printer.complaints(&complaints);
            }
            Format::Hl7 => hl7(bytes, printer)?,
            Format::Gatt => {
                let text =
                    std::str::from_utf8(bytes).context("not text: give lines of UUID and value")?;
                printer.readings(&decode_notifications(text));
            }
            Format::Ieee11073 => printer.readings(&PhdSession::default().decode(bytes)?),
            Format::SenmlJson => printer.senml(&decode_senml_json(bytes)?, system_time()),
            Format::SenmlCbor => printer.senml(&decode_senml_cbor(bytes)?, system_time()),
            Format::Sparkplug => {
                let found = SparkplugSession::default().on_message(&self.topic, bytes)?;
                printer.readings(&found);
            }
        }
        Ok(())
    }

    fn wfdb(&self, bytes: &[u8], printer: &mut Printer) -> anyhow::Result<()> {
        let (from, to) = self.frames.unwrap_or((0, u64::MAX));
        let folder = self.file.parent().unwrap_or(Path::new("."));
        // A header names files beside it, never others.
        let is_beside = |name: &str| Path::new(name).file_name() == Some(name.as_ref());
        let mut files = |name: &str| fs::read(folder.join(name)).ok().filter(|_| is_beside(name));
        let (recording, complaints) = Recording::read(bytes, from..to, &mut files)?;
        printer.recording(&recording);
        printer.complaints(&complaints);
        Ok(())
    }
}

/// The first byte of a message in a frame.
const MLLP_START: u8 = 0x0b;

fn hl7(bytes: &[u8], printer: &mut Printer) -> anyhow::Result<()> {
    if bytes.first() != Some(&MLLP_START) {
        printer.observations(&decode_observations(&Message::parse(bytes)?));
        return Ok(());
    }
    let messages = MllpReader::default().push(bytes);
    if messages.is_empty() {
        bail!("the frame has no end: give the whole message, up to 0x1C 0x0D");
    }
    for message in messages {
        match message.and_then(|message| Message::parse(&message)) {
            Ok(message) => printer.observations(&decode_observations(&message)),
            Err(fault) => printer.complaints(&[fault.into()]),
        }
    }
    Ok(())
}
