//! What the program tells the person who started it.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::net::SocketAddr;

use tracing_subscriber::EnvFilter;

/// Starts the log on standard error; a filter that cannot be read is told and replaced by `warn`.
pub(crate) fn start_log(filter: &str) {
    let (parsed, complaint) = match EnvFilter::try_new(filter) {
        Ok(parsed) => (parsed, None),
        Err(error) => (EnvFilter::new("warn"), Some(error)),
    };
    let is_terminal = stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_ansi(is_terminal)
        .with_writer(stderr)
        .init();
    if let Some(error) = complaint {
        tracing::warn!("--log {filter}: {error}: logging warnings only");
    }
}

/// Prints one line of progress.
pub(crate) fn line(text: impl std::fmt::Display) {
    // A closed standard output is no reason to stop a service.
    let _ = writeln!(stdout(), "{text}").and_then(|()| stdout().flush());
}

/// Prints one line of progress beside what is printed.
pub(crate) fn progress(text: impl std::fmt::Display) {
    let _ = writeln!(stderr(), "{text}");
}

/// Prints where a city's centre is: the one line that names its address.
pub(crate) fn lives_at(city: &str, address: SocketAddr) {
    line(format!("Golden Hour: {city} at http://{address} (Ctrl-C stops it)"));
}

/// Prints why the program ends, with its causes.
pub(crate) fn error(error: &anyhow::Error) {
    let _ = writeln!(stderr(), "error: {}", with_causes(error));
}

/// An error and those of its causes that it does not tell itself.
fn with_causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |told, cause| {
        match (told.as_str(), told.contains(&cause)) {
            ("", _) => cause,
            (_, true) => told,
            (_, false) => format!("{told}: {cause}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let full = || Err::<(), _>(anyhow::anyhow!("no space left"));
        for (error, text) in [
            (full().context("a.db could not grow"), "a.db could not grow: no space left"),
            (full().context("a.db: no space left: free some"), "a.db: no space left: free some"),
        ] {
            assert_eq!(with_causes(&error.unwrap_err()), text);
        }
    }
}
