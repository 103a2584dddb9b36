//! What carries an uplink: one WebSocket for many units, or several links for one.

use std::collections::BTreeMap;

use ems_model::{Frame, Gap, Millis, UnitId};
use ems_uplink::{UplinkDown, UplinkUp};

use super::socket::{SocketCarriage, SocketTold};
use super::uplink::UplinkStatus;
use crate::link::dial::{Links, Told};

/// What carries an uplink.
#[derive(Debug)]
pub(super) enum Carriage {
    Socket(Box<SocketCarriage>),
    Links(Box<Links>),
}

/// What it tells.
#[derive(Debug)]
pub(super) enum Carried {
    /// Say hello for each unit.
    Stands,
    /// What was under way is lost.
    Lost,
    /// The centre has begun anew: what it had not stored goes again.
    Began,
    /// The centre says something.
    Down(UplinkDown),
    /// A bundle came.
    Bundle(Vec<u8>),
    /// Something that cannot be understood.
    Complaint(String),
}

impl Carriage {
    /// Waits for something to do, and does it. It may be left off at any time.
    pub(super) async fn turn(&mut self) -> Vec<Carried> {
        match self {
            Self::Socket(socket) => vec![socket.turn().await.into()],
            Self::Links(links) => links.turn().await.into_iter().map(Carried::from).collect(),
        }
    }

    /// Sends what was given to it, and tells what came of it.
    pub(super) fn flush(&mut self) -> Vec<Carried> {
        match self {
            Self::Socket(_) => Vec::new(),
            Self::Links(links) => links.flush().into_iter().map(Carried::from).collect(),
        }
    }

    /// Whether what is new may be given to it; otherwise it waits in the outbox.
    pub(super) fn is_open(&self) -> bool {
        match self {
            Self::Socket(socket) => socket.is_up(),
            Self::Links(links) => links.is_open(),
        }
    }

    /// Whether it may take more.
    pub(super) fn has_room(&self) -> bool {
        match self {
            Self::Socket(socket) => socket.has_room(),
            // Each frame is asked for itself: what is new never waits for a backlog.
            Self::Links(_) => true,
        }
    }

    /// Says in new frames how far the centre's clock was ahead when they were measured, where links
    /// know that.
    pub(super) fn set_clock(&self, frames: &mut [Frame]) {
        let Self::Links(links) = self else { return };
        for frame in frames {
            frame.clock = links.clock_at(frame.at);
        }
    }

    /// Sends frames; gives those that it did not take.
    pub(super) fn send(&mut self, frames: Vec<Frame>, is_backfill: bool) -> Vec<Frame> {
        match self {
            Self::Socket(socket) => {
                let message = UplinkUp::Frames { frames };
                if socket.say(&message) {
                    return Vec::new();
                }
                let UplinkUp::Frames { frames } = message else { return Vec::new() };
                frames
            }
            Self::Links(links) => {
                frames.into_iter().filter_map(|frame| links.send(frame, is_backfill)).collect()
            }
        }
    }

    /// Tells which frames of a unit were given up; whether it took that.
    pub(super) fn give_up(&mut self, unit: &UnitId, gaps: &[Gap]) -> bool {
        let message = UplinkUp::GivenUp { unit: unit.clone(), gaps: gaps.to_vec() };
        match self {
            Self::Socket(socket) => socket.say(&message),
            Self::Links(links) => links.give_up(&message),
        }
    }

    /// Sends what is not numbered.
    pub(super) fn say(&mut self, message: &UplinkUp) {
        match self {
            // There is room for all hellos, and the rest looks first.
            Self::Socket(socket) => drop(socket.say(message)),
            Self::Links(links) => links.say(message),
        }
    }

    /// Sends a bundle of another unit over links, if none waits to be sent.
    pub(super) fn send_bundle(&mut self, bundle: Vec<u8>) {
        if let Self::Links(links) = self {
            links.send_bundle(bundle);
        }
    }

    /// The centre has welcomed a unit.
    pub(super) fn on_welcome(&mut self) {
        if let Self::Socket(socket) = self {
            socket.on_welcome();
        }
    }

    /// The centre has stored frames of a unit.
    pub(super) fn on_stored(&mut self, _unit: &UnitId, first: u64, last: u64) {
        if let Self::Links(links) = self {
            links.on_stored(first, last);
        }
    }

    /// Takes the holes ahead, by link.
    pub(super) fn on_outlook(&mut self, holes: &BTreeMap<String, (Millis, Millis)>) {
        if let Self::Links(links) = self {
            links.on_outlook(holes);
        }
    }

    /// Adds what it knows of itself.
    pub(super) fn tell(&self, status: &mut UplinkStatus) {
        if let Self::Links(links) = self {
            status.links = links.links();
            status.classes = links.classes();
            status.clock = links.clock();
            status.n_begun = links.n_begun();
        }
    }
}

impl From<SocketTold> for Carried {
    fn from(told: SocketTold) -> Self {
        match told {
            SocketTold::Stands => Self::Stands,
            SocketTold::Lost => Self::Lost,
            SocketTold::Down(down) => Self::Down(down),
        }
    }
}

impl From<Told> for Carried {
    fn from(told: Told) -> Self {
        match told {
            Told::Began => Self::Began,
            Told::Down(down) => Self::Down(down),
            Told::Bundle(bundle) => Self::Bundle(bundle),
            Told::Complaint(what) => Self::Complaint(what),
        }
    }
}
