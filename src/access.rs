//! Who asks, and whether he may: bearer tokens and login cookies, roles, and the check that a browser's request comes from
//! our own pages. A handler that takes a `Manager` cannot forget to ask.

use crate::app::{App, host};
use crate::error::{Error, Result};
use crate::role::Role;
use crate::store::account::Account;
use crate::store::{Actor, login, token};
use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, header};
use std::sync::Arc;

/// Someone who has proved who he is.
#[derive(Debug, Clone)]
pub struct Principal {
    /// Of the account, or of the token.
    pub id: String,
    pub role: Role,
    pub account: Option<Account>,
}

impl Principal {
    /// As the list of requests names him.
    pub fn actor(&self) -> Actor {
        Actor::Staff(self.id.clone())
    }
}

/// Any role.
pub struct Signed(pub Principal);
/// A role that may see recordings.
pub struct Watcher(pub Principal);
/// A role that may change things.
pub struct Manager(pub Principal);
/// A person, not a program.
pub struct Person(pub Account);
/// A request without a login that must not come from another site.
pub struct SameOrigin;

impl FromRequestParts<Arc<App>> for Signed {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        if let Some(bearer) = bearer(&parts.headers) {
            return by_token(app, bearer).await.map(Self);
        }
        let Some(cookie) = login_cookie(&parts.headers, app) else { return Err(Error::Unauthenticated) };
        if !is_safe(&parts.method) && !comes_from_us(&parts.headers, app).unwrap_or(false) {
            return Err(Error::CrossSite);
        }
        by_login(app, cookie).await.map(Self)
    }
}

impl FromRequestParts<Arc<App>> for Watcher {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let Signed(principal) = Signed::from_request_parts(parts, app).await?;
        if principal.role.watches() { Ok(Self(principal)) } else { Err(Error::Forbidden) }
    }
}

impl FromRequestParts<Arc<App>> for Manager {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let Signed(principal) = Signed::from_request_parts(parts, app).await?;
        if principal.role.manages() { Ok(Self(principal)) } else { Err(Error::Forbidden) }
    }
}

impl FromRequestParts<Arc<App>> for Person {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        let Signed(principal) = Signed::from_request_parts(parts, app).await?;
        principal.account.map(Self).ok_or(Error::Forbidden)
    }
}

impl FromRequestParts<Arc<App>> for SameOrigin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        // A program sends neither header, and has no cookie that another site could ride on.
        if comes_from_us(&parts.headers, app).unwrap_or(true) { Ok(Self) } else { Err(Error::CrossSite) }
    }
}

/// The text of the login cookie, if the browser sent one.
pub fn login_cookie<'a>(headers: &'a HeaderMap, app: &App) -> Option<&'a str> {
    let name = cookie_name(app);
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(found, value)| (found == name).then_some(value))
}

/// The cookie that signs a browser in; an empty token signs it out.
pub fn set_cookie(app: &App, token: &str) -> HeaderValue {
    let age = if token.is_empty() { 0 } else { login::ABSOLUTE_MS / 1000 };
    let secure = if app.settings.behind_proxy { "; Secure" } else { "" };
    let name = cookie_name(app);
    let text = format!("{name}={token}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{secure}");
    // Tokens are base64url; nothing in the text can break a header.
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn cookie_name(app: &App) -> &'static str {
    if app.settings.behind_proxy { "__Host-hushreel" } else { "hushreel" }
}

/// Whether the browser says that our own page sends this; `None` where it says nothing.
fn comes_from_us(headers: &HeaderMap, app: &App) -> Option<bool> {
    if let Some(site) = headers.get("sec-fetch-site") {
        return Some(site == "same-origin");
    }
    let origin = headers.get(header::ORIGIN)?.to_str().unwrap_or("null");
    if app.settings.public_url.as_deref() == Some(origin) {
        return Some(true);
    }
    let scheme = if app.settings.behind_proxy { "https://" } else { "http://" };
    Some(origin.strip_prefix(scheme).is_some_and(|rest| Some(rest) == host(headers)))
}

async fn by_token(app: &Arc<App>, secret: &str) -> Result<Principal> {
    let (now, secret) = (app.now(), secret.to_owned());
    let found = app.store.read(move |db| token::find(db, &secret, now)).await?.ok_or(Error::Unauthenticated)?;
    if found.is_stale(now) {
        let id = found.id.clone();
        noted(app.store.write(move |books| token::set_used(&books.meta, &id, now)).await);
    }
    Ok(Principal { id: found.id, role: found.role, account: None })
}

async fn by_login(app: &Arc<App>, cookie: &str) -> Result<Principal> {
    let (now, cookie) = (app.now(), cookie.to_owned());
    let looked_up = cookie.clone();
    let found = app.store.read(move |db| login::find(db, &looked_up, now)).await?.ok_or(Error::Unauthenticated)?;
    if found.stale {
        noted(app.store.write(move |books| login::set_seen(&books.meta, &cookie, now)).await);
    }
    Ok(Principal { id: found.account.id.clone(), role: found.account.role, account: Some(found.account) })
}

/// Whoever may look may look on a disk that takes nothing: that he did is noted the next time.
fn noted(outcome: Result<()>) {
    if let Err(error) = outcome {
        tracing::warn!(cause = %error, "it could not be noted when somebody was last here");
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}
