//! What goes between the roles: requests, the uplink, the public stream.

use ems_model::{IncidentId, Position, Request, Timestamp, UnitId};
use ems_uplink::{UplinkDown, UplinkUp};

use super::Simulation;
use super::checks::Broken;
use super::faults::{between, strikes};
use super::queue::Happening;

/// One way between a client and the centre, milliseconds.
const REQUEST_MS: (i64, i64) = (3, 40);
/// One way over the air, milliseconds.
const AIR_MS: (i64, i64) = (15, 80);
/// From durable to told on the public stream, milliseconds.
const STREAM_MS: (i64, i64) = (1, 30);
/// A unit without connection tries again after this long, milliseconds.
const CONNECT_MS: (i64, i64) = (500, 3000);

impl Simulation {
    /// A request of dispatchers, crews or hospitals sets out; it may be lost.
    pub(super) fn send_request(&mut self, happening: Happening) {
        let takes = between(REQUEST_MS, &mut self.delays);
        if !self.is_message_lost() {
            self.queue.plan(self.now + takes, happening);
        }
    }

    pub(super) fn send_answer(&mut self, key: String, answer: Result<u64, &'static str>) {
        let takes = between(REQUEST_MS, &mut self.delays);
        if !self.is_message_lost() {
            self.queue.plan(self.now + takes, Happening::Answer { key, answer });
        }
    }

    pub(super) fn on_request(&mut self, request: &Request) {
        if let Some(code) = self.server.on_request(self.now, request) {
            self.send_answer(request.key.clone(), Err(code));
        }
        self.after_centre();
    }

    /// An acknowledgement has arrived: from here on the command must not be lost.
    pub(super) fn on_answer(
        &mut self,
        key: &str,
        answer: Result<u64, &'static str>,
    ) -> Result<(), Broken> {
        if let Ok(seq) = answer {
            self.log_check.check_acknowledged(key, seq)?;
            self.scribe.n_commands += 1;
        }
        self.city.on_answer(self.now, key, answer.map(|_| ()));
        self.after_city();
        Ok(())
    }

    pub(super) fn on_ask(&mut self, incident: IncidentId) {
        let Some(answer) = self.server.recommend(self.now, incident) else { return };
        let answer = Box::new(answer);
        self.send_request(Happening::Advice { incident, answer });
    }

    pub(super) fn plan_stream(&mut self) {
        let takes = between(STREAM_MS, &mut self.delays);
        let life = self.server.life;
        self.queue.plan(self.now + takes, Happening::Stream { life });
    }

    pub(super) fn send_position(&mut self, unit: &UnitId, at: Timestamp, position: Position) {
        let idx = self.of_unit[unit];
        self.send_up(idx, UplinkUp::Position { unit: unit.clone(), at, position });
    }

    /// Sends what a unit's gateway and sender have to say, and plans their next wakes.
    pub(super) fn pump(&mut self, idx: usize) {
        let now = self.now;
        for message in self.ambulances[idx].pump() {
            self.send_up(idx, message);
        }
        let ambulance = &mut self.ambulances[idx];
        let Some(process) = &ambulance.process else { return };
        if !self.is_draining {
            let wake = process.gateway.next_wake().map(|(at, _)| at);
            ambulance.gateway_armed.arm(&mut self.queue, now, wake, Happening::Gateway(idx));
        }
    }

    pub(super) fn wake_gateway(&mut self, idx: usize) {
        let ambulance = &mut self.ambulances[idx];
        if !ambulance.gateway_armed.take(self.now) || self.is_draining {
            return;
        }
        if let Some(process) = &mut ambulance.process {
            process.gateway.on_wake(self.now);
            self.pump(idx);
        }
    }

    /// A unit says hello if it can, and tries again later if it cannot.
    pub(super) fn connect(&mut self, idx: usize) {
        let ambulance = &mut self.ambulances[idx];
        let Some(process) = &ambulance.process else { return };
        if !ambulance.is_link_up || ambulance.connection.is_some() {
            return;
        }
        if self.server.process.is_none() {
            return self.plan_connect(idx);
        }
        let hello = process.sender.hello();
        ambulance.n_connections += 1;
        ambulance.connection = Some(ambulance.n_connections);
        self.send_up(idx, hello);
    }

    pub(super) fn plan_connect(&mut self, idx: usize) {
        let pause = between(CONNECT_MS, &mut self.ambulances[idx].delays);
        self.queue.plan(self.now + pause, Happening::Connect(idx));
    }

    pub(super) fn on_up(&mut self, idx: usize, connection: u32, message: UplinkUp) {
        if self.ambulances[idx].connection != Some(connection) {
            return;
        }
        for reply in self.server.on_up(self.now, message) {
            self.plan_down(idx, reply);
        }
        self.after_centre();
    }

    /// Tells a unit that its frames are stored, if it is still there.
    pub(super) fn send_down(&mut self, message: UplinkDown) -> Result<(), Broken> {
        let UplinkDown::Ack { unit, stored } = &message else { return Ok(()) };
        for (first, last) in stored {
            self.frame_check.on_acked(unit, *first, *last)?;
        }
        let idx = self.of_unit[unit];
        self.plan_down(idx, message);
        Ok(())
    }

    pub(super) fn on_down(
        &mut self,
        idx: usize,
        connection: u32,
        message: UplinkDown,
    ) -> Result<(), Broken> {
        if self.ambulances[idx].connection != Some(connection) {
            return Ok(());
        }
        self.ambulances[idx].on_down(message)?;
        self.pump(idx);
        Ok(())
    }

    /// A unit's message sets out; none overtakes another, and all under way are lost with their
    /// connection.
    fn send_up(&mut self, idx: usize, message: UplinkUp) {
        let ambulance = &mut self.ambulances[idx];
        let Some(connection) = ambulance.connection else { return };
        let arrives = self.now + between(AIR_MS, &mut ambulance.delays);
        ambulance.up_free_at = ambulance.up_free_at.max(arrives);
        let message = Box::new(message);
        self.queue.plan(ambulance.up_free_at, Happening::Up { unit: idx, connection, message });
    }

    fn plan_down(&mut self, idx: usize, message: UplinkDown) {
        let ambulance = &mut self.ambulances[idx];
        let Some(connection) = ambulance.connection else { return };
        let arrives = self.now + between(AIR_MS, &mut ambulance.delays);
        ambulance.down_free_at = ambulance.down_free_at.max(arrives);
        let message = Box::new(message);
        self.queue.plan(ambulance.down_free_at, Happening::Down { unit: idx, connection, message });
    }

    fn is_message_lost(&mut self) -> bool {
        let loss = self.plan.faults.request_loss;
        let is_lost = strikes(loss, &mut self.faults) && !self.is_draining;
        self.scribe.faults.lost_messages += u64::from(is_lost);
        is_lost
    }
}
