//! Patients whom the console can open: one of a gateway, and some of the city's own.

use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::{Value, json};

use crate::commands::{Client, now_micros};

/// The city's own units that are sent, so that one is soon with its patient.
const N_SENT: usize = 8;
/// A crew turns out, drives, walks and connects its monitor: some minutes at speed 1.
const CARE_WITHIN: Duration = Duration::from_mins(10);

/// A patient on a monitor.
pub(crate) struct Patient {
    pub(crate) incident: u64,
    pub(crate) unit: String,
}

/// Makes the vehicle of a gateway a unit, and takes it to a patient.
pub(crate) async fn of_gateway(client: &Client, unit: &str) -> anyhow::Result<Patient> {
    let at = now_micros();
    let home = json!({"lat": 35.9122, "lon": 14.5042});
    let sign_on = json!({
        "type": "sign_on_unit", "unit": unit, "kind": "als", "home": home, "station": null,
        "crew": "bench", "shift_until": at + 8 * 3600 * 1_000_000,
    });
    client.order(&format!("on-{unit}"), sign_on).await?;
    let incident = called(client, unit, &home).await?;
    send(client, incident, unit, Some("it carries the monitor under measurement")).await?;
    for step in ["acknowledge", "go_en_route", "arrive_on_scene", "reach_patient"] {
        let order = json!({
            "type": "step_unit", "unit": unit, "incident": incident, "step": step,
            "at": now_micros(),
        });
        client.order(&format!("{step}-{unit}"), order).await?;
    }
    Ok(Patient { incident, unit: unit.to_owned() })
}

/// Sends units of the city to calls at their doors.
pub(crate) async fn send_city_units(client: &Client) -> anyhow::Result<Vec<Patient>> {
    let state = client.state().await?;
    let units = state["units"].as_array().into_iter().flatten();
    let free = units.filter(|unit| unit["kind"] == "als" && unit["state"]["state"] == "available");
    let homes: Vec<Value> = free.map(|unit| unit["home"].clone()).take(N_SENT).collect();
    let mut sent = Vec::new();
    for (idx, home) in homes.iter().enumerate() {
        let incident = called(client, &format!("city-{idx}"), home).await?;
        let advice = client.recommendation(incident).await?;
        let best = advice["units"]["candidates"][0]["unit"].as_str();
        let unit = best.context("the centre recommends a unit")?.to_owned();
        send(client, incident, &unit, None).await?;
        sent.push(Patient { incident, unit });
    }
    Ok(sent)
}

/// Waits until the monitor of one of them tells the patient's heart rate.
pub(crate) async fn in_care(client: &Client, sent: Vec<Patient>) -> anyhow::Result<Patient> {
    let until = tokio::time::Instant::now() + CARE_WITHIN;
    while tokio::time::Instant::now() < until {
        for patient in &sent {
            if client.is_measured(&patient.unit, patient.incident).await? {
                let (incident, unit) = (patient.incident, patient.unit.clone());
                return Ok(Patient { incident, unit });
            }
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    bail!("none of {} units of the city was with its patient within ten minutes", sent.len())
}

async fn called(client: &Client, name: &str, position: &Value) -> anyhow::Result<u64> {
    let call = json!({
        "position": position, "address": "Tower Road", "caller": null,
        "complaint": "chest-pain", "answers": {}, "age": 58, "rang_at": now_micros(),
    });
    let take = json!({"type": "take_call", "call": call, "priority": "I"});
    let ack = client.order(&format!("patient-{name}"), take).await?;
    ack["incident"].as_u64().context("a call that is taken has an incident")
}

async fn send(
    client: &Client,
    incident: u64,
    unit: &str,
    overrule: Option<&str>,
) -> anyhow::Result<Value> {
    let assign = json!({
        "type": "assign_unit", "incident": incident, "expected_version": null, "unit": unit,
        "overrule": overrule,
    });
    client.order(&format!("send-{unit}"), assign).await
}
