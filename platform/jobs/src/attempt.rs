//! Work that may fail, inside a transaction that goes on.

use std::fmt::Display;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use platform_core::{Boxed, Cx, Problem};

/// Does the work; when it refuses or panics, everything that it wrote is undone and the reason answered. The transaction and the
/// locks that it took before stay: the reason can be written down before anybody else tries.
pub(crate) async fn attempt<E: Display>(
    cx: &mut Cx,
    work: impl for<'a> FnOnce(&'a mut Cx) -> Boxed<'a, Result<(), E>>,
) -> Result<Result<(), String>, Problem> {
    sqlx::raw_sql("SAVEPOINT attempt").execute(cx.db()).await?;
    let refusal = match AssertUnwindSafe(work(cx)).catch_unwind().await {
        Ok(Ok(())) => return Ok(Ok(())),
        Ok(Err(error)) => error.to_string(),
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(ToString::to_string);
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
            format!("panicked: {}", text.unwrap_or_default())
        }
    };
    sqlx::raw_sql("ROLLBACK TO SAVEPOINT attempt").execute(cx.db()).await?;
    Ok(Err(refusal))
}
