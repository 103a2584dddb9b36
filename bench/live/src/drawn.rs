//! The console in a real browser, and how old everything is when it has been drawn.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::Spans;

/// `web/e2e/drawn.mjs` at work; it ends with this.
pub(crate) struct Page {
    wishes: ChildStdin,
    answers: Lines<BufReader<ChildStdout>>,
    _browser: Child,
}

/// How old what one patient's console showed was when it was drawn.
pub(crate) struct Drawn {
    pub(crate) vitals: Spans,
    pub(crate) waves: Spans,
    pub(crate) frames_per_s: f64,
}

impl Page {
    /// Opens the console; each patient will be watched for `span`.
    pub(crate) async fn open(address: &str, span: Duration) -> anyhow::Result<Self> {
        let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
        ensure!(
            web.join("node_modules/playwright-core").is_dir(),
            "playwright-core is not installed in web: run scripts/web.sh install"
        );
        let mut browser = Command::new("node")
            .arg(web.join("e2e/drawn.mjs"))
            .arg(format!("http://{address}"))
            .arg(span.as_secs().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("node cannot be started: scripts/setup.sh says what is missing")?;
        let wishes = browser.stdin.take().context("the page has a standard input")?;
        let out = browser.stdout.take().context("the page has a standard output")?;
        let mut page = Self { wishes, answers: BufReader::new(out).lines(), _browser: browser };
        let ready = page.answer().await?;
        ensure!(ready == "ready", "the page said {ready:?} in place of \"ready\"");
        Ok(page)
    }

    /// Opens an incident and watches its patient.
    pub(crate) async fn measure(&mut self, incident: u64) -> anyhow::Result<Drawn> {
        self.wishes.write_all(format!("{incident}\n").as_bytes()).await?;
        let answer: Value = serde_json::from_str(&self.answer().await?)?;
        let ages = |name: &str| {
            let ages = answer[name].as_array().into_iter().flatten();
            Spans(ages.filter_map(Value::as_f64).collect())
        };
        let frames_per_s = answer["frames_per_s"].as_f64().context("the page counts frames")?;
        Ok(Drawn { vitals: ages("vitals"), waves: ages("waves"), frames_per_s })
    }

    async fn answer(&mut self) -> anyhow::Result<String> {
        let line = self.answers.next_line().await?;
        line.context("the page ended before it answered: see its message above")
    }
}
