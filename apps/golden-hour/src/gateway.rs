//! `golden-hour gateway`: the box in an ambulance.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use ems_ambulance::GatewayConfig;
#[cfg(feature = "ble")]
use ems_host::BleAddress;
use ems_host::{
    CentreUrl, Clock, GatewayHost, GatewayParts, SerialLine, listen, number_new_units, system_time,
};
use ems_model::{Millis, UnitId};
use ems_store::{Letters, Outbox, Photos};

use crate::certs::LinksArgs;
use crate::played::{PIECE, Played};
use crate::say;
use crate::serve::{parse_speed, runtime, told_to_stop};

/// A build without Bluetooth refuses every address.
#[cfg(not(feature = "ble"))]
type BleAddress = std::convert::Infallible;

const EXAMPLES: &str = "\
Examples:
  golden-hour gateway --unit A103 --centre http://127.0.0.1:8080 --replay mitdb/100.hea --loop
  golden-hour gateway --unit A103 --centre http://10.0.0.5:8080 --mqtt 127.0.0.1:1883
  golden-hour gateway --unit A103 --centre http://10.0.0.5:8080 --mllp 127.0.0.1:2575 \
      --uplink 10.0.0.5:8443 --certs /etc/golden-hour --link 5g-a=wwan0 --link 5g-b=wwan1
  golden-hour gateway --unit A104 --centre http://10.0.0.5:8080 --mqtt 127.0.0.1:1883 --uplink 10.0.0.5:8443 \
      --certs /etc/golden-hour --link 5g-a=wwan0 --relay-listen 0.0.0.0:8444 --relay-to 10.7.0.3:8444
  golden-hour gateway --unit A103 --centre http://10.0.0.5:8080 --phd 127.0.0.1:6024
  golden-hour gateway --unit A103 --centre http://10.0.0.5:8080 --serial /dev/ttyUSB0,115200,hl7 \
      --serial /dev/ttyACM0,9600,phd
  golden-hour gateway --unit A103 --centre http://10.0.0.5:8080 --ble 00:1B:35:12:34:56

Devices publish JSON on golden-hour/UNIT/vitals, golden-hour/UNIT/ecg and golden-hour/UNIT/wave, SenML on
golden-hour/UNIT/senml and senml-cbor, and Sparkplug B in the group UNIT; a recording's plethysmogram, pressure,
breathing and CO2 are played beside its ECG. Monitors send HL7 version 2
(IHE PCD-01 and PCD-04) to --mllp; it has no login, so give an address of the vehicle's own. Without a network
everything stays in --data and is delivered once when a link is back. Without --uplink it goes over a WebSocket
of --centre, which has no encryption of its own and one link only.";

/// Run the gateway of one ambulance.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct GatewayArgs {
    /// The unit's call sign.
    #[arg(long)]
    unit: String,
    /// The centre's address.
    #[arg(long, value_name = "URL")]
    centre: String,
    #[command(flatten)]
    links: LinksArgs,
    /// Play a WFDB recording as if it came from a monitor.
    #[arg(long, value_name = "RECORD.hea")]
    replay: Option<PathBuf>,
    /// Play the recording again and again.
    #[arg(long = "loop", requires = "replay")]
    is_looped: bool,
    /// Let time run faster, 0.01 to 1000: for tests.
    #[arg(long, default_value_t = 1.0, value_parser = parse_speed)]
    speed: f64,
    /// Listen to devices on this MQTT broker.
    #[arg(long, value_name = "HOST:PORT")]
    mqtt: Option<String>,
    /// Hear monitors that send HL7 over MLLP to this address.
    #[arg(long, value_name = "ADDRESS:PORT")]
    mllp: Option<String>,
    /// Answer health devices that speak IEEE 11073-20601 over TCP to this address.
    #[arg(long, value_name = "ADDRESS:PORT")]
    phd: Option<String>,
    /// Hear a device on a serial line (8 data bits, no parity, 1 stop bit); phd is IEEE
    /// 11073-20601, hl7 is HL7 in MLLP frames. May be given several times.
    #[arg(long, value_name = "PATH,BAUD,phd|hl7")]
    serial: Vec<SerialLine>,
    /// Hear the Bluetooth health device of this address (heart rate, oximeter, blood pressure,
    /// thermometer, glucose); pair it with bluetoothctl first. May be given several times. Needs a
    /// build with `--features ble`.
    #[arg(long, value_name = "ADDRESS", value_parser = parse_ble)]
    ble: Vec<BleAddress>,
    /// Where frames are kept until they are delivered; without it, var/gateway-UNIT.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How much of the disk what waits may take, in MiB, 64 or more; then waves are given up, then
    /// vital signs, then records, the oldest first, and the centre is told which.
    #[arg(long, value_name = "MIB", default_value_t = 8192, value_parser = mib())]
    outbox_max_mib: u64,
    /// Where to serve the crew's page.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8090")]
    listen: String,
}

