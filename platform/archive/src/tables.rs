//! The tables of tenants, from the catalogue, each after the ones that it points at.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{PgConnection, Row};

use crate::Error;
use crate::sql::quoted;

pub(crate) const TABLES: &str = "SELECT n.nspname::text AS schema, c.relname::text AS name,
        ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
            AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum) AS columns,
        ARRAY(SELECT a.attname::text FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (num, place)
            JOIN pg_attribute a ON a.attnum = k.num
            WHERE i.indrelid = c.oid AND a.attrelid = c.oid AND i.indisprimary ORDER BY k.place) AS key,
        ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
            AND a.attcollation <> 0) AS texts,
        ARRAY(SELECT a.attname || ' ' || rn.nspname || '.' || r.relname || ' ' || b.attname
            FROM pg_constraint f, unnest(f.conkey, f.confkey) AS pair (here, there), pg_attribute a, pg_attribute b,
                pg_class r, pg_namespace rn
            WHERE f.conrelid = c.oid AND f.contype = 'f' AND a.attrelid = f.conrelid AND a.attnum = pair.here
                AND b.attrelid = f.confrelid AND b.attnum = pair.there AND r.oid = f.confrelid AND rn.oid = r.relnamespace
            ORDER BY 1) AS refs,
        has_table_privilege('barq_app', c.oid, 'DELETE') AS may_delete
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
        AND coalesce(obj_description(c.oid, 'pg_class'), '') !~ '^scope: global'
        AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped)
    ORDER BY 1, 2";

/// Tables that no archive holds, and why: the key is sealed for this installation alone and travels in the manifest.
pub const LEFT_OUT: [&str; 1] = ["platform.organization_keys"];

/// The job that writes an archive is not part of it: elsewhere there is nobody who waits for it.
const BUT: [(&str, &str); 1] = [("platform.jobs", "kind <> 'organization.export'")];

/// A table of tenants.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Columns that are stored, in their order.
    pub columns: Vec<String>,
    /// Columns of the primary key, and whether each is sorted as text.
    pub key: Vec<(String, bool)>,
    /// Columns that hold the user id of a member.
    pub members: BTreeSet<String>,
    /// Full names of the other tables that it points at.
    pub points_at: BTreeSet<String>,
    /// Whether rows point at rows of the same table.
    pub is_circular: bool,
    /// Whether the application may delete its rows.
    pub may_delete: bool,
    /// Which column points at which table's which column, itself among them.
    pub(crate) refs: Vec<(String, String, String)>,
    /// Rows that are left out say no to this.
    pub(crate) but: Option<&'static str>,
}

impl Table {
    /// `fleet.vehicles`.
    pub fn full_name(&self) -> String {
        format!("{}.{}", self.schema, self.name)
    }

    pub(crate) fn quoted(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }
}

/// Every table of tenants; each comes after those that it points at.
pub async fn tables(connection: &mut PgConnection) -> Result<Vec<Table>, Error> {
    let rows = sqlx::query(TABLES).fetch_all(connection).await?;
    let mut found = Vec::new();
    // Which column points at which column, by table.
    let mut refs: BTreeMap<String, Vec<(String, String, String)>> = BTreeMap::new();
    for row in &rows {
        let texts: Vec<String> = row.try_get("texts")?;
        let key: Vec<String> = row.try_get("key")?;
        let mut table = Table {
            schema: row.try_get("schema")?,
            name: row.try_get("name")?,
            columns: row.try_get("columns")?,
            key: key
                .into_iter()
                .map(|name| (name.clone(), texts.contains(&name)))
                .collect(),
            members: BTreeSet::new(),
            points_at: BTreeSet::new(),
            is_circular: false,
            may_delete: row.try_get("may_delete")?,
            refs: Vec::new(),
            but: None,
        };
        let name = table.full_name();
        table.but = BUT.iter().find(|(table, _)| *table == name).map(|(_, but)| *but);
        let mut pairs = Vec::new();
        for pair in row.try_get::<Vec<String>, _>("refs")? {
            let [here, target, there] = pair.split(' ').collect::<Vec<_>>()[..] else {
                return Err(Error::Refused(format!("{name} has a name with a blank in it")));
            };
            table.is_circular |= target == name;
            if target != name {
                table.points_at.insert(target.to_owned());
            }
            pairs.push((here.to_owned(), target.to_owned(), there.to_owned()));
        }
        table.refs.clone_from(&pairs);
        refs.insert(name, pairs);
        found.push(table);
    }
    mark_members(&mut found, &refs);
    sorted(found)
}

/// A column that points at `platform.members (user_id)`, at however many steps, holds a person.
fn mark_members(tables: &mut [Table], refs: &BTreeMap<String, Vec<(String, String, String)>>) {
    let mut people: BTreeSet<(String, String)> = [("platform.members".to_owned(), "user_id".to_owned())].into();
    loop {
        let before = people.len();
        for (table, pairs) in refs {
            for (here, target, there) in pairs {
                if people.contains(&(target.clone(), there.clone())) {
                    people.insert((table.clone(), here.clone()));
                }
            }
        }
        if people.len() == before {
            break;
        }
    }
    for table in tables {
        let name = table.full_name();
        let own = people.iter().filter(|(of, _)| *of == name);
        table.members = own.map(|(_, column)| column.clone()).collect();
    }
}

fn sorted(mut tables: Vec<Table>) -> Result<Vec<Table>, Error> {
    let mut placed = BTreeSet::new();
    let mut order = Vec::with_capacity(tables.len());
    while !tables.is_empty() {
        let before = tables.len();
        let (ready, waiting): (Vec<Table>, Vec<Table>) =
            tables.into_iter().partition(|table| table.points_at.is_subset(&placed));
        placed.extend(ready.iter().map(Table::full_name));
        order.extend(ready);
        tables = waiting;
        if tables.len() == before {
            let names: Vec<String> = tables.iter().map(Table::full_name).collect();
            return Err(Error::Refused(format!(
                "these tables point at each other: {}",
                names.join(", ")
            )));
        }
    }
    Ok(order)
}
