//! The words of the wire grammar, one variant an op. `assets/recorder/src/stream.ts` documents their bytes.

use crate::model::{AssetHash, NodeId};
use serde::{Deserialize, Serialize};

/// The last level of `Op::Shed`.
pub const SHED_MAX: u8 = 3;
/// How many times a mask can double: bucket `b` stands for up to `2^b` characters.
pub const BUCKET_MAX: u8 = 16;
/// Masked form values always have this bucket: 8 characters, whatever was typed.
pub const INPUT_BUCKET: u8 = 3;

/// The namespace of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Namespace {
    Html,
    Svg,
    MathMl,
}

/// A text position that may be hidden. A masked one has no room for characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Shown(&'a str),
    /// Up to `2^bucket` characters were here.
    Masked(u8),
}

/// Whose style rules an op changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SheetRef {
    /// The sheet of a live `<style>` or `<link>` element.
    Owner(NodeId),
    /// A constructed sheet, by the number its `AdoptedSheet` op gave it.
    Adopted(u32),
}

/// What the pointer did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    Down,
    Up,
    Click,
    DoubleClick,
    ContextMenu,
    TouchStart,
    TouchEnd,
    TouchCancel,
}

/// What video or sound did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Play {
    Play,
    Pause,
    Seeked,
    Volume,
    Rate,
}

/// How an element stands in the top layer, over everything else on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    Modal,
    Popover,
    Fullscreen,
}

/// What a browser measures of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vital {
    FirstByte,
    FirstPaint,
    LargestPaint,
    Interaction,
    Shift,
}

/// How much a line of the console matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Debug,
    Log,
    Info,
    Warn,
    Error,
}

/// How a script made a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    Fetch,
    Xhr,
    Beacon,
}

/// How the bytes of an asset stand for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    AsItIs,
    /// A vector picture of this size, drawn as pixels.
    Drawn {
        width: u32,
        height: u32,
    },
    /// The same, of a picture that had no size of its own: these are its proportions.
    DrawnUnsized {
        width: u32,
        height: u32,
    },
}

/// Why the bytes of an asset could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Another origin does not let the page read it.
    Cors,
    TooLarge,
    /// What a page may read was used up.
    Budget,
    /// The visitor saves data.
    SaveData,
    /// It answered with an error, or not at all.
    Failed,
    /// It is no picture or font that can be stored.
    Type,
    /// The page's own content security policy forbids to read it.
    Forbidden,
    /// The page is no secure context: it came without TLS.
    Insecure,
}

impl Cause {
    pub const ALL: [Self; 8] = [
        Self::Cors,
        Self::TooLarge,
        Self::Budget,
        Self::SaveData,
        Self::Failed,
        Self::Type,
        Self::Forbidden,
        Self::Insecure,
    ];
}

/// What a field is that nobody marked: by its names, or by what was written into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    Payment,
    Secret,
    Identity,
    Health,
    Card,
    Iban,
    BirthNumber,
}

impl FindingKind {
    pub const ALL: [Self; 7] =
        [Self::Payment, Self::Secret, Self::Identity, Self::Health, Self::Card, Self::Iban, Self::BirthNumber];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Payment => "payment",
            Self::Secret => "secret",
            Self::Identity => "identity",
            Self::Health => "health",
            Self::Card => "card",
            Self::Iban => "iban",
            Self::BirthNumber => "birth-number",
        }
    }
}

/// By what somebody is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// A random id that the browser keeps.
    Id,
    /// The site's own pseudonym for whoever is signed in.
    Pseudonym,
}

