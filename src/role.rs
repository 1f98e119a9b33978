//! What an account or a token may do.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// From most to least: an owner and an admin manage, an analyst and a viewer watch, an auditor reads settings but no
/// recordings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Owner,
    Admin,
    Analyst,
    Viewer,
    Auditor,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Owner, Role::Admin, Role::Analyst, Role::Viewer, Role::Auditor];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Analyst => "analyst",
            Self::Viewer => "viewer",
            Self::Auditor => "auditor",
        }
    }

    /// Sites, policies, tokens, erasure.
    pub fn manages(self) -> bool {
        match self {
            Self::Owner | Self::Admin => true,
            Self::Analyst | Self::Viewer | Self::Auditor => false,
        }
    }

    /// Recordings.
    pub fn watches(self) -> bool {
        match self {
            Self::Owner | Self::Admin | Self::Analyst | Self::Viewer => true,
            Self::Auditor => false,
        }
    }

    /// Nobody hands out more than he has.
    pub fn may_grant(self, role: Role) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => role != Self::Owner,
            Self::Analyst | Self::Viewer | Self::Auditor => false,
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| "a role is owner, admin, analyst, viewer or auditor".to_owned())
    }
}
