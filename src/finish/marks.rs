//! What a player's timeline and event list show of a finished recording. Kept sealed under its key; the counts alone are metadata.

use crate::mirror::Target;
use serde::{Deserialize, Serialize};

/// All that is shown of a recording beside its pages. Times are milliseconds since `start`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Marks {
    /// When the recording began, in milliseconds since 1970.
    pub start: i64,
    pub end: i64,
    /// What happened, in its order.
    pub marks: Vec<Mark>,
    /// When the visitor did anything at all, each at least half a second after the one before.
    pub activity: Vec<i64>,
    /// Where a player may begin beside the start: `GET …/events?from=` with one of these begins exactly there.
    pub keyframes: Vec<i64>,
    pub cost: Cost,
    pub hidden: Hidden,
    /// A page went over the mirror's bounds: there are no keyframes from then on.
    pub too_large: bool,
}

/// Something worth a line in a list and a mark on a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Mark {
    pub at: i64,
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[schema(as = MarkKind)]
pub enum What {
    /// A page was loaded, or its address changed without a load.
    Page {
        url: String,
        title: String,
        load: bool,
    },
    Click {
        target: Target,
    },
    /// At least three clicks within a second, all within 30 pixels of the first.
    Rage {
        target: Target,
        clicks: u32,
    },
    /// A click on a link, button or choice after which the page did not change for 1.5 seconds.
    Dead {
        target: Target,
    },
    /// A click with an error of the page within a second after it.
    ErrorClick {
        target: Target,
    },
    /// A page was left within five seconds for the one before it.
    QuickBack {
        url: String,
    },
    /// Something was written or chosen; typing into one field within five seconds is one mark.
    Input {
        target: Target,
        toggle: bool,
    },
    Resize {
        width: u32,
        height: u32,
    },
    /// The visitor looked at another tab, or came back.
    Tab {
        hidden: bool,
    },
    /// What never arrived: changes within a time, or whole batches.
    Gap {
        ops: u32,
        ms: u32,
        batches: u32,
    },
    /// The recorder gave way to the page.
    Shed {
        level: u8,
    },
    /// An error of the page's own code; its words only where the policy shows them.
    Error {
        name: String,
        message: String,
    },
    /// The page said so itself.
    Event {
        name: String,
    },
}

/// What the recorder took of the visitor's main thread, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = RecorderCost)]
pub struct Cost {
    pub ms: u32,
    pub longest_ms: u32,
}

/// How much of what was shown is hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Hidden {
    pub texts: u32,
    pub inputs: u32,
    pub blocked: u32,
}

/// How often what a watcher looks for was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Signals)]
pub struct Counts {
    pub rage: u32,
    pub dead: u32,
    pub error_clicks: u32,
    pub quick_backs: u32,
    pub errors: u32,
    pub custom: u32,
}

impl Marks {
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for mark in &self.marks {
            match mark.what {
                What::Rage { .. } => counts.rage += 1,
                What::Dead { .. } => counts.dead += 1,
                What::ErrorClick { .. } => counts.error_clicks += 1,
                What::QuickBack { .. } => counts.quick_backs += 1,
                What::Error { .. } => counts.errors += 1,
                What::Event { .. } => counts.custom += 1,
                What::Page { .. }
                | What::Click { .. }
                | What::Input { .. }
                | What::Resize { .. }
                | What::Tab { .. }
                | What::Gap { .. }
                | What::Shed { .. } => {}
            }
        }
        counts
    }
}
