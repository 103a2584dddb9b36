//! One ambulance's gateway with the world around it: devices in, frames to the outbox and the
//! centre, a page for the crew.

mod alarms;
mod assignment;
#[cfg(feature = "ble")]
mod ble;
mod camera;
mod carriers;
mod keeper;
mod keeping;
mod mllp;
mod mqtt;
mod outlook;
mod page;
mod phd;
mod readings;
mod serial;
mod survey;

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::net::{SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ems_ambulance::{Gateway, GatewayConfig, View};
use ems_clinical::AlarmBudget;
use ems_device::{EcgChunk, ModemReading, VitalsReading, WavePiece};
use ems_model::{AlarmKind, CameraPulse, IncidentId, Millis, Position, Timestamp, UnitId};
use ems_store::{Letters, Outbox, Photos, ShelfLimits, StoreError};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::client::CentreUrl;
use crate::client::uplink::{UplinkClient, UplinkHandle, UplinkStatus};
use crate::clock::Clock;
use crate::link::dial::Links;
use crate::link::{CertificateError, Credentials};
use crate::relay::carry::{CarryError, Carrying};
use crate::relay::offer::{Offering, RelayTo};
use crate::view::score::ScoreView;
use keeper::Keeper;
use page::Page;
pub use serial::{BadSerialLine, SerialLine};
use survey::Survey;

/// Readings that may wait; then the source waits.
const INPUTS_LEN_MAX: usize = 256;
/// Complaints that the page shows.
const COMPLAINTS_LEN_MAX: usize = 20;

/// What a gateway is made of.
#[derive(Debug)]
pub struct GatewayParts {
    /// The unit that it rides in.
    pub unit: UnitId,
    /// How it cleans, scores and alarms.
    pub config: GatewayConfig,
    /// Where frames are kept until the centre has stored them.
    pub outbox: Arc<Outbox>,
    /// Where photos are kept until the centre has them.
    pub photos: Photos,
    /// Where what belongs to them is kept until then.
    pub letters: Letters,
    /// Whom it reports to.
    pub centre: CentreUrl,
    /// Its links to the centre's uplink port; without them frames go over a WebSocket.
    pub links: Option<Links>,
    /// Its clock.
    pub clock: Clock,
}

/// What comes into a gateway.
#[derive(Debug)]
pub(crate) enum Input {
    Ecg(EcgChunk),
    Reading(VitalsReading),
    Wave(WavePiece),
    Assignment {
        incident: Option<IncidentId>,
        age: Option<u8>,
    },
    /// Somebody saw an alarm at that time, and knows.
    Acknowledge {
        kind: AlarmKind,
        seen_at: Timestamp,
    },
    PauseAudio,
    Complaint(String),
    Look(oneshot::Sender<Look>),
    CameraPulse(CameraPulse),
    Position(Position),
    Modem(ModemReading),
    /// The first hole ahead of each network that has one: from when until when, from now.
    Outlook(BTreeMap<String, (Millis, Millis)>),
}

/// What the page shows.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) view: View,
    pub(crate) uplink: UplinkStatus,
    pub(crate) link_since: Timestamp,
    pub(crate) complaints: Vec<String>,
    pub(crate) budget: AlarmBudget,
}

/// A running gateway. Dropping it ends its tasks; the outbox keeps what was not delivered.
#[derive(Debug)]
pub struct GatewayHost {
    unit: UnitId,
    clock: Clock,
    inputs: mpsc::Sender<Input>,
    scores: Arc<[ScoreView]>,
    keeper: Keeper,
    outbox: Arc<Outbox>,
    uplink: UplinkHandle,
    /// Receipts for those whose bundles it carries, until somebody waits for them.
    receipts: Option<mpsc::Receiver<Vec<u8>>>,
    tasks: JoinSet<()>,
}

