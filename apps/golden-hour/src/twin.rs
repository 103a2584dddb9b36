//! The living city on a centre's public sockets: what a real service would do, done by chance.
//!
//! One task owns the city and a gateway for each unit. Commands go by HTTP, events come by the
//! stream, frames and positions by the uplink, through the same outbox that an ambulance has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use ems_ambulance::{Gateway, GatewayConfig};
use ems_host::{
    AdviceAnswer, Ages, CallError, CentreClient, CentreUrl, Clock, Heard, UplinkClient, follow,
    number_new_units, system_time,
};
use ems_model::{Event, IncidentId, Recorded, Request, Timestamp, UnitId};
use ems_sim::{Advice, City, Output};
use ems_store::Outbox;
use tokio::sync::{Semaphore, mpsc};

use crate::say;

/// Calls to the centre at a time, as many people would make.
const CALLS_MAX: usize = 64;
/// Events that may wait for the city.
const EVENTS_LEN_MAX: usize = 1024;

/// What the centre answered.
enum Answer {
    Command(String, Result<(), String>),
    Advice(IncidentId, Result<AdviceAnswer, String>),
}

/// A city at work.
pub(crate) struct Twin {
    city: City,
    /// The centre's last event when the stream last stood; `None` until it first does.
    head: Option<u64>,
    gateways: BTreeMap<UnitId, Gateway>,
    ages: Ages,
    uplink: UplinkClient,
    client: CentreClient,
    clock: Clock,
    permits: Arc<Semaphore>,
    tell: mpsc::UnboundedSender<Answer>,
    answers: mpsc::UnboundedReceiver<Answer>,
}

impl Twin {
    pub(crate) fn new(
        city: City,
        centre: CentreUrl,
        outbox: Arc<Outbox>,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let units: Vec<_> = city.units().cloned().collect();
        number_new_units(&outbox, system_time(), &units)?;
        let mut gateways = BTreeMap::new();
        for unit in &units {
            let last = outbox.resume(unit)?.last;
            let gateway = Gateway::new(unit.clone(), GatewayConfig::default(), last);
            gateways.insert(unit.clone(), gateway);
        }
        let uplink = UplinkClient::start(centre.clone(), outbox, units)?;
        let (tell, answers) = mpsc::unbounded_channel();
        Ok(Self {
            city,
            head: None,
            gateways,
            ages: Ages::default(),
            uplink,
            client: CentreClient::new(centre),
            clock,
            permits: Arc::new(Semaphore::new(CALLS_MAX)),
            tell,
            answers,
        })
    }

