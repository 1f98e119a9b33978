//! How an element stands beyond its attributes, as events of our own: rrweb has no word for it, or none that tells all.

use super::Writer;
use crate::model::NodeId;
use crate::rrweb::json;
use crate::stream::Layer;

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
