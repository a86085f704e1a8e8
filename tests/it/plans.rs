//! How the database finds rows: every statement of the corpus starts at the organization, with twenty of them in every table.

use anyhow::{Context, Result, ensure};
use barq_tests::{Harness, Stock};
use platform_database::Role;
use serde_json::Value as Json;
use sqlx::{Connection, PgConnection, Row};
use uuid::Uuid;

use crate::schema::of_tenants;
use crate::{check, report};

const ORGANIZATIONS: i32 = 20;
/// From this size on an index is worth its while.
const PAGES: i64 = 80;

/// Makes one row of a table into many: of other organizations, with other ids, and other values where these have to be unique.
/// Rows are for the planner alone, so nothing checks them.
const MULTIPLY: &str = "create function public.multiplied(target regclass, organizations int, each int) returns bigint
    language plpgsql as $$
    declare changes text; names text; many text; made bigint; one record;
    begin
        for one in select conname from pg_constraint where conrelid = target and contype = 'c' loop
            execute format('alter table %s drop constraint %I', target, one.conname);
        end loop;
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum),
            string_agg('many.' || quote_ident(a.attname), ', ' order by a.attnum),
            string_agg(case
                when a.attname = 'organization_id' then format('%L, md5(''organization'' || o)::uuid', a.attname)
                -- Named after r, or the function would be asked once for all of an organization's rows.
                when u.attnum is not null and a.atttypid = 'uuid'::regtype then
                    format('%L, md5(gen_random_uuid()::text || r)::uuid', a.attname)
                when a.atttypid = 'uuid'::regtype then
                    format('%L, case when t.%I is null then null else md5(%L || o || r %% 100)::uuid end', a.attname, a.attname, a.attname)
                when u.attnum is not null and a.atttypid in ('text'::regtype, 'varchar'::regtype) then
                    format('%L, left(t.%I, 20) || ''-'' || r', a.attname, a.attname)
                when u.attnum is not null and a.atttypid in ('int8'::regtype, 'int4'::regtype) then format('%L, r', a.attname)
                when a.atttypid = 'date'::regtype then format('%L, t.%I - r', a.attname, a.attname)
                when a.atttypid = 'timestamptz'::regtype then format('%L, t.%I - r * interval ''1 hour''', a.attname, a.attname)
            end, ', ')
        into names, many, changes
        from pg_attribute a left join (
            select distinct k.attnum from pg_index i, unnest(i.indkey::int2[]) k (attnum) where i.indrelid = target and i.indisunique
        ) u on u.attnum = a.attnum
        where a.attrelid = target and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = '';
        execute format('insert into %1$s (%2$s) select %4$s from (select * from %1$s limit 1) t,
                generate_series(1, $1) o, generate_series(1, $2) r,
                lateral jsonb_populate_record(null::%1$s, to_jsonb(t) || jsonb_build_object(%3$s)) many
                on conflict do nothing', target, names, changes, many)
            using organizations, each;
        get diagnostics made = row_count;
        return made;
    end $$;
    create function public.planned(sql text) returns jsonb language plpgsql as $$
    declare plan jsonb; run text;
    begin
        execute 'prepare corpus as ' || sql;
        select 'explain (verbose, format json) execute corpus' || case cardinality(parameter_types) when 0 then ''
            else '(' || rtrim(repeat('null,', cardinality(parameter_types)), ',') || ')' end
        into run from pg_prepared_statements where name = 'corpus';
        execute run into plan;
        execute 'deallocate corpus';
        return plan;
    end $$;
    grant usage on schema public to barq_app; grant execute on function public.planned(text) to barq_app";
const TABLES: &str = "SELECT c.oid::regclass::text AS name,
        EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND i.indnkeyatts = 1) AS one_each
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT IN ('identity', 'pg_catalog', 'information_schema')
    ORDER BY 1";

/// What is wrong with a plan and everything below it; counts its look-ups by an index.
fn faults(node: &Json, found: &mut Vec<String>, looks: &mut usize) {
    let kind = node["Node Type"].as_str().unwrap_or_default();
    let table = format!(
        "{}.{}",
        node["Schema"].as_str().unwrap_or_default(),
        node["Relation Name"].as_str().unwrap_or_default()
    );
    match kind {
        "Seq Scan" => found.push(format!("reads all of {table}")),
        "Index Scan" | "Index Only Scan" | "Bitmap Index Scan" => {
            *looks += 1;
            let condition = node["Index Cond"].as_str().unwrap_or_default();
            let first = condition
                .trim_start_matches('(')
                .split(" = ")
                .next()
                .unwrap_or_default();
            if first.rsplit('.').next() != Some("organization_id") {
                let index = node["Index Name"].as_str().unwrap_or_default();
                found.push(format!("{index} is entered by {condition:?}"));
            }
        }
        _ => {}
    }
    for below in node["Plans"].as_array().into_iter().flatten() {
        faults(below, found, looks);
    }
}

