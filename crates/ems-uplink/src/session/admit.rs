//! Which packets are let in.

use super::class::Class;
use super::incoming::{Arrival, Incoming, Kind};
use super::link::Link;
use super::number::Number;
use super::outgoing::{Outgoing, WINDOW_PIECES};
use super::packet::{Packet, PacketError, Section};
use super::time::Times;
use super::{LinkId, Session, SessionOutput, mark_of, tag_of};

impl Session {
    /// Makes numbers whole, by what is expected before the packet is taken.
    pub(super) fn complete(
        &self,
        from: LinkId,
        packet: &mut Packet<'_>,
    ) -> Result<(), PacketError> {
        let expected = self.link(from)?.received.expected();
        packet.number = Number::whole(packet.number.near(expected));
        for section in &mut packet.sections {
            if let Section::Data { class, number, .. } | Section::Parity { class, number, .. } =
                section
            {
                let expected = self.incoming[class.idx()].expected();
                *number = Number::whole(number.near(expected));
            }
        }
        Ok(())
    }

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
                        check_place(&arrival)?;
                        self.incoming[class.idx()].check(&arrival)?;
                    }
                }
                Section::Ping | Section::Hello { .. } | Section::Clock { .. } => {}
            }
        }
        Ok(())
    }

    fn check_epoch(&self, packet: &Packet<'_>) -> Result<(), PacketError> {
        let mark = packet.mark;
        let said = packet.sections.iter().find_map(|section| match section {
            Section::Hello { epoch } => Some(*epoch),
            _ => None,
        });
        match (said, self.peer) {
            (Some(epoch), Some(known)) if epoch < known => {
                Err(PacketError::OldEpoch { epoch, known })
            }
            (Some(epoch), _) | (None, Some(epoch)) if mark_of(epoch) == mark => Ok(()),
            _ => Err(PacketError::UnknownEpoch { mark }),
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
            // It knows none of the numbers so far.
            self.outgoing.iter_mut().for_each(Outgoing::on_peer_began);
            self.links.iter_mut().flatten().for_each(Link::on_peer_began);
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

/// Refuses a piece that cannot stand where it says, whatever came before.
fn check_place(arrival: &Arrival<'_>) -> Result<(), PacketError> {
    let n_before = match arrival.kind {
        Kind::Data { .. } => 0,
        Kind::Parity(of) => u64::from(of.place) + u64::from(of.n_data),
    };
    if arrival.back.max(n_before) > arrival.number {
        return Err(PacketError::Number { what: "a piece before the first" });
    }
    if arrival.back >= WINDOW_PIECES {
        return Err(PacketError::Number { what: "a piece that far back" });
    }
    Ok(())
}

pub(super) fn arrival<'a>(section: &Section<'a>) -> Option<Arrival<'a>> {
    match *section {
        Section::Data { is_first, is_last, number, back, bytes, .. } => {
            let kind = Kind::Data { is_first, is_last };
            Some(Arrival { kind, number: number.value(), back, bytes })
        }
        Section::Parity { number, back, of, bytes, .. } => {
            Some(Arrival { kind: Kind::Parity(of), number: number.value(), back, bytes })
        }
        _ => None,
    }
}