impl GatewayHost {
    /// Starts it where its outbox left off.
    pub fn start(parts: GatewayParts) -> Result<Self, StoreError> {
        let GatewayParts { unit, config, outbox, photos, letters, centre, links, clock } = parts;
        let scores = config.scores.iter().map(ScoreView::from).collect();
        let resume = outbox.resume(&unit)?;
        let gateway = Gateway::new(unit.clone(), config, resume.last);
        let has_links = links.is_some();
        let mut uplink = match links {
            Some(links) => UplinkClient::over_links(links, Arc::clone(&outbox))?,
            None => UplinkClient::start(centre.clone(), Arc::clone(&outbox), [unit.clone()])?,
        };
        let (handle, receipts) = (uplink.handle(), uplink.take_bundles());
        let (inputs, queue) = mpsc::channel(INPUTS_LEN_MAX);
        let mut tasks = JoinSet::new();
        let worker = Worker {
            gateway,
            uplink,
            link_since: clock.now(),
            was_connected: false,
            clock: clock.clone(),
            complaints: VecDeque::new(),
            survey: Survey::default(),
            unit: unit.clone(),
        };
        tasks.spawn(worker.run(queue));
        let keeper = Keeper {
            photos,
            letters,
            unit: unit.clone(),
            clock: clock.clone(),
            inputs: inputs.clone(),
            has_new: Arc::default(),
        };
        tasks.spawn(keeper.clone().deliver(centre.clone()));
        if has_links {
            tasks.spawn(outlook::follow_outlook(centre.clone(), unit.clone(), inputs.clone()));
        }
        tasks.spawn(assignment::follow_assignment(centre, unit.clone(), inputs.clone()));
        let uplink = handle;
        Ok(Self { unit, clock, inputs, scores, keeper, outbox, uplink, receipts, tasks })
    }

    /// Takes a piece of waveform from a device.
    pub async fn ecg(&self, chunk: EcgChunk) {
        // The worker ends only with this handle.
        let _ = self.inputs.send(Input::Ecg(chunk)).await;
    }

    /// Takes a piece of a wave that is no ECG.
    pub async fn wave(&self, piece: WavePiece) {
        // The worker ends only with this handle.
        let _ = self.inputs.send(Input::Wave(piece)).await;
    }

    /// Listens to devices on an MQTT broker, `HOST:PORT`, reconnecting for ever.
    pub fn listen_mqtt(&mut self, broker: (String, u16)) {
        self.tasks.spawn(mqtt::listen(
            broker,
            self.unit.clone(),
            self.clock.clone(),
            self.inputs.clone(),
        ));
    }

    /// Hears monitors that send HL7 version 2 over MLLP to this address.
    pub fn listen_mllp(&mut self, listener: TcpListener) {
        self.tasks.spawn(mllp::listen(listener, self.clock.clone(), self.inputs.clone()));
    }

    /// Answers health devices that speak IEEE 11073-20601 over TCP to this address.
    pub fn listen_phd(&mut self, listener: TcpListener) {
        self.tasks.spawn(phd::listen(listener, self.clock.clone(), self.inputs.clone()));
    }

    /// Hears the device on a serial line, opening it again for ever.
    pub fn listen_serial(&mut self, line: SerialLine) {
        self.tasks.spawn(serial::listen(line, self.clock.clone(), self.inputs.clone()));
    }

    /// Hears a Bluetooth health device, connecting to it again for ever.
    #[cfg(feature = "ble")]
    pub fn listen_ble(&mut self, address: bluer::Address) {
        self.tasks.spawn(ble::listen(address, self.clock.clone(), self.inputs.clone()));
    }

    /// Serves the crew's page and `/api/view`.
    pub fn serve_page(&mut self, listener: TcpListener) {
        let page = Page {
            inputs: self.inputs.clone(),
            scores: Arc::clone(&self.scores),
            cameras: Arc::default(),
            keeper: self.keeper.clone(),
        };
        let serving = page::serve(listener, page);
        self.tasks.spawn(serving);
    }

    /// Carries bundles of other ambulances, which ask on this UDP socket; they lie in a folder
    /// until the centre has them. Gives the address.
    ///
    /// # Errors
    /// If the certificate, the folder or the socket cannot be used.
    ///
    /// # Panics
    /// If it is asked twice.
    pub fn carry_for_others(
        &mut self,
        socket: UdpSocket,
        credentials: &Credentials,
        folder: &Path,
        limits: ShelfLimits,
    ) -> Result<Option<SocketAddr>, CarryError> {
        let carrying = Carrying::listen(socket, credentials, folder, limits)?;
        let address = carrying.address();
        let receipts = self.receipts.take().expect("it carries once");
        self.tasks.spawn(carrying.clone().answer());
        self.tasks.spawn(carrying.bring(self.uplink.clone(), receipts));
        Ok(address)
    }