/// One op of a batch, borrowed from it.
///
/// *Node tokens* (`Element` to `End`) stand only inside a run, which `Snapshot` or `Add` opens and its own `End` closes.
/// `Element` with `open`, `Shadow` and `Frame` open a child list that an `End` closes.
/// Every node token but `Moved`, `Css` and `End` introduces a node with the next number.
#[derive(Debug, Clone, PartialEq)]
pub enum Op<'a> {
    // Node tokens.
    Element {
        id: NodeId,
        namespace: Namespace,
        tag: &'a str,
        attributes: &'a [(&'a str, Value<'a>)],
        open: bool,
    },
    /// Text that the policy shows; `rule` 0 is the preset's text mode, `n` the policy's `show` selector `n - 1`.
    Text {
        id: NodeId,
        text: &'a str,
        rule: u32,
    },
    Masked {
        id: NodeId,
        bucket: u8,
    },
    Comment {
        id: NodeId,
    },
    Doctype {
        id: NodeId,
        name: &'a str,
        public: &'a str,
        system: &'a str,
    },
    /// The shadow root of the element whose child list is open; stands first in it.
    Shadow {
        id: NodeId,
    },
    /// The document inside the frame element whose child list is open.
    Frame {
        id: NodeId,
    },
    /// A live node that is moved here with all that is under it.
    Moved {
        id: NodeId,
    },
    /// The style rules of the `<style>` or `<link>` whose child list is open. No node of its own.
    Css {
        text: &'a str,
    },
    /// A blocked element: a box of its size in CSS pixels and nothing else.
    Block {
        id: NodeId,
        namespace: Namespace,
        tag: &'a str,
        width: u32,
        height: u32,
    },
    End,

    // What happened.
    /// The following ops happened at this time, in milliseconds since the page began.
    Time {
        at: u64,
    },
    /// The whole page: the run that follows is the content of document `id`. Forgets every earlier node of the page.
    Snapshot {
        id: NodeId,
        width: u32,
        height: u32,
        url: &'a str,
        title: Value<'a>,
    },
    /// The run that follows comes into `parent`, after `previous` or first.
    Add {
        parent: NodeId,
        previous: Option<NodeId>,
    },
    Remove {
        id: NodeId,
    },
    /// `None` removes the attribute.
    Attribute {
        id: NodeId,
        name: &'a str,
        value: Option<Value<'a>>,
    },
    SetText {
        id: NodeId,
        text: &'a str,
        rule: u32,
    },
    SetMasked {
        id: NodeId,
        bucket: u8,
    },
    /// All rules of a `<style>` or `<link>` anew.
    Sheet {
        id: NodeId,
        text: &'a str,
    },
    /// `path` leads through nested rules; its last part is the index.
    RuleInsert {
        sheet: SheetRef,
        path: &'a [u32],
        text: &'a str,
    },
    RuleDelete {
        sheet: SheetRef,
        path: &'a [u32],
    },
    /// All rules of constructed sheet `sheet`, first or anew.
    AdoptedSheet {
        sheet: u32,
        text: &'a str,
    },
    /// The constructed sheets that a document or shadow root uses, in order.
    Adopt {
        root: NodeId,
        sheets: &'a [u32],
    },
    /// The pointer passed here; viewport coordinates in CSS pixels, of the frame that `id` is in.
    Move {
        at: u64,
        id: NodeId,
        x: i32,
        y: i32,
        touch: bool,
    },
    Press {
        kind: Press,
        id: NodeId,
        x: i32,
        y: i32,
    },
    /// `id` is the document for the page itself.
    Scroll {
        id: NodeId,
        x: u32,
        y: u32,
    },
    /// The state of a form control. `by_visitor` is false for what a script or the page's start set.
    Input {
        id: NodeId,
        value: Option<Value<'a>>,
        checked: Option<bool>,
        by_visitor: bool,
    },
    Focus {
        id: NodeId,
    },
    Blur {
        id: NodeId,
    },
    Viewport {
        width: u32,
        height: u32,
    },
    Visibility {
        hidden: bool,
    },
    /// The address changed without a page load.
    Page {
        url: &'a str,
        title: Value<'a>,
    },
    /// `ops` ops of page `page` were lost in the `ms` milliseconds before it ended.
    Gap {
        page: u64,
        ops: u32,
        ms: u32,
    },
    /// The visitor closed the recording; nothing follows.
    Finish,
    /// Right behind a snapshot, with `more`: it is not whole yet, and what follows up to the one without is the rest of it.
    Part {
        more: bool,
    },
    /// What the recorder took of the page's main thread since it last said so: `tenths` of milliseconds in all, in so many
    /// `tasks`, and the longest of them in tenths of milliseconds.
    Cost {
        tenths: u32,
        tasks: u32,
        longest: u32,
    },
    /// What the recorder gives up from now on, so that the page has its time for itself: 0 nothing, 1 frames, 2 the pointer's
    /// way, 3 everything: recording ends.
    Shed {
        level: u8,
    },
    /// The chosen options of a select, by their places among all.
    Chosen {
        id: NodeId,
        places: &'a [u32],
    },
    /// A box is neither checked nor not, or is not so any more.
    Mixed {
        id: NodeId,
        on: bool,
    },
    /// The focus that this element has is drawn: it came there by the keyboard, or is typed with.
    Ring {
        id: NodeId,
    },
    /// What video or sound did, and how it stands since: its own time, loudness and speed in hundredths.
    Media {
        id: NodeId,
        kind: Play,
        ms: u32,
        volume: u32,
        rate: u32,
        muted: bool,
    },
    /// Milliseconds, or thousandths of a shift.
    Vital {
        kind: Vital,
        number: u32,
    },
    /// An error that the page did not catch.
    Error {
        name: &'a str,
        message: Value<'a>,
        url: &'a str,
        line: u32,
        column: u32,
    },
    /// A line that the page wrote to the console.
    Log {
        level: Level,
        message: Value<'a>,
    },
    /// A request that ended; status 0 where the browser does not say.
    Request {
        kind: Asking,
        url: &'a str,
        status: u32,
        ms: u32,
        bytes: u32,
    },
    /// What the page's own code says that happened.
    Event {
        name: &'a str,
        properties: &'a [(&'a str, Value<'a>)],
    },
    /// What it says of the recording.
    Tag {
        name: &'a str,
        value: Value<'a>,
    },
    /// The part of the viewport that is in sight, and how much it is magnified, in hundredths.
    Zoom {
        scale: u32,
        left: u32,
        top: u32,
        width: u32,
        height: u32,
    },
    /// What a canvas shows now; empty if nothing.
    Canvas {
        id: NodeId,
        picture: &'a str,
    },
    /// The element came into the top layer, or with `None` left it.
    Layer {
        id: NodeId,
        layer: Option<Layer>,
    },
    /// What stands as `hush:NUMBER` in this page's style and attributes has these bytes.
    Asset {
        number: u32,
        hash: AssetHash,
        form: Form,
    },
    /// What stands as `hush:NUMBER` could not be read; its address as the policy shows it.
    Unreadable {
        number: u32,
        cause: Cause,
        url: &'a str,
    },
    /// Which rules of the policy, counted through `mask`, `block`, `ignore` and `show`, have matched on this page since it was last
    /// told; `first` of each page once. For the operator; no recording keeps it.
    Rules {
        first: bool,
        places: &'a [u32],
    },
    /// Who is recorded, as far as the policy lets that be known again. No recording keeps it among what happened.
    Who {
        kind: Known,
        words: &'a str,
    },
    /// A field that nobody marked: what it is and where, on the page of this address. For findings; no recording keeps it.
    Sensitive {
        kind: FindingKind,
        selector: &'a str,
        url: &'a str,
    },
}
