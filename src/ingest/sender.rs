//! What is known of whoever sends, in memory alone: never stored, never logged.

use super::agent::{self, Agent};
use crate::app::{App, Peer};
use crate::model::Country;
use crate::policy::Policy;
use http::{HeaderMap, header};

/// A browser at the door.
#[derive(Debug, Clone, Copy)]
pub struct Sender {
    pub agent: Agent,
    /// Global Privacy Control.
    pub gpc: bool,
    /// Do Not Track.
    pub dnt: bool,
    /// Of the address that asks, which is forgotten.
    pub country: Option<Country>,
}

impl Sender {
    pub fn of(headers: &HeaderMap) -> Self {
        let says = |name: &str| headers.get(name).is_some_and(|value| value == "1");
        let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self { agent: agent::classify(agent), gpc: says("sec-gpc"), dnt: says("dnt"), country: None }
    }

    /// The same, with the country: it may decide whether the visitor is asked, and lists are filtered by it.
    pub fn in_country(self, app: &App, headers: &HeaderMap, peer: Peer) -> Self {
        Self { country: app.country(headers, peer), ..self }
    }

    /// The signal by which the visitor opted out, where one of these policies honours it.
    pub fn opted_out(&self, policies: [&Policy; 2]) -> Option<&'static str> {
        if self.gpc && policies.iter().any(|policy| policy.gpc) {
            Some("gpc")
        } else if self.dnt && policies.iter().any(|policy| policy.dnt) {
            Some("dnt")
        } else {
            None
        }
    }
}