impl GatewayArgs {
    /// Runs until the program is told to stop.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let unit = UnitId::new(&self.unit).context("--unit")?;
        let centre = CentreUrl::parse(&self.centre).context("--centre")?;
        let broker = self.mqtt.as_deref().map(parse_broker).transpose()?;
        let recording = self.replay.as_deref().map(Played::read).transpose()?;
        if recording.is_none() && !self.has_device() {
            bail!(
                "the gateway has no source: give --replay RECORD.hea, --mqtt HOST:PORT, --mllp ADDRESS:PORT, --phd ADDRESS:PORT, --serial PATH,BAUD,PROTOCOL or --ble ADDRESS"
            );
        }
        let data = self.data.clone();
        let data = data.unwrap_or_else(|| PathBuf::from(format!("var/gateway-{unit}")));
        let outbox =
            Arc::new(Outbox::open_within(&data.join("outbox.db"), self.outbox_max_mib << 20)?);
        let photos = Photos::open(&data.join("photos"))?;
        let letters = Letters::open(&data.join("letters"))?;
        let clock = Clock::scaled(system_time(), self.speed);
        runtime()?.block_on(async move {
            let listener = listen(&self.listen).await?;
            let address = listener.local_addr()?;
            let config = GatewayConfig::default();
            let name = unit.clone();
            number_new_units(&outbox, system_time(), [&unit])?;
            let links = self.links.start(&unit, clock.clone())?;
            let parts =
                GatewayParts { unit, config, outbox, photos, letters, centre, links, clock };
            let mut host = GatewayHost::start(parts)?;
            self.links.relay(&mut host, &data)?;
            host.serve_page(listener);
            say::line(format!("unit {name}: its page is at http://{address}"));
            if let Some(broker) = broker {
                host.listen_mqtt(broker);
            }
            self.hear_devices(&mut host).await?;
            tokio::select! {
                result = told_to_stop() => result,
                () = play(&host, recording.unwrap_or_default(), self.is_looped) => {
                    unreachable!("playing waits for ever at its end")
                }
            }
        })
    }

    fn has_device(&self) -> bool {
        self.mqtt.is_some()
            || self.mllp.is_some()
            || self.phd.is_some()
            || !self.serial.is_empty()
            || !self.ble.is_empty()
    }

    /// Those that connect to the gateway, and those on its lines.
    async fn hear_devices(&self, host: &mut GatewayHost) -> anyhow::Result<()> {
        if let Some(address) = &self.mllp {
            let listener = listen(address).await?;
            say::line(format!("monitors are heard over MLLP at {}", listener.local_addr()?));
            host.listen_mllp(listener);
        }
        if let Some(address) = &self.phd {
            let listener = listen(address).await?;
            let address = listener.local_addr()?;
            say::line(format!("health devices are answered over TCP at {address}"));
            host.listen_phd(listener);
        }
        for line in &self.serial {
            say::line(format!("a device is heard at {}", line.path().display()));
            host.listen_serial(line.clone());
        }
        #[cfg(feature = "ble")]
        for address in &self.ble {
            host.listen_ble(*address);
        }
        Ok(())
    }
}

/// 64 MiB to a pebibyte.
fn mib() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(64..=1 << 30)
}

#[cfg(feature = "ble")]
fn parse_ble(text: &str) -> anyhow::Result<BleAddress> {
    text.parse().map_err(|_| anyhow::anyhow!("it is not six pairs such as 00:1B:35:12:34:56"))
}

#[cfg(not(feature = "ble"))]
fn parse_ble(_: &str) -> anyhow::Result<BleAddress> {
    bail!(
        "this golden-hour was built without Bluetooth: cargo build --release --features ble, which needs libdbus-1-dev"
    )
}

fn parse_broker(text: &str) -> anyhow::Result<(String, u16)> {
    let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    match parts {
        Some((host, port)) if !host.is_empty() => Ok((host.to_owned(), port)),
        _ => bail!(
            "--mqtt \"{text}\" is not HOST:PORT: give the broker's address, such as 127.0.0.1:1883"
        ),
    }
}

/// Plays a recording at its own pace, then tells when everything is delivered. Never ends.
async fn play(host: &GatewayHost, played: Played, is_looped: bool) {
    let start = host.clock().now();
    let n_pieces = played.n_pieces();
    let mut idx = 0;
    while n_pieces > 0 && (is_looped || idx < n_pieces) {
        // A piece can be sent only when its last sample was taken.
        let end = start + Millis::new(PIECE.get() * idx.cast_signed() + PIECE.get());
        tokio::time::sleep(host.clock().until(end)).await;
        for chunk in played.leads(idx, start, is_looped) {
            host.ecg(chunk).await;
        }
        for piece in played.waves(idx, start, is_looped) {
            host.wave(piece).await;
        }
        idx += 1;
    }
    if n_pieces > 0 {
        tell_delivery(host).await;
    }
    std::future::pending::<()>().await;
}

async fn tell_delivery(host: &GatewayHost) {
    say::line("the recording has ended");
    // What the filters still hold comes out within the next seconds.
    tokio::time::sleep(Duration::from_secs(3)).await;
    while let Some((last_seq, uplink)) = host.progress().await {
        if uplink.backlog == 0 {
            return say::line(format!("every frame is delivered, the last is {last_seq}"));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_is_a_host_and_a_port() {
        assert_eq!(parse_broker("127.0.0.1:1883").unwrap(), ("127.0.0.1".into(), 1883));
        for text in ["", "1883", ":1883", "broker", "broker:x"] {
            assert!(parse_broker(text).is_err(), "{text:?}");
        }
    }
}
