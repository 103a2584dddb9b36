//! Bluetooth health devices, over `BlueZ`. What is asked and read is [`GattDialogue`]'s; here it
//! goes over the air. Only devices that were named are heard, and pairing is the system's
//! (`bluetoothctl pair`).

use std::collections::BTreeMap;
use std::pin::Pin;
use std::time::Duration;

use bluer::gatt::remote::Characteristic;
use bluer::{Adapter, AdapterEvent, Address, Device, ErrorKind, Session, Uuid};
use ems_device::{Fault, GattDialogue, GattStep};
use futures_util::stream::SelectAll;
use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc;

use super::Input;
use super::readings::hand_on;
use crate::clock::Clock;

/// The pause before a device that is gone is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(2);

type Values = SelectAll<Pin<Box<dyn Stream<Item = (u16, Vec<u8>)> + Send>>>;

/// Why a device is not heard.
#[derive(Debug, thiserror::Error)]
enum BleError {
    #[error("Bluetooth does not answer ({0}): start the system's D-Bus and bluetoothd")]
    NoBluetooth(bluer::Error),
    #[error("there is no Bluetooth radio ({0}): plug one in")]
    NoRadio(bluer::Error),
    #[error("{0}")]
    Fault(#[from] Fault),
    #[error("{0}: switch it on, bring it near, and pair it with bluetoothctl where it asks")]
    Device(#[from] bluer::Error),
}

/// Hears a device until the gateway ends; one that is gone is tried again for ever.
pub(super) async fn listen(address: Address, clock: Clock, inputs: mpsc::Sender<Input>) {
    let (mut newest, mut told) = (None, None);
    while !inputs.is_closed() {
        match converse(address, &clock, &inputs, &mut newest).await {
            Ok(()) => told = None,
            Err(error) => {
                let what = format!("Bluetooth device {address} is not heard: {error}");
                if told.as_ref() != Some(&what) {
                    drop(inputs.send(Input::Complaint(what.clone())).await);
                }
                told = Some(what);
            }
        }
        tokio::time::sleep(TRY_AGAIN).await;
    }
}

/// One connection, until it ends; `newest` is the meter's last record.
async fn converse(
    address: Address,
    clock: &Clock,
    inputs: &mpsc::Sender<Input>,
    newest: &mut Option<u16>,
) -> Result<(), BleError> {
    let session = Session::new().await.map_err(BleError::NoBluetooth)?;
    let adapter = session.default_adapter().await.map_err(BleError::NoRadio)?;
    adapter.set_powered(true).await.map_err(BleError::NoRadio)?;
    let device = find(&adapter, address).await?;
    if !device.is_connected().await? {
        device.connect().await?;
    }
    let characteristics = characteristics(&device).await?;
    let known: Vec<u16> = characteristics.keys().copied().collect();
    let mut dialogue = GattDialogue::new(clock.now(), &known, *newest)?;
    tracing::info!(%address, "a Bluetooth device is heard");
    let mut values = Values::new();
    loop {
        while let Some(step) = dialogue.poll_output() {
            take_step(step, &characteristics, &mut values, &mut dialogue, clock).await?;
        }
        let wake = dialogue.next_wake().map_or(Duration::MAX, |at| clock.until(at));
        tokio::select! {
            value = values.next() => {
                let Some((uuid, value)) = value else { return Ok(()) };
                let now = clock.now();
                hand_on(dialogue.on_value(now, uuid, &value), now, inputs).await;
                *newest = dialogue.newest();
            }
            () = tokio::time::sleep(wake) => {
                let now = clock.now();
                hand_on(Ok(dialogue.on_wake(now)), now, inputs).await;
            }
        }
    }
}

/// The device, as soon as it is in reach; one that is known already is there at once.
async fn find(adapter: &Adapter, address: Address) -> Result<Device, BleError> {
    let mut events = std::pin::pin!(adapter.discover_devices().await?);
    while let Some(event) = events.next().await {
        if matches!(event, AdapterEvent::DeviceAdded(found) if found == address) {
            return Ok(adapter.device(address)?);
        }
    }
    Err(bluer::Error { kind: ErrorKind::NotFound, message: "the search ended".into() }.into())
}

/// Those with a UUID of 16 bits.
async fn characteristics(device: &Device) -> Result<BTreeMap<u16, Characteristic>, BleError> {
    let mut found = BTreeMap::new();
    for service in device.services().await? {
        for characteristic in service.characteristics().await? {
            if let Some(uuid) = short(characteristic.uuid().await?) {
                found.insert(uuid, characteristic);
            }
        }
    }
    Ok(found)
}

/// Bluetooth's own 16 bits of `0000xxxx-0000-1000-8000-00805f9b34fb`.
fn short(uuid: Uuid) -> Option<u16> {
    const BASE: u128 = 0x0000_0000_0000_1000_8000_0080_5f9b_34fb;
    u16::try_from((uuid.as_u128() ^ BASE) >> 96).ok().filter(|_| (uuid.as_u128() ^ BASE) << 32 == 0)
}

async fn take_step(
    step: GattStep,
    characteristics: &BTreeMap<u16, Characteristic>,
    values: &mut Values,
    dialogue: &mut GattDialogue,
    clock: &Clock,
) -> Result<(), BleError> {
    // The dialogue asks for nothing else than what it was told of.
    let at = |uuid| characteristics.get(&uuid).expect("a characteristic of this device");
    match step {
        GattStep::Subscribe(uuid) => {
            let told = at(uuid).notify().await?;
            values.push(Box::pin(told.map(move |value| (uuid, value))));
        }
        GattStep::Read(uuid) => {
            let value = at(uuid).read().await?;
            dialogue.on_value(clock.now(), uuid, &value)?;
        }
        GattStep::Write { uuid, value } => at(uuid).write(&value).await?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_of_bluetooth_s_own_are_short() {
        let uuid = |text: &str| short(text.parse().unwrap());
        assert_eq!(uuid("00002a37-0000-1000-8000-00805f9b34fb"), Some(0x2a37));
        assert_eq!(uuid("00012a37-0000-1000-8000-00805f9b34fb"), None);
        assert_eq!(uuid("6e400003-b5a3-f393-e0a9-e50e24dcca9e"), None);
    }
}