    /// Lives until it is dropped.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        let (tell, mut events) = mpsc::channel(EVENTS_LEN_MAX);
        tokio::spawn(follow(self.client.centre().clone(), 0, tell));
        loop {
            let rest = self.rest();
            tokio::select! {
                heard = events.recv() => self.hear(heard.context("the stream's task ended")?)?,
                Some(answer) = self.answers.recv() => self.take(answer),
                () = tokio::time::sleep(rest) => {}
            }
            let now = self.clock.now();
            if self.is_up_to_date() {
                self.city.on_wake(now);
            }
            self.act(now);
            self.measure(now).await;
        }
    }

    fn rest(&self) -> Duration {
        let city = self.city.next_wake().filter(|_| self.is_up_to_date()).map(|(at, _)| at);
        let gateways = self.gateways.values().filter_map(Gateway::next_wake).map(|(at, _)| at);
        let next = gateways.chain(city).min();
        next.map_or(Duration::from_secs(1), |at| self.clock.until(at))
    }

    /// Whether the city knows all that had happened when the stream last stood; before, it would
    /// do again what an earlier run did.
    fn is_up_to_date(&self) -> bool {
        self.head.is_some_and(|head| self.city.last_seq() >= head)
    }

    fn hear(&mut self, heard: Heard) -> anyhow::Result<()> {
        match heard {
            Heard::Event(event) => {
                self.ages.on_event(&event.recorded.event);
                self.acknowledge(&event.recorded);
                self.city.on_event(self.clock.now(), &event.recorded);
            }
            Heard::Connected { last } => {
                tracing::debug!(last, "the twin follows the centre");
                self.head = Some(last);
            }
            Heard::Disconnected(why) => tracing::info!(why, "the twin lost the stream"),
            Heard::Replaced => bail!(
                "{} has another event log than before: start the city again",
                self.client.centre()
            ),
        }
        Ok(())
    }

    /// Passes on to its gateway that somebody at the centre knows of an alarm.
    fn acknowledge(&mut self, recorded: &Recorded) {
        let Event::AlarmAcknowledged { unit, kind, .. } = &recorded.event else { return };
        if let Some(gateway) = self.gateways.get_mut(unit) {
            gateway.acknowledge(self.clock.now(), *kind, recorded.occurred_at);
        }
    }

    fn take(&mut self, answer: Answer) {
        let now = self.clock.now();
        match answer {
            Answer::Command(key, result) => {
                self.city.on_answer(now, &key, result.as_ref().copied().map_err(String::as_str));
            }
            Answer::Advice(incident, result) => {
                let advice = result.as_ref().map(advice_of).map_err(String::as_str);
                self.city.on_recommendation(now, incident, advice);
            }
        }
    }

    /// Does what the city wants done.
    fn act(&mut self, now: Timestamp) {
        while let Some(output) = self.city.poll_output() {
            match output {
                Output::Command(request) => self.send(request),
                Output::AskRecommendation(incident) => self.ask(incident),
                Output::Position { unit, at, position } => self.uplink.position(unit, at, position),
                Output::Reading { unit, reading } => {
                    if let Some(gateway) = self.gateways.get_mut(&unit) {
                        gateway.on_reading(now, &reading);
                    }
                }
                Output::Ecg { unit, chunk } => {
                    if let Some(gateway) = self.gateways.get_mut(&unit) {
                        gateway.on_ecg(now, &chunk);
                    }
                }
                Output::Assignment { unit, incident } => {
                    if let Some(gateway) = self.gateways.get_mut(&unit) {
                        gateway.on_assignment(now, incident);
                        gateway.on_patient_age(self.ages.of(incident));
                    }
                }
            }
        }
    }

    /// Hands what gateways have to tell to the uplink, which stores it before it sends it.
    async fn measure(&mut self, now: Timestamp) {
        let mut frames = Vec::new();
        for (unit, gateway) in &mut self.gateways {
            gateway.on_wake(now);
            frames.extend(std::iter::from_fn(|| gateway.poll_output()));
            while let Some(complaint) = gateway.poll_complaint() {
                tracing::debug!(%unit, %complaint, "from the devices");
            }
        }
        if !frames.is_empty() {
            self.uplink.frames(frames).await;
        }
    }

    fn send(&self, request: Request) {
        let (client, tell) = (self.client.clone(), self.tell.clone());
        let permits = Arc::clone(&self.permits);
        tokio::spawn(async move {
            let _permit = permits.acquire_owned().await;
            let result = client.command(&request).await.map(|_ack| ());
            if let Some(result) = known(result) {
                // The twin may have ended.
                drop(tell.send(Answer::Command(request.key, result)));
            }
        });
    }

    fn ask(&self, incident: IncidentId) {
        let (client, tell) = (self.client.clone(), self.tell.clone());
        let permits = Arc::clone(&self.permits);
        tokio::spawn(async move {
            let _permit = permits.acquire_owned().await;
            if let Some(result) = known(client.recommendation(incident).await) {
                drop(tell.send(Answer::Advice(incident, result)));
            }
        });
    }
}

/// The answer or the error's code; `None` where it is not known what the centre did.
fn known<T>(result: Result<T, CallError>) -> Option<Result<T, String>> {
    match result {
        Ok(answer) => Some(Ok(answer)),
        Err(CallError::Refused { code, message, .. }) => {
            tracing::debug!(code, message, "the centre refused");
            Some(Err(code))
        }
        Err(error @ CallError::NoAnswer { .. }) => {
            tracing::debug!(%error, "the twin asks again");
            None
        }
    }
}

fn advice_of(answer: &AdviceAnswer) -> Advice {
    Advice {
        version: answer.version,
        units: answer.units.candidates.clone(),
        response: answer.response.clone(),
        hospitals: answer.hospitals.candidates.clone(),
        places: answer.places.clone(),
    }
}

/// Tells that a twin lives.
pub(crate) fn announce(n_units: usize, seed: u64, speed: f64) {
    say::line(format!("twin: {n_units} units, seed {seed}, speed {speed}"));
}
