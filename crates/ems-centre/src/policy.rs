//! The policy in force, and how another one takes its place.

use ems_dispatch::Policy;
use ems_model::{Event, Timestamp};

use crate::centre::{Centre, Wake};
use crate::checks::check_text;
use crate::ledger::Happening;
use crate::rejection::Rejection;

impl Centre {
    /// The policy in force: the one last switched to, or the first of its files.
    pub fn policy(&self) -> &Policy {
        let reference = &self.config.reference;
        let named = self.ledger.policy.as_deref();
        let named = named.and_then(|name| reference.policy_named(name).ok());
        named.unwrap_or(reference.policy())
    }

    pub(crate) fn switch_policy(&self, name: &str, reason: &str) -> Result<Event, Rejection> {
        check_text("reason", reason)?;
        let to = self.config.reference.policy_named(name)?.name.clone();
        let from = self.policy().name.clone();
        if from == to {
            return Err(Rejection::PolicyInForce { policy: to });
        }
        Ok(Event::PolicySwitched { from, to, reason: reason.to_owned() })
    }

    /// When another policy than the log's is to be put in force: one that it begins with, or the
    /// first of the files where its own is not among them.
    pub(crate) fn policy_due(&self) -> Option<(Timestamp, Wake)> {
        self.due_switch()
            .map(|_| (self.ledger.recorded_at.max(Timestamp::default()), Wake::PolicyDue))
    }

    pub(crate) fn put_due_policy_in_force(&self, now: Timestamp) -> Vec<Happening> {
        self.due_switch().map(|event| Happening { at: now, event }).into_iter().collect()
    }

    fn due_switch(&self) -> Option<Event> {
        let reference = &self.config.reference;
        let standard = reference.policy().name.clone();
        let (from, to, reason) = match &self.ledger.policy {
            None => {
                let first = reference.first_policy()?.name.clone();
                (standard, first, "the log begins with it".to_owned())
            }
            Some(lost) if reference.policy_named(lost).is_err() => {
                let reason = format!("{lost} is not among this centre's policies");
                (lost.clone(), standard, reason)
            }
            Some(_) => return None,
        };
        Some(Event::PolicySwitched { from, to, reason })
    }
}
