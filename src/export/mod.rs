//! A recording as it leaves the store: rrweb events, pictures and fonts. Whether the asker may have them is settled before.

mod assets;
mod events;

pub use assets::{List as AssetList, asset, assets, gather};
pub use events::{Part, events, write_events};
