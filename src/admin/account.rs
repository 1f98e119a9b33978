//! Signing in and out, and one's own account.

use crate::access::{Person, SameOrigin, Signed, login_cookie, set_cookie};
use crate::app::{App, Peer};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::password;
use crate::role::Role;
use crate::store::account::{self, Account};
use crate::store::{link, login};
use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Failed sign-ins that one address, and one account, may have in a window before it has to wait.
const FAILURES_MAX: u32 = 20;
const WINDOW_MS: i64 = 10 * 60_000;
const MARKS_MAX: usize = 50_000;
static FAILURES: LazyLock<Mutex<HashMap<Mark, (i64, u32)>>> = LazyLock::new(Mutex::default);

/// What failures are counted by. In memory only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Mark {
    Address(IpAddr),
    Account(String, IpAddr),
}

/// An account as its owner sees it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Account)]
pub struct AccountView {
    id: String,
    email: String,
    role: Role,
    language: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct Credentials {
    email: String,
    password: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SignedIn {
    account: AccountView,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
pub struct AccountChange {
    language: String,
}

impl From<Account> for AccountView {
    fn from(account: Account) -> Self {
        Self { id: account.id, email: account.email, role: account.role, language: account.language }
    }
}

/// Sign in; the answer sets the login cookie.
#[utoipa::path(post, path = "/api/v1/login", tag = "account", request_body = Credentials, security(()),
    responses((status = 200, body = SignedIn), (status = 401, description = "Address or password is wrong."),
              (status = 429, description = "Too many failures; wait.")))]
pub async fn sign_in(
    State(app): State<Arc<App>>,
    _: SameOrigin,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    Json(credentials): Json<Credentials>,
) -> Result<Response> {
    let now = app.now();
    let client = app.client(&headers, peer);
    let marks = [Mark::Address(client), Mark::Account(credentials.email.to_ascii_lowercase(), client)];
    check_failures(&marks, now.0)?;
    let email = credentials.email;
    let found = app.store.read(move |db| account::password_hash(db, &email)).await?;
    let (account, hash) = found.unzip();
    let right = password::verify(credentials.password, hash).await?;
    let Some(account) = account.filter(|account| right && !account.disabled) else {
        count_failure(marks, now.0);
        return Err(Error::WrongPassword);
    };
    let id = account.id.clone();
    let old = login_cookie(&headers, &app).map(str::to_owned);
    let cookie = app
        .store
        .write(move |books| {
            // What the browser had before is worthless from now on.
            if let Some(old) = old {
                login::delete(&books.meta, &old)?;
            }
            login::insert(&books.meta, &id, now)
        })
        .await?;
    let body = Json(SignedIn { account: account.into() });
    Ok(([(header::SET_COOKIE, set_cookie(&app, &cookie))], body).into_response())
}

/// Sign out.
#[utoipa::path(delete, path = "/api/v1/login", tag = "account", responses((status = 204, description = "Signed out.")))]
pub async fn sign_out(State(app): State<Arc<App>>, _: Signed, headers: HeaderMap) -> Result<Response> {
    if let Some(cookie) = login_cookie(&headers, &app) {
        let cookie = cookie.to_owned();
        app.store.write(move |books| login::delete(&books.meta, &cookie)).await?;
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&app, ""))]).into_response())
}

/// One's own account.
#[utoipa::path(get, path = "/api/v1/account", tag = "account",
    responses((status = 200, body = AccountView), (status = 403, description = "A token has no account.")))]
pub async fn show(Person(account): Person) -> Json<AccountView> {
    Json(account.into())
}

/// Change the language that the dashboard speaks.
#[utoipa::path(put, path = "/api/v1/account", tag = "account", request_body = AccountChange,
    responses((status = 200, body = AccountView)))]
pub async fn change(
    State(app): State<Arc<App>>,
    Person(person): Person,
    Json(change): Json<AccountChange>,
) -> Result<Json<AccountView>> {
    let account = app
        .store
        .write(move |books| {
            account::set_language(&books.meta, &person.id, &change.language)?;
            account::find(&books.meta, &person.id)?.ok_or(Error::Unauthenticated)
        })
        .await?;
    Ok(Json(account.into()))
}

/// `GET /sign-in/{token}`: a one-time link from the command line signs its browser in. Not part of the API.
pub async fn follow_link(State(app): State<Arc<App>>, Path(token): Path<String>) -> Result<Response> {
    let now = app.now();
    let cookie = app
        .store
        .write(move |books| {
            let db = &books.meta;
            let id = match link::take(db, link::Kind::SignIn, &token, now) {
                Ok(taken) => taken.ok_or(Error::SpentLink)?,
                Err(Error::SpentLink) => link::of_demo(db, &token, now)?,
                Err(error) => return Err(error),
            };
            account::find(db, &id)?.filter(|account| !account.disabled).ok_or(Error::SpentLink)?;
            login::insert(db, &id, now)
        })
        .await;
    match cookie {
        Ok(cookie) => Ok(([(header::SET_COOKIE, set_cookie(&app, &cookie))], Redirect::to("/")).into_response()),
        // Someone who follows it twice is most likely signed in already.
        Err(Error::SpentLink) => Ok(Redirect::to("/").into_response()),
        Err(error) => Err(error),
    }
}

fn check_failures(marks: &[Mark], now: i64) -> Result<()> {
    let failures = FAILURES.lock().unwrap_or_else(PoisonError::into_inner);
    let full = marks
        .iter()
        .filter_map(|mark| failures.get(mark))
        .find(|(since, count)| now - since < WINDOW_MS && *count >= FAILURES_MAX);
    match full {
        Some((since, _)) => Err(Error::TooMany { retry_s: ((since + WINDOW_MS - now) / 1000).max(1) as u32 }),
        None => Ok(()),
    }
}

fn count_failure(marks: [Mark; 2], now: i64) {
    let mut failures = FAILURES.lock().unwrap_or_else(PoisonError::into_inner);
    if failures.len() >= MARKS_MAX {
        failures.retain(|_, (since, _)| now - *since < WINDOW_MS);
    }
    if failures.len() >= MARKS_MAX {
        failures.clear();
    }
    for mark in marks {
        let entry = failures.entry(mark).or_insert((now, 0));
        if now - entry.0 >= WINDOW_MS {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }
}
