//! Where records go in these tests: a table of the test's own, keyed as any sink has to be.

use platform_core::{Cx, Module, Problem, Sink, SinkReport, Source};
use serde_json::Value as Json;

pub const TABLE: &str = "
    CREATE TABLE integrations.sunk (
        organization_id uuid not null, installation_id uuid not null, external_id text not null, record jsonb not null,
        primary key (organization_id, installation_id, external_id));
    ALTER TABLE integrations.sunk OWNER TO barq_owner;
    SELECT platform.tenant_table('integrations.sunk')";

const KNOWN: &str = "SELECT record FROM integrations.sunk
    WHERE organization_id = $1 AND installation_id = $2 AND external_id = $3";
const PUT: &str = "INSERT INTO integrations.sunk VALUES ($1, $2, $3, $4)
    ON CONFLICT (organization_id, installation_id, external_id) DO UPDATE SET record = $4";

pub fn module() -> Module {
    Module {
        name: "sunk",
        resources: &[],
        operations: Vec::new(),
        locales: ("{}", "{}"),
        grants: &[],
        permissions: &[],
        sinks: vec![Sink {
            effect: "fuel-transactions",
            store: |cx, source| Box::pin(store(cx, source)),
        }],
        ..Module::default()
    }
}

async fn store(cx: &mut Cx, source: Source<'_>) -> Result<SinkReport, Problem> {
    assert_eq!(source.provider, "syarah-fuel");
    let mut report = SinkReport::default();
    let organization_id = cx.organization_id;
    for record in source.records {
        let id = record["external_id"].as_str();
        let before: Option<Json> = sqlx::query_scalar(KNOWN)
            .bind(organization_id)
            .bind(source.installation_id)
            .bind(id)
            .fetch_optional(cx.db())
            .await?;
        match before {
            None => (report.created, report.unmatched) = (report.created + 1, report.unmatched + 1),
            Some(before) if before == *record => report.unchanged += 1,
            Some(_) => report.updated += 1,
        }
        sqlx::query(PUT)
            .bind(organization_id)
            .bind(source.installation_id)
            .bind(id)
            .bind(record)
            .execute(cx.db())
            .await?;
    }
    Ok(report)
}
