//! `golden-hour policy`: shows a running centre's policies and puts another one in force.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use ems_host::{CallError, CentreClient, CentreUrl};
use ems_model::{Command, Request};
use serde::Deserialize;

use crate::say;
use crate::serve::runtime;

const EXAMPLES: &str = "\
Examples:
  golden-hour policy list
  golden-hour policy switch keep-cover/1 --reason 'marathon in town'
  golden-hour policy switch closest-eta/3 --reason 'over' --centre http://10.0.0.5:8080

A policy is a rule of dispatch, one of relocation, a matrix of diversions and the penalties and limits
of the ranking: data/dispatch/policies explains each key. The switch is in the centre's log with its
reason, and holds over a restart.";

/// Tries before giving up on a centre that does not answer; the key makes each safe.
const TRIES: u32 = 3;

/// Show a running centre's policies, and put another one in force.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PolicyArgs {
    #[command(subcommand)]
    command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
enum PolicyCommand {
    /// Show all policies and which is in force.
    List(ListArgs),
    /// Put another policy in force.
    Switch(SwitchArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// The centre, as it printed it.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    centre: String,
}

#[derive(Debug, Args)]
struct SwitchArgs {
    /// Its name with its version.
    #[arg(value_name = "NAME/VERSION")]
    policy: String,
    /// Why: it is in the centre's log.
    #[arg(long)]
    reason: String,
    /// Who says so: it is in the centre's log.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    actor: String,
    /// The centre, as it printed it.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    centre: String,
}

/// What `/api/policies` tells, as far as it is shown.
#[derive(Debug, Deserialize)]
struct Policies {
    in_force: String,
    policies: Vec<Policy>,
}

#[derive(Debug, Deserialize)]
struct Policy {
    name: String,
    about: About,
    dispatch: String,
    relocation: String,
    diversions: Vec<Diversion>,
}

#[derive(Debug, Deserialize)]
struct About {
    en: String,
}

#[derive(Debug, Deserialize)]
struct Diversion {
    from: u8,
    to: Vec<u8>,
}

impl PolicyArgs {
    /// Does what was asked and prints the result.
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            PolicyCommand::List(args) => args.run(),
            PolicyCommand::Switch(args) => args.run(),
        }
    }
}

impl ListArgs {
    fn run(self) -> anyhow::Result<()> {
        let client = CentreClient::new(CentreUrl::parse(&self.centre).context("--centre")?);
        let policies: Policies = runtime()?.block_on(client.get("/api/policies"))?;
        policies.policies.iter().flat_map(|it| told(it, &policies.in_force)).for_each(say::line);
        Ok(())
    }
}

impl SwitchArgs {
    fn run(self) -> anyhow::Result<()> {
        let client = CentreClient::new(CentreUrl::parse(&self.centre).context("--centre")?);
        let command = Command::SwitchPolicy { policy: self.policy.clone(), reason: self.reason };
        let request = Request { key: new_key(), actor: self.actor, command };
        match runtime()?.block_on(ask(&client, &request)) {
            Ok(()) => say::line(format!("{} is in force", self.policy)),
            Err(CallError::Refused { message, .. }) => bail!("{message}"),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}

async fn ask(client: &CentreClient, request: &Request) -> Result<(), CallError> {
    for _ in 1..TRIES {
        match client.command(request).await {
            Err(CallError::NoAnswer { .. }) => {}
            answered => return answered.map(drop),
        }
    }
    client.command(request).await.map(drop)
}

/// A key that no other call has: the time and the process.
fn new_key() -> String {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("policy-{}-{}", since_epoch.as_nanos(), std::process::id())
}

fn told(policy: &Policy, in_force: &str) -> [String; 3] {
    let mark = if policy.name == in_force { "in force" } else { "" };
    let turns = policy.diversions.iter().map(|it| format!("{} to {:?}", it.from, it.to));
    let turns: Vec<_> = turns.collect();
    let turns = if turns.is_empty() { "none".to_owned() } else { turns.join(", ") };
    [
        format!("{:<18} {mark}", policy.name),
        format!("  {}", policy.about.en),
        format!("  {}, {}, diversions: {turns}", policy.dispatch, policy.relocation),
    ]
}
