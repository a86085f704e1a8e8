//! Code as somebody in a hurry writes it: handlers that take the place of a good one in an assembled product.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::http::StatusCode;
use platform_core::{Boxed, Cx, Handler, Method, Mode, Operation, Permit, Problem, Reply, Request};
use serde_json::{Value as Json, json};
use sqlx::PgPool;

/// What takes the place of a handler.
pub struct Plant {
    pub name: &'static str,
    /// The operation whose handler it replaces.
    pub operation: &'static str,
    pub handler: Handler,
}

fn handler<F>(run: F) -> Handler
where
    F: for<'a> Fn(&'a mut Cx, Request) -> Boxed<'a, Result<Reply, Problem>> + Send + Sync + 'static,
{
    Operation::raw(Method::Get, "", "", Permit::SignedIn, run).handler
}

const EVERY_VEHICLE: &str = "SELECT to_jsonb(v) FROM fleet.vehicles v";
const ONE_VEHICLE: &str = "SELECT to_jsonb(v) FROM fleet.vehicles v WHERE v.id = $1";
const IS_ANYWHERE: &str = "SELECT EXISTS (SELECT FROM fleet.vehicles WHERE id = $1)";
const EVERY_EVENT: &str = "SELECT to_jsonb(o) FROM platform.outbox o WHERE o.name LIKE 'fleet.%'";
const EVERYBODY: &str = "SELECT to_jsonb(m) FROM platform.members m";
/// A report that somebody keeps ready.
pub const REPORT: &str = "create materialized view fleet.planted as select * from fleet.vehicles;
    grant select on fleet.planted to barq_app";
pub const WITHOUT_REPORT: &str = "drop materialized view fleet.planted";
const REPORTED: &str = "SELECT to_jsonb(r) FROM fleet.planted r";
const FOR_THE_SESSION: &str = "SELECT set_config('barq.organization_id', $1, false)";

fn rows(rows: Vec<Json>) -> Reply {
    Reply::json(StatusCode::OK, &json!({"data": rows}))
}

/// Whatever a statement finds past row security, as with a connection that somebody took for speed.
fn past_row_security(admin: &PgPool, sql: &'static str) -> Handler {
    let admin = admin.clone();
    handler(move |_, _| {
        let admin = admin.clone();
        Box::pin(async move { Ok(rows(sqlx::query_scalar(sql).fetch_all(&admin).await?)) })
    })
}

fn id_of(request: &Request) -> Option<uuid::Uuid> {
    request.path.iter().find(|(name, _)| name == "id")?.1.parse().ok()
}

/// The plants that the walk has to catch. `good` answers the handler that a plant stands before.
pub fn plants(admin: &PgPool, good: impl Fn(&str) -> Handler) -> Vec<Plant> {
    let plant = |name, operation, handler| Plant {
        name,
        operation,
        handler,
    };
    vec![
        plant("drop predicate", "fleet.vehicles.read", without_predicate(admin)),
        plant(
            "cached without organization",
            "fleet.vehicles.list",
            cached(good("fleet.vehicles.list")),
        ),
        plant("job without organization", "fleet.vehicles.export", job()),
        plant(
            "403 instead of 404",
            "fleet.vehicles.read",
            forbidden(admin, good("fleet.vehicles.read")),
        ),
        plant(
            "session SET instead of SET LOCAL",
            "fleet.vehicles.list",
            for_the_session(good("fleet.vehicles.list")),
        ),
        plant("materialized-view report", "fleet.vehicles.list", report()),
        plant(
            "event topic without organization",
            "fleet.vehicles.options",
            past_row_security(admin, EVERY_EVENT),
        ),
        plant(
            "export of all",
            "fleet.vehicles.export",
            past_row_security(admin, EVERY_VEHICLE),
        ),
        plant(
            "admin list",
            "tenancy.members.list",
            past_row_security(admin, EVERYBODY),
        ),
    ]
}

/// Reads by the id alone, where row security does not hold either.
fn without_predicate(admin: &PgPool) -> Handler {
    let admin = admin.clone();
    handler(move |_, request| {
        let admin = admin.clone();
        Box::pin(async move {
            let row: Option<Json> = sqlx::query_scalar(ONE_VEHICLE)
                .bind(id_of(&request))
                .fetch_optional(&admin)
                .await?;
            Ok(Reply::json(StatusCode::OK, &row.ok_or_else(Problem::not_found)?))
        })
    })
}

/// Keeps answers by what was asked, not by who asked.
fn cached(good: Handler) -> Handler {
    let kept: Arc<Mutex<HashMap<String, Reply>>> = Arc::default();
    handler(move |cx, request| {
        let (good, kept) = (good.clone(), kept.clone());
        Box::pin(async move {
            let asked = request.query.clone();
            let found = kept.lock().unwrap_or_else(PoisonError::into_inner).get(&asked).cloned();
            if let Some(reply) = found {
                return Ok(reply);
            }
            let reply = answered(&good, cx, request).await?;
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.insert(asked, reply.clone());
            Ok(reply)
        })
    })
}

/// Work that was put aside without saying whose it is: it is done for whoever came first.
fn job() -> Handler {
    let first = Arc::new(OnceLock::new());
    handler(move |cx, _| {
        let first = first.clone();
        Box::pin(async move {
            let whose = *first.get_or_init(|| cx.organization_id);
            let mut job = Cx::begin_job(&cx.platform, whose, "planted", Mode::Read).await?;
            let found = sqlx::query_scalar(EVERY_VEHICLE).fetch_all(job.db()).await?;
            job.rollback().await?;
            Ok(rows(found))
        })
    })
}

/// Says that something is there and not for the caller.
fn forbidden(admin: &PgPool, good: Handler) -> Handler {
    let admin = admin.clone();
    handler(move |cx, request| {
        let (admin, good) = (admin.clone(), good.clone());
        Box::pin(async move {
            let id = id_of(&request);
            let answer = answered(&good, cx, request).await;
            let Err(problem) = answer else { return answer };
            let is_there: bool = sqlx::query_scalar(IS_ANYWHERE).bind(id).fetch_one(&admin).await?;
            Err(match is_there {
                true => Problem::forbidden("vehicles.read"),
                false => problem,
            })
        })
    })
}

/// Sets the organization for the session: it stays on the connection when the request is over.
fn for_the_session(good: Handler) -> Handler {
    handler(move |cx, request| {
        let good = good.clone();
        Box::pin(async move {
            let whose = cx.organization_id.to_string();
            sqlx::query(FOR_THE_SESSION).bind(whose).execute(cx.db()).await?;
            answered(&good, cx, request).await
        })
    })
}

fn report() -> Handler {
    handler(|cx, _| Box::pin(async move { Ok(rows(sqlx::query_scalar(REPORTED).fetch_all(cx.db()).await?)) }))
}

async fn answered(good: &Handler, cx: &mut Cx, request: Request) -> Result<Reply, Problem> {
    match good {
        Handler::Tenant(run) => run(cx, request).await,
        Handler::Public(_) => Err(Problem::not_found()),
    }
}