    /// Gives the backlog to a neighbour while the centre does not answer.
    ///
    /// # Errors
    /// If the certificate cannot be used.
    pub fn relay_to(
        &mut self,
        to: RelayTo,
        credentials: &Credentials,
    ) -> Result<(), CertificateError> {
        let (unit, outbox, uplink) =
            (self.unit.clone(), Arc::clone(&self.outbox), self.uplink.clone());
        let offering = Offering::new(unit, to, credentials, outbox, uplink)?;
        self.tasks.spawn(offering.run());
        Ok(())
    }

    /// Frames numbered so far and those that the centre has not stored.
    pub async fn progress(&self) -> Option<(u64, UplinkStatus)> {
        let look = look(&self.inputs).await?;
        Some((look.view.last_seq, look.uplink))
    }

    /// Its clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }
}

pub(crate) async fn look(inputs: &mpsc::Sender<Input>) -> Option<Look> {
    let (answer, wait) = oneshot::channel();
    inputs.send(Input::Look(answer)).await.ok()?;
    wait.await.ok()
}

struct Worker {
    gateway: Gateway,
    uplink: UplinkClient,
    link_since: Timestamp,
    was_connected: bool,
    clock: Clock,
    complaints: VecDeque<String>,
    survey: Survey,
    unit: UnitId,
}

impl Worker {
    async fn run(mut self, mut inputs: mpsc::Receiver<Input>) {
        loop {
            tokio::select! {
                input = inputs.recv() => match input {
                    Some(input) => self.take(input),
                    None => return,
                },
                () = self.rest() => {}
            }
            let now = self.clock.now();
            self.gateway.on_wake(now);
            self.read_links(now);
            self.hand_on().await;
        }
    }

    fn rest(&self) -> impl Future<Output = ()> + use<> {
        let wake = self.gateway.next_wake().map(|(at, _)| self.clock.until(at));
        tokio::time::sleep(wake.unwrap_or(Duration::from_secs(1)))
    }

    fn take(&mut self, input: Input) {
        let now = self.clock.now();
        match input {
            Input::Ecg(chunk) => self.gateway.on_ecg(now, &chunk),
            Input::Reading(reading) => self.gateway.on_reading(now, &reading),
            Input::Wave(piece) => self.gateway.on_wave(now, &piece),
            Input::Assignment { incident, age } => {
                self.gateway.on_assignment(now, incident);
                self.gateway.on_patient_age(age);
            }
            Input::Acknowledge { kind, seen_at } => {
                self.gateway.acknowledge(now, kind, seen_at);
            }
            Input::PauseAudio => {
                self.gateway.pause_audio(now);
            }
            Input::Complaint(what) => self.complain(what),
            Input::CameraPulse(pulse) => self.gateway.on_camera_pulse(now, pulse),
            Input::Position(position) => {
                self.survey.on_position(now, position);
                self.uplink.position(self.unit.clone(), now, position);
            }
            Input::Outlook(holes) => self.uplink.outlook(holes),
            Input::Modem(reading) => self.survey.on_modem(now, reading),
            Input::Look(answer) => drop(answer.send(self.look(now))),
        }
    }

    /// Puts what the links carried among the frames, every few seconds.
    fn read_links(&mut self, now: Timestamp) {
        if !self.survey.is_due(now) {
            return;
        }
        let status = self.uplink.status();
        for read in self.survey.read(now, &status.links, status.n_begun) {
            self.gateway.on_links(read.at, read.span, read.position, read.links);
        }
    }

    /// Hands frames to the uplink, which stores them before it sends them.
    async fn hand_on(&mut self) {
        while let Some(complaint) = self.gateway.poll_complaint() {
            self.complain(complaint.to_string());
        }
        let frames: Vec<_> = std::iter::from_fn(|| self.gateway.poll_output()).collect();
        if !frames.is_empty() {
            self.uplink.frames(frames).await;
        }
        let is_connected = self.uplink.status().is_connected;
        if is_connected != self.was_connected {
            self.was_connected = is_connected;
            self.link_since = self.clock.now();
        }
    }

    fn complain(&mut self, what: String) {
        tracing::warn!(what, "from the devices");
        self.complaints.push_back(what);
        if self.complaints.len() > COMPLAINTS_LEN_MAX {
            self.complaints.pop_front();
        }
    }

    fn look(&self, now: Timestamp) -> Look {
        let uplink = self.uplink.status();
        let complaints = self.complaints.iter().chain(&uplink.complaint).cloned();
        Look {
            view: self.gateway.view(now),
            link_since: self.link_since,
            complaints: complaints.collect(),
            budget: self.gateway.alarm_budget().clone(),
            uplink,
        }
    }
}
