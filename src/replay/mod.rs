//! The way out: what was recorded, as lists and as rrweb events that any player shows.

pub mod archive;
pub mod asked;
pub mod assets;
pub mod events;
pub mod file;
pub mod list;
pub mod marks;
pub mod recordings;
pub mod restriction;
pub mod table;
pub mod visitors;

use crate::app::Routes;

pub fn routes() -> Routes {
    Routes::default()
        .get("/api/v1/recordings", list::list)
        .get("/api/v1/recordings.csv", table::csv)
        .get("/api/v1/recordings/terms", list::terms)
        .post("/api/v1/recordings/erase", list::erase)
        .get("/api/v1/recordings/{id}", recordings::show)
        .delete("/api/v1/recordings/{id}", recordings::erase)
        .get("/api/v1/recordings/{id}/events", events::stream)
        .get("/api/v1/recordings/{id}/export.html", file::html)
        .get("/api/v1/recordings/{id}/export.json", file::json)
        .get("/api/v1/recordings/{id}/marks", marks::show)
        .get("/api/v1/recordings/{id}/assets", assets::list)
        .get("/api/v1/recordings/{id}/assets/{hash}", assets::show)
        .put("/api/v1/recordings/{id}/watched", recordings::watch)
        .get("/api/v1/visitors/{id}", visitors::show)
        .delete("/api/v1/visitors/{id}", visitors::erase)
        .get("/api/v1/visitors/{id}/archive.zip", archive::zip)
        .post("/api/v1/recordings/{id}/restriction", restriction::restrict)
        .delete("/api/v1/recordings/{id}/restriction", restriction::lift)
}
