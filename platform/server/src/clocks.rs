//! The clocks of organizations that are there already, at every start of a server.

use std::sync::Arc;

use platform_core::{Cx, Mode, Platform, Problem};
use tenancy::Tenancy;
use uuid::Uuid;

/// Organizations that are asked for at once.
const PAGE: i64 = 500;

/// Lets the clock of every organization look once: a new version may bring schedules that some do not have yet. An
/// organization that cannot be reached now looks by itself when its next run is due.
pub async fn wake_all(platform: Arc<Platform>) {
    match wake_pages(&platform).await {
        Ok(count) => tracing::debug!("Woke the clocks of {count} organizations"),
        Err(problem) => tracing::warn!(%problem, "Could not wake the clock of every organization: {problem}"),
    }
}

async fn wake_pages(platform: &Arc<Platform>) -> Result<usize, Problem> {
    let tenancy = platform.service::<Tenancy>();
    let (mut after, mut count) = (Uuid::nil(), 0);
    loop {
        let page = tenancy.organizations(after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(count) };
        after = *last;
        count += page.len();
        for organization_id in page {
            let mut cx = Cx::begin_job(platform, organization_id, "start", Mode::Write).await?;
            platform_jobs::wake_clock(&mut cx).await?;
            cx.commit().await?;
        }
    }
}
