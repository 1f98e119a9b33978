//! A recording as it leaves the store: rrweb events, pictures and fonts. Whether the asker may have them is settled before.

mod archive;
mod assets;
mod events;
mod inline;
mod pieces;
mod whole;

pub use archive::{Archive, Entry};
pub use assets::{List as AssetList, asset, assets, gather};
pub use events::{Part, events, write_events};
pub use pieces::{body as pieces, leave};
pub use whole::Whole;