async fn planned(app: &mut PgConnection, sql: &str) -> Result<(Vec<String>, usize)> {
    let plan: Json = sqlx::query_scalar("SELECT public.planned($1)")
        .bind(sql)
        .fetch_one(app)
        .await
        .with_context(|| sql.to_owned())?;
    let (mut found, mut looks) = (Vec::new(), 0);
    faults(&plan[0]["Plan"], &mut found, &mut looks);
    Ok((found, looks))
}

async fn multiplied(admin: &mut PgConnection, table: &str, one_each: bool, each: i32) -> Result<i64> {
    let (organizations, each) = if one_each {
        (ORGANIZATIONS * each, 1)
    } else {
        (ORGANIZATIONS, each)
    };
    sqlx::query_scalar("SELECT public.multiplied($1::text::regclass, $2, $3)")
        .bind(table)
        .bind(organizations)
        .bind(each)
        .fetch_one(admin)
        .await
        .with_context(|| table.to_owned())
}

async fn pages(admin: &mut PgConnection, table: &str) -> Result<i64> {
    let pages = sqlx::query_scalar("SELECT pg_relation_size($1::text::regclass) / 8192").bind(table);
    Ok(pages.fetch_one(admin).await?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_plan_starts_at_the_organization() -> Result<()> {
    let harness = Harness::alone(|_| {}).await?;
    let owner = harness.owner().await?;
    Stock::fill(&harness, &owner).await?;
    let each = if crate::is_long() { 2_000 } else { 150 };
    let mut admin = harness.admin().await?;
    sqlx::raw_sql(MULTIPLY).execute(&mut admin).await?;
    sqlx::raw_sql("set session_replication_role = replica")
        .execute(&mut admin)
        .await?;
    let (mut rows, mut filled, mut empty) = (0, 0, Vec::new());
    for row in sqlx::query(TABLES).fetch_all(&mut admin).await? {
        let table: String = row.try_get("name")?;
        // Of what an organization has one of, there is as much as there are organizations.
        let one_each: bool = row.try_get("one_each")?;
        let mut times = each;
        let mut made = multiplied(&mut admin, &table, one_each, times).await?;
        // A table of a few pages is read as a whole, and rightly so.
        while made > 0 && !one_each && pages(&mut admin, &table).await? < PAGES && times < each * 40 {
            times *= 3;
            made += multiplied(&mut admin, &table, one_each, times).await?;
        }
        rows += made;
        match made {
            0 => empty.push(table),
            _ => filled += 1,
        }
    }
    sqlx::raw_sql("analyze").execute(&mut admin).await?;
    let mut app = PgConnection::connect(&harness.target.url(Role::App)).await?;
    sqlx::raw_sql("set plan_cache_mode = force_generic_plan")
        .execute(&mut app)
        .await?;
    sqlx::query("SELECT set_config('barq.organization_id', $1, false)")
        .bind(Uuid::nil().to_string())
        .execute(&mut app)
        .await?;
    let (mut planned_statements, mut looks, mut bad) = (0, 0, Vec::new());
    let corpus = of_tenants();
    for sql in &corpus {
        let (found, looked) = planned(&mut app, sql).await?;
        planned_statements += 1;
        looks += looked;
        // A table that nothing fills is read as a whole because it is empty.
        let found: Vec<String> = found
            .into_iter()
            .filter(|fault| !empty.iter().any(|table| *fault == format!("reads all of {table}")))
            .collect();
        if !found.is_empty() {
            bad.push(format!("{}: {sql}", found.join("; ")));
        }
    }
    report(&format!(
        "Plans: {rows} rows in {filled} tables, {} tables without any: {empty:?}",
        empty.len()
    ))?;
    let (control, _) = planned(&mut app, "SELECT id FROM fleet.vehicles WHERE notes = $1").await?;
    check(
        "T15",
        bad.is_empty() && filled > 20,
        &format!(
            "{} of {planned_statements} statements: no table read as a whole, {looks} indexes entered by the organization; {ORGANIZATIONS} \
             organizations × {each} rows in each of {filled} tables",
            planned_statements - bad.len()
        ),
    )?;
    ensure!(bad.is_empty(), "{} statements:\n{}", bad.len(), bad.join("\n"));
    ensure!(filled > 20 && looks > 100, "{filled} tables, {looks} look-ups");
    report(&format!("Plans, a statement without the organization: {control:?}"))
}
