//! Which packets are let in.

use super::class::Class;
use super::incoming::{Arrival, Incoming, Kind};
use super::packet::{Packet, PacketError, Section};
use super::received::Received;
use super::time::Times;
use super::{LinkId, Session, SessionOutput, tag_of};

impl Session {
    /// Refuses a packet that is not the other end's, or for which there is no room.
    pub(super) fn check(&mut self, from: LinkId, packet: &Packet<'_>) -> Result<(), PacketError> {
        let next = self.link_mut(from)?.next_number();
        self.check_epoch(packet)?;
        for section in &packet.sections {
            match section {
                Section::Ack { tag, ranges, .. } => {
                    let newest = ranges.first().map_or(0, |range| range.1);
                    if *tag == tag_of(self.epoch) && newest >= next {
                        return Err(PacketError::Number { what: "an answer to what was not sent" });
                    }
                }
                Section::Data { class, .. } | Section::Parity { class, .. } => {
                    if let Some(arrival) = arrival(section) {
                        self.incoming[class.idx()].check(&arrival)?;
                    }
                }
                Section::Ping | Section::Hello { .. } | Section::Clock { .. } => {}
            }
        }
        Ok(())
    }

    fn check_epoch(&self, packet: &Packet<'_>) -> Result<(), PacketError> {
        let tag = packet.tag;
        let said = packet.sections.iter().find_map(|section| match section {
            Section::Hello { epoch } => Some(*epoch),
            _ => None,
        });
        match (said, self.peer) {
            (Some(epoch), Some(known)) if epoch < known => {
                Err(PacketError::OldEpoch { epoch, known })
            }
            (Some(epoch), _) | (None, Some(epoch)) if tag_of(epoch) == tag => Ok(()),
            _ => Err(PacketError::UnknownEpoch { tag }),
        }
    }

    /// Begins anew with an other end that has begun anew.
    pub(super) fn greet(&mut self, packet: &Packet<'_>) {
        for section in &packet.sections {
            let Section::Hello { epoch } = section else { continue };
            if self.peer == Some(*epoch) {
                continue;
            }
            if self.peer.is_some() {
                self.output.push_back(SessionOutput::PeerBegan { epoch: *epoch });
            }
            (self.peer, self.is_known) = (Some(*epoch), false);
            self.incoming = Class::ALL.map(Incoming::new).into();
            self.times = Times::default();
            self.links.iter_mut().flatten().for_each(|link| link.received = Received::default());
        }
    }
}

/// Whether a packet asks for an answer, and whether at once.
pub(super) fn asks(packet: &Packet<'_>) -> Option<bool> {
    let asks = |section: &Section<'_>| match section {
        Section::Ack { .. } | Section::Clock { .. } => None,
        Section::Ping | Section::Hello { .. } => Some(true),
        Section::Data { class, .. } | Section::Parity { class, .. } => {
            Some(class.traits().is_urgent)
        }
    };
    packet.sections.iter().filter_map(asks).reduce(|any, one| any | one)
}

pub(super) fn arrival<'a>(section: &Section<'a>) -> Option<Arrival<'a>> {
    match *section {
        Section::Data { is_first, is_last, number, back, bytes, .. } => {
            Some(Arrival { kind: Kind::Data { is_first, is_last }, number, back, bytes })
        }
        Section::Parity { number, back, of, bytes, .. } => {
            Some(Arrival { kind: Kind::Parity(of), number, back, bytes })
        }
        _ => None,
    }
}
