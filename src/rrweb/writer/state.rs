//! How an element stands beyond its attributes, as events of our own: rrweb has no word for it, or none that tells all.

use super::Writer;
use crate::model::NodeId;
use crate::rrweb::{json, wall};
use crate::stream::{Layer, Play};

impl Writer {
    /// The top layer as it is now, of the nodes that were just told: the lowest first.
    pub(super) fn stands(&mut self, ids: &[NodeId], out: &mut Vec<u8>) {
        let stand = |id: &NodeId| Some((self.mirror.element(*id)?.stand?.order, *id));
        let mut standing: Vec<_> = ids.iter().filter_map(stand).collect();
        standing.sort_unstable();
        for (_, id) in standing {
            self.layer(id, out);
        }
    }

    /// How video or sound stands now, and what it just did; without that, only how it stands.
    pub(super) fn media(&mut self, id: NodeId, kind: Option<Play>, out: &mut Vec<u8>) {
        let Some(media) = self.mirror.element(id).and_then(|element| element.media) else { return };
        let kind = match kind {
            None => u8::from(!media.playing),
            Some(kind) => kind as u8,
        };
        self.incremental(7, out, |out| {
            json::number(out, ",\"type\":", kind);
            json::number(out, ",\"id\":", id);
            let [seconds, volume, rate] = [(media.ms, 1_000.0), (media.volume, 100.0), (media.rate, 100.0)]
                .map(|(number, of)| f64::from(number) / of);
            for (name, number) in [("currentTime", seconds), ("volume", volume), ("playbackRate", rate)] {
                json::comma(out);
                json::key(out, name);
                out.extend(number.to_string().into_bytes());
            }
            out.extend(if media.muted { &b",\"muted\":true"[..] } else { b",\"muted\":false" });
        });
    }

    /// What a canvas shows now.
    pub(super) fn picture(&mut self, id: NodeId, out: &mut Vec<u8>) {
        let picture = self.mirror.element(id).and_then(|element| element.picture.clone());
        let Some(picture) = picture.filter(|picture| wall::is_picture(picture)) else { return };
        self.custom("hushreel.canvas", out, |out| {
            json::number(out, "{\"id\":", id);
            json::text(out, ",\"picture\":", &picture);
            out.push(b'}');
        });
    }

    pub(super) fn layer(&mut self, id: NodeId, out: &mut Vec<u8>) {
        let Some(element) = self.mirror.element(id) else { return };
        let layer = match element.stand.map(|stand| stand.layer) {
            Some(Layer::Modal) => "\"modal\"",
            Some(Layer::Popover) => "\"popover\"",
            Some(Layer::Fullscreen) => "\"fullscreen\"",
            None => "null",
        };
        self.custom("hushreel.layer", out, |out| {
            json::number(out, "{\"id\":", id);
            out.extend(b",\"layer\":");
            out.extend(layer.as_bytes());
            out.push(b'}');
        });
    }
}
