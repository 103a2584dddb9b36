//! Processes of the binary under test, and a city for them.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

/// A seeded source of chance: `SplitMix64` (Steele, Lea, Flood 2014).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn millis(&mut self, range: std::ops::Range<u64>) -> Duration {
        Duration::from_millis(range.start + self.next() % (range.end - range.start))
    }
}

/// Held by tests that start gateways again and again: one at a time leaves cores for the others.
pub(crate) static KILLING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// The demo city, imported once for all tests of a run.
pub(crate) static MALTA: LazyLock<PathBuf> = LazyLock::new(|| {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/malta");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("malta");
    let extract = format!("{data}/malta.osm.pbf");
    let overlay = format!("{data}/overlay.toml");
    let out_text = out.to_str().unwrap();
    let args = ["city", "import", &extract, "--overlay", &overlay, "--out", out_text, "--force"];
    let output = run(args);
    assert!(output.status.success(), "{output:?}");
    out
});

/// Runs the binary to its end.
pub(crate) fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_golden-hour")).args(args).output().unwrap()
}

/// A process that is killed when it is dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn start<S: AsRef<OsStr>>(log: &Path, args: impl IntoIterator<Item = S>) -> Self {
        let out = File::options().create(true).append(true).open(log).unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_golden-hour"))
            .args(args)
            .stdin(Stdio::null())
            .stdout(out.try_clone().unwrap())
            .stderr(out)
            .spawn()
            .unwrap();
        Self(child)
    }

    /// SIGKILL: the process can do nothing about it.
    pub(crate) fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have been killed and waited for already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Waits until `is_so`, or fails with what was waited for.
pub(crate) async fn wait_until(what: &str, within: Duration, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < within, "waited {within:?} for: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
