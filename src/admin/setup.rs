//! The first account, made through a one-time link; and how strong a password is while it is being typed.

use super::account::AccountView;
use crate::access::{SameOrigin, set_cookie};
use crate::app::App;
use crate::error::{Error, Result};
use crate::json::Json;
use crate::password::{self, Strength};
use crate::role::Role;
use crate::store::account::{self, NewAccount};
use crate::store::{link, login};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Measuring a password costs milliseconds; strangers may ask for it.
static MEASURES: Semaphore = Semaphore::const_new(2);
const MEASURES_WAITING_MAX: usize = 64;
static WAITING: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Needed {
    /// True until the first account exists.
    needed: bool,
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct Claim {
    /// From the link that `hushreel setup` printed.
    token: String,
    email: String,
    password: String,
    language: String,
}

#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Claimed {
    account: AccountView,
}

#[derive(Deserialize, utoipa::ToSchema)]
pub struct Measured {
    password: String,
    #[serde(default)]
    email: String,
}

/// Whether this server waits for its first account.
#[utoipa::path(get, path = "/api/v1/setup", tag = "setup", responses((status = 200, body = Needed)), security(()))]
pub async fn needed(State(app): State<Arc<App>>) -> Result<Json<Needed>> {
    let any = app.store.read(account::any).await?;
    Ok(Json(Needed { needed: !any }))
}

/// Make the first account, an owner, and sign it in.
#[utoipa::path(post, path = "/api/v1/setup", tag = "setup", request_body = Claim, security(()),
    responses((status = 201, body = Claimed), (status = 403, description = "The link is spent."),
              (status = 422, description = "The password is too easy to guess.")))]
pub async fn claim(State(app): State<Arc<App>>, _: SameOrigin, Json(claim): Json<Claim>) -> Result<Response> {
    let now = app.now();
    let token = claim.token.clone();
    // Looked at first, so that a stranger without the link cannot make this server hash.
    app.store.read(move |db| link::check(db, link::Kind::Setup, &token, now)).await?;
    password::check(&claim.password, &claim.email)?;
    let password_hash = password::hash_later(claim.password).await?;
    let (account, cookie) = app
        .store
        .write(move |books| {
            let db = &books.meta;
            link::take(db, link::Kind::Setup, &claim.token, now)?;
            if account::any(db)? {
                return Err(Error::SpentLink);
            }
            let new = NewAccount {
                email: &claim.email,
                role: Role::Owner,
                language: &claim.language,
                password_hash: &password_hash,
            };
            let account = account::insert(db, &new, now)?;
            let cookie = login::insert(db, &account.id, now)?;
            Ok((account, cookie))
        })
        .await?;
    tracing::info!(account.id = %account.id, "made the first account");
    let body = Json(Claimed { account: account.into() });
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, set_cookie(&app, &cookie))], body).into_response())
}

/// How strong a password is, from 0 to 4; an account needs 3.
#[utoipa::path(post, path = "/api/v1/password/check", tag = "setup", request_body = Measured, security(()),
    responses((status = 200, body = Strength), (status = 429, description = "Too many at once.")))]
pub async fn check_password(_: SameOrigin, Json(measured): Json<Measured>) -> Result<Json<Strength>> {
    use std::sync::atomic::Ordering::AcqRel;
    let waiting = WAITING.fetch_add(1, AcqRel);
    let strength = async {
        if waiting >= MEASURES_WAITING_MAX {
            return Err(Error::TooMany { retry_s: 1 });
        }
        let _slot = MEASURES.acquire().await.map_err(|cause| Error::internal("measuring a password", cause))?;
        tokio::task::spawn_blocking(move || password::strength(&measured.password, &measured.email))
            .await
            .map_err(|cause| Error::internal("measuring a password", cause))
    }
    .await;
    WAITING.fetch_sub(1, AcqRel);
    strength.map(Json)
}
