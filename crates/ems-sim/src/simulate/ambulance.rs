//! A simulated ambulance: its gateway's process, its durable outbox, its link.

use std::collections::BTreeMap;

use ems_ambulance::{Gateway, GatewayConfig};
use ems_device::{EcgChunk, VitalsReading};
use ems_model::{Frame, IncidentId, Millis, Timestamp, UnitId};
use ems_uplink::{Portion, Ranges, Reading, Sender, SenderOutput, UplinkDown, UplinkUp};
use rand_pcg::Pcg64Mcg;

use super::checks::Broken;
use super::queue::Armed;

/// An ambulance's machines.
#[derive(Debug)]
pub(crate) struct Ambulance {
    pub(crate) unit: UnitId,
    /// `None` while it is down.
    pub(crate) process: Option<Process>,
    pub(crate) outbox: DurableOutbox,
    pub(crate) assignment: Option<IncidentId>,
    /// How far the devices' clock is off.
    pub(crate) clock_off: Millis,
    pub(crate) is_link_up: bool,
    /// The connection that stands, if one does.
    pub(crate) connection: Option<u32>,
    pub(crate) n_connections: u32,
    /// When the last message of each direction arrives: none overtakes it.
    pub(crate) up_free_at: Timestamp,
    pub(crate) down_free_at: Timestamp,
    pub(crate) delays: Pcg64Mcg,
    pub(crate) faults: Pcg64Mcg,
    pub(crate) gateway_armed: Armed,
}

/// What a crash takes away.
#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) gateway: Gateway,
    pub(crate) sender: Sender,
}

/// What a crash leaves.
#[derive(Debug, Default)]
pub(crate) struct DurableOutbox {
    frames: BTreeMap<u64, Frame>,
    pub(crate) last: u64,
}

impl Ambulance {
    pub(crate) fn new(unit: UnitId, delays: Pcg64Mcg, faults: Pcg64Mcg) -> Self {
        let outbox = DurableOutbox::default();
        let process = Some(Process::new(&unit, &outbox));
        Self {
            unit,
            process,
            outbox,
            assignment: None,
            clock_off: Millis::ZERO,
            is_link_up: true,
            connection: None,
            n_connections: 0,
            up_free_at: Timestamp::default(),
            down_free_at: Timestamp::default(),
            delays,
            faults,
            gateway_armed: Armed::default(),
        }
    }

    pub(crate) fn on_reading(&mut self, now: Timestamp, mut reading: VitalsReading) {
        reading.at = reading.at + self.clock_off;
        if let Some(process) = &mut self.process {
            process.gateway.on_reading(now, &reading);
        }
    }

    pub(crate) fn on_ecg(&mut self, now: Timestamp, mut chunk: EcgChunk) {
        chunk.at = chunk.at + self.clock_off;
        if let Some(process) = &mut self.process {
            process.gateway.on_ecg(now, &chunk);
        }
    }

    pub(crate) fn on_assignment(&mut self, now: Timestamp, incident: Option<IncidentId>) {
        self.assignment = incident;
        if let Some(process) = &mut self.process {
            process.gateway.on_assignment(now, incident);
        }
    }

    /// Makes the gateway's frames durable and passes them on; gives what is to be sent.
    pub(crate) fn pump(&mut self) -> Vec<UplinkUp> {
        let Some(process) = &mut self.process else { return Vec::new() };
        while let Some(frame) = process.gateway.poll_output() {
            self.outbox.keep(frame.clone());
            process.sender.push(frame);
        }
        while process.gateway.poll_complaint().is_some() {}
        let mut messages = Vec::new();
        while let Some(output) = process.sender.poll_output() {
            match output {
                SenderOutput::Transmit { frames, .. } => {
                    messages.push(UplinkUp::Frames { frames });
                }
                SenderOutput::Load(reading) if reading.portion == Portion::Gaps => {
                    process.sender.on_gaps_loaded(reading, Some(Vec::new()));
                }
                SenderOutput::Load(reading) => {
                    let frames = self.outbox.load(reading);
                    process.sender.on_loaded(reading, Some(frames));
                }
                SenderOutput::GiveUp { .. } => unreachable!("a simulated outbox has room for ever"),
                SenderOutput::Forget { from, to } => self.outbox.forget(from, to),
            }
        }
        messages
    }

    pub(crate) fn on_down(&mut self, message: UplinkDown) -> Result<(), Broken> {
        let Some(process) = &mut self.process else { return Ok(()) };
        let sender = &mut process.sender;
        match message {
            UplinkDown::Welcome { .. } => sender.on_connected(),
            UplinkDown::Ack { stored, .. } => {
                for (first, last) in stored {
                    let taken = sender.on_stored(first, last);
                    taken.map_err(|error| Broken(format!("{}: {error}", self.unit)))?;
                }
            }
            UplinkDown::Refused { error, .. } => {
                return Err(Broken(format!("the centre refused {}: {error}", self.unit)));
            }
        }
        Ok(())
    }

    pub(crate) fn disconnect(&mut self) {
        self.connection = None;
        if let Some(process) = &mut self.process {
            process.sender.on_disconnected();
        }
    }

    /// The gateway's process dies; what it had stored stays.
    pub(crate) fn crash(&mut self) {
        self.process = None;
        self.connection = None;
    }

    pub(crate) fn start(&mut self, now: Timestamp) {
        self.process = Some(Process::new(&self.unit, &self.outbox));
        self.on_assignment(now, self.assignment);
    }
}

impl Process {
    fn new(unit: &UnitId, outbox: &DurableOutbox) -> Self {
        let gateway = Gateway::new(unit.clone(), GatewayConfig::default(), outbox.last);
        let held: Ranges = outbox.frames.keys().map(|seq| (*seq, *seq)).collect();
        let sender = Sender::new(unit.clone(), held, outbox.last);
        Self { gateway, sender }
    }
}

impl DurableOutbox {
    fn keep(&mut self, frame: Frame) {
        self.last = frame.seq;
        self.frames.insert(frame.seq, frame);
    }

    fn load(&self, reading: Reading) -> Vec<Frame> {
        let after = self.frames.range(reading.after + 1..).map(|(_, frame)| frame);
        let wanted = after.filter(|frame| Portion::of(&frame.body) == reading.portion);
        wanted.take(reading.limit).cloned().collect()
    }

    fn forget(&mut self, from: u64, to: u64) {
        self.frames.retain(|seq, _| !(from..=to).contains(seq));
    }
}
