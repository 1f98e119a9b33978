//! What an operator does: sets the server up, signs in, adds sites, settles policies, hands out tokens.

pub mod account;
pub mod finding;
pub mod history;
pub mod import;
pub mod officer;
pub mod preview;
pub mod progress;
pub mod request;
pub mod setup;
pub mod site;
pub mod storage;
pub mod token;
pub mod unreadable;

use crate::app::Routes;

pub fn routes() -> Routes {
    Routes::default()
        .get("/api/v1/setup", setup::needed)
        .post("/api/v1/setup", setup::claim)
        .post("/api/v1/password/check", setup::check_password)
        .post("/api/v1/login", account::sign_in)
        .delete("/api/v1/login", account::sign_out)
        .get("/api/v1/account", account::show)
        .put("/api/v1/account", account::change)
        .get("/api/v1/presets", history::presets)
        .get("/api/v1/sites", site::list)
        .post("/api/v1/sites", site::add)
        .get("/api/v1/sites/{key}", site::show)
        .patch("/api/v1/sites/{key}", site::change)
        .delete("/api/v1/sites/{key}", site::remove)
        .get("/api/v1/sites/{key}/policy", site::policy)
        .put("/api/v1/sites/{key}/policy", site::set_policy)
        .get("/api/v1/sites/{key}/policy/versions", history::list)
        .post("/api/v1/sites/{key}/policy/compare", history::compare)
        .get("/api/v1/sites/{key}/rules", history::rules)
        .get("/api/v1/sites/{key}/profiles", officer::profiles)
        .get("/api/v1/sites/{key}/records", officer::records)
        .get("/api/v1/sites/{key}/dpia", officer::dpia)
        .get("/api/v1/sites/{key}/unreadable", unreadable::list)
        .get("/api/v1/sites/{key}/findings", finding::list)
        .put("/api/v1/sites/{key}/findings/{id}", finding::settle)
        .post("/api/v1/sites/{key}/previews", preview::begin)
        .put("/api/v1/sites/{key}/previews/{token}", preview::change)
        .delete("/api/v1/sites/{key}/previews/{token}", preview::end)
        .get("/api/v1/sites/{key}/previews/{token}/events", preview::events)
        .get("/api/v1/sites/{key}/previews/{token}/assets", preview::assets)
        .get("/api/v1/sites/{key}/previews/{token}/assets/{hash}", preview::asset)
        .post("/api/v1/sites/{key}/recordings/import", import::import)
        .get("/api/v1/sites/{key}/requests", request::list)
        .get("/api/v1/sites/{key}/progress", progress::stream)
        .get("/api/v1/storage", storage::show)
        .get("/api/v1/tokens", token::list)
        .post("/api/v1/tokens", token::add)
        .delete("/api/v1/tokens/{id}", token::revoke)
}
