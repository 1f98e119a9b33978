//! The API's description, generated from the handlers. `openapi.json` at the root is this, checked in.

use crate::{admin, replay};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

#[derive(OpenApi)]
#[openapi(
    info(title = "Hushreel", description = "Session replay that a company runs on its own server. Errors are problem+json \
        (RFC 9457) with a stable `type`. Times are milliseconds since 1970.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    paths(
        admin::setup::needed, admin::setup::claim, admin::setup::check_password,
        admin::account::sign_in, admin::account::sign_out, admin::account::show, admin::account::change,
        admin::site::list, admin::site::add, admin::site::show, admin::site::change, admin::site::remove,
        admin::site::policy, admin::site::set_policy, admin::unreadable::list, admin::finding::list, admin::history::list, admin::history::presets, admin::history::rules, admin::history::compare,
        admin::officer::profiles, admin::officer::records, admin::officer::dpia,
        admin::preview::begin, admin::preview::change, admin::preview::end, admin::preview::events, admin::preview::assets, admin::preview::asset,
        admin::finding::settle, admin::import::import, admin::request::list, admin::progress::stream,
        admin::storage::show,
        admin::token::list, admin::token::add, admin::token::revoke,
        replay::list::list, replay::list::erase, replay::table::csv,
        replay::list::terms, replay::recordings::show, replay::recordings::erase, replay::recordings::watch,
        replay::visitors::show, replay::visitors::erase, replay::archive::zip,
        replay::restriction::restrict, replay::restriction::lift,
        replay::events::stream, replay::file::html, replay::file::json, replay::marks::show, replay::assets::list, replay::assets::show,
    ),
    security(("token" = []), ("login" = [])),
    modifiers(&Schemes)
)]
struct Api;

/// How a request proves who sends it.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let parts = api.components.get_or_insert_default();
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        parts.add_security_scheme("token", SecurityScheme::Http(token));
        let login = ApiKey::Cookie(ApiKeyValue::new("hushreel"));
        parts.add_security_scheme("login", SecurityScheme::ApiKey(login));
    }
}

/// The description as JSON, with a line break at the end as files have.
pub fn document() -> String {
    // Nothing in it can fail to be written: it is text and numbers.
    let mut text = Api::openapi().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// `HUSHREEL_WRITE_OPENAPI=1 cargo test --lib openapi` writes it anew.
    #[test]
    fn the_checked_in_description_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
        if std::env::var_os("HUSHREEL_WRITE_OPENAPI").is_some() {
            std::fs::write(path, document()).unwrap();
        }
        assert!(std::fs::read_to_string(path).unwrap_or_default() == document(), "openapi.json is stale");
    }

    #[test]
    fn every_route_is_described_and_every_description_has_a_route() {
        let api: serde_json::Value = serde_json::from_str(&document()).unwrap();
        let described: BTreeSet<String> = api["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| {
                item.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        let routed: BTreeSet<String> =
            crate::server::api_routes().list.iter().map(|(method, path)| format!("{method} {path}")).collect();
        assert_eq!(described, routed);
    }
}
