//! The processes under measurement.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// A centre with its city and gateways; they end with it.
pub(crate) struct Machine {
    pub(crate) address: String,
    centre: Child,
    _gateways: Vec<Child>,
    _folder: TempDir,
}

pub(crate) async fn start(n_units: usize, n_patients: usize) -> anyhow::Result<Machine> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let binary = binary(&root)?;
    let folder = tempfile::tempdir()?;
    let city = match std::env::var_os("GH_CITY") {
        Some(city) => PathBuf::from(city),
        None => import(&binary, &root, folder.path()).await?,
    };
    let data = folder.path().join("centre");
    let mut centre = Command::new(&binary)
        .args(["up", "--listen", "127.0.0.1:0", "--rate", "120", "--seed", "1", "--units"])
        .arg(n_units.to_string())
        .arg("--city")
        .arg(&city)
        .arg("--data")
        .arg(&data)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let address = address_of(&mut centre).await?;
    let recording = write_recording(folder.path())?;
    let mut gateways = Vec::new();
    for n in 1..=n_patients {
        let gateway = Command::new(&binary)
            .args(["gateway", "--loop", "--listen", "127.0.0.1:0", "--unit"])
            .arg(format!("P{n}"))
            .args(["--centre", &format!("http://{address}"), "--replay"])
            .arg(&recording)
            .arg("--data")
            .arg(folder.path().join(format!("gateway-{n}")))
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        gateways.push(gateway);
        // As many units as there are do not switch on at one instant.
        tokio::time::sleep(Duration::from_millis(37)).await;
    }
    Ok(Machine { address, centre, _gateways: gateways, _folder: folder })
}

impl Machine {
    /// Prints what the centre and city have cost since they were started.
    pub(crate) fn print_load(&self, span: Duration) {
        let Some(pid) = self.centre.id() else { return };
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split(' ').collect();
        let ticks = |idx: usize| fields.get(idx).and_then(|it| it.parse::<f64>().ok());
        if let (Some(user), Some(system)) = (ticks(12), ticks(13)) {
            // Linux counts in hundredths of a second.
            let cpu_s = (user + system) / 100.0;
            println!("centre and city used {cpu_s:.1} CPU seconds in all, measured for {span:?}");
        }
    }
}

fn binary(root: &Path) -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("GH_BINARY").map(PathBuf::from);
    let binary = named.unwrap_or_else(|| root.join("target/release/golden-hour"));
    if binary.is_file() {
        return Ok(binary);
    }
    bail!("{} is not there: run `make binary`, or set GH_BINARY", binary.display())
}

async fn import(binary: &Path, root: &Path, folder: &Path) -> anyhow::Result<PathBuf> {
    let out = folder.join("malta");
    let status = Command::new(binary)
        .args(["city", "import"])
        .arg(root.join("data/malta/malta.osm.pbf"))
        .arg("--overlay")
        .arg(root.join("data/malta/overlay.toml"))
        .arg("--out")
        .arg(&out)
        .stdout(Stdio::null())
        .status()
        .await?;
    if !status.success() {
        bail!("Malta could not be imported ({status}): see the message above");
    }
    Ok(out)
}

/// Reads the address that the centre prints, and lets it print on.
async fn address_of(centre: &mut Child) -> anyhow::Result<String> {
    let out = centre.stdout.take().context("the centre has a standard output")?;
    let mut lines = BufReader::new(out).lines();
    while let Some(line) = lines.next_line().await? {
        if let Some((_, address)) = line.split_once(" at http://") {
            let address = address.split_whitespace().next().unwrap_or_default().to_owned();
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(address);
        }
    }
    bail!("the centre ended before it listened: see its message above")
}

/// A minute with a beat a second: WFDB format 16, 360 Hz, 200 ADC units a millivolt.
fn write_recording(folder: &Path) -> anyhow::Result<PathBuf> {
    let n_samples = 60 * 360;
    let sample = |idx: i32| -> i16 {
        let height = match idx % 360 {
            180 | 186 => 60,
            181 | 185 => 150,
            182 | 184 => 210,
            183 => 240,
            n => n % 7 - 3,
        };
        i16::try_from(height).unwrap_or(0)
    };
    let samples: Vec<i16> = (0..n_samples).map(sample).collect();
    let checksum = samples.iter().fold(0_i16, |sum, sample| sum.wrapping_add(*sample));
    let bytes: Vec<u8> = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    std::fs::write(folder.join("beats.dat"), bytes)?;
    let path = folder.join("beats.hea");
    let first = samples[0];
    let header =
        format!("beats 1 360 {n_samples}\nbeats.dat 16 200/mV 16 0 {first} {checksum} 0 II\n");
    std::fs::write(&path, header)?;
    Ok(path)
}
