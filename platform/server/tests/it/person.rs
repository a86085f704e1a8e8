//! What is held about a courier, told and made undone through the built program.
#![expect(clippy::print_stdout, reason = "figures are a report to read")]

use std::collections::{BTreeMap, BTreeSet};

use sqlx::Row;
use uuid::Uuid;

use crate::operator::{IN_A_FILE, Place, alive, sql, upload};

/// A courier asks what is held about him, then to be forgotten.
pub async fn a_courier_is_told_and_forgotten(here: &Place, organization: Uuid) {
    const NOTE: &str = "canary of what somebody noted about the courier";
    upload(here, organization).await;
    let mut admin = here.admin().await;
    // As a server that runs has long done.
    let delivered = sqlx::query("update platform.outbox set delivered_at = now() where organization_id = $1");
    delivered.bind(organization).execute(&mut admin).await.unwrap();
    let paper = "update fleet.documents set file_id = $2, document_number = 'canary of a number' where organization_id = $1
        and id = (select d.id from fleet.documents d join fleet.couriers c on c.organization_id = $1 and c.id = d.courier_id
            where d.organization_id = $1 and c.iqama_number is not null and c.mobile_number is not null order by d.id limit 1)
        returning courier_id";
    let courier: Uuid = sqlx::query_scalar(paper)
        .bind(organization)
        .bind(Uuid::from_u128(77))
        .fetch_one(&mut admin)
        .await
        .unwrap();
    let noted = "update fleet.couriers set notes = $3 where organization_id = $1 and id = $2
        returning full_name, mobile_number, iqama_number";
    let row = sqlx::query(noted).bind(organization).bind(courier).bind(NOTE);
    let row = row.fetch_one(&mut admin).await.unwrap();
    let said: [String; 3] = std::array::from_fn(|place| row.get(place));
    let (record, name) = (format!("fleet.couriers/{courier}"), "Red Sea Couriers");

    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("courier.zip");
    let told = here.well(&["person", "export", name, &record, file.to_str().unwrap()]);
    let mut zip = zip::ZipArchive::new(std::fs::File::open(&file).unwrap()).unwrap();
    let mut entries: BTreeMap<String, String> = BTreeMap::new();
    for place in 0..zip.len() {
        let mut entry = zip.by_index(place).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut entry, &mut text).unwrap();
        entries.insert(entry.name().unwrap().into_owned(), text);
    }
    // Every table that points at couriers, found in another way than the archive finds them.
    let pointing = "select distinct k.table_schema || '.' || k.table_name, k.column_name::text
        from information_schema.referential_constraints r
        join information_schema.key_column_usage k using (constraint_schema, constraint_name)
        join information_schema.table_constraints t on t.constraint_schema = r.unique_constraint_schema
            and t.constraint_name = r.unique_constraint_name
        where t.table_schema = 'fleet' and t.table_name = 'couriers' and k.column_name <> 'organization_id'";
    let mut wanted: BTreeMap<String, BTreeSet<Uuid>> = BTreeMap::new();
    for row in sqlx::query(pointing).fetch_all(&mut admin).await.unwrap() {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        let text =
            format!("select id from {table} where organization_id = '{organization}' and {column} = '{courier}'");
        let ids: Vec<Uuid> = sqlx::query_scalar(sql(text)).fetch_all(&mut admin).await.unwrap();
        wanted.entry(table).or_default().extend(ids);
    }
    wanted.retain(|_, ids| !ids.is_empty());
    let rows: usize = wanted.values().map(BTreeSet::len).sum();
    assert!(wanted.len() >= 8 && rows >= 50, "{wanted:?}");
    for (table, ids) in &wanted {
        let lines = entries
            .get(&format!("tables/{table}.ndjson"))
            .map_or("", String::as_str);
        for id in ids {
            assert!(lines.contains(&id.to_string()), "{table} {id} is missing\n{told}");
        }
    }
    let all: String = entries.values().cloned().collect();
    for canary in said.iter().map(String::as_str).chain([NOTE, IN_A_FILE]) {
        assert!(all.contains(canary), "{canary}");
    }
    assert!(
        entries["histories.ndjson"].contains(&said[0]),
        "sealed values of histories are opened"
    );
    let customers = "select distinct customer_phone from operations.deliveries
        where organization_id = $1 and courier_id = $2 and customer_phone is not null";
    let customers: Vec<String> = sqlx::query_scalar(customers)
        .bind(organization)
        .bind(courier)
        .fetch_all(&mut admin)
        .await
        .unwrap();
    assert!(
        !customers.is_empty() && customers.iter().all(|phone| !all.contains(phone)),
        "{customers:?}"
    );

    let canaries: BTreeSet<String> = said
        .iter()
        .map(String::as_str)
        .chain([NOTE, "canary of a number"])
        .map(str::to_owned)
        .collect();
    assert_eq!(alive(here, &canaries), canaries, "each can be found while it is there");
    let refused = here.answering(&["person", "erase", name, &record], "no\n");
    assert!(
        refused.code == 1 && refused.err.contains("nothing was erased"),
        "{}",
        refused.err
    );
    let erased = here.well(&["person", "erase", name, &record, "--yes"]);
    // The other organization uploaded the same file.
    let path = here.data.path().join("files").join(organization.to_string());
    assert!(!path.join(Uuid::from_u128(77).to_string()).exists());
    assert_eq!(alive(here, &canaries), BTreeSet::new(), "{erased}");
    let redactions = here.data.path().join(format!("audit/{organization}.redactions.ndjson"));
    let redacted = std::fs::read_to_string(redactions).unwrap().lines().count();
    assert!(
        redacted >= 20,
        "the demonstration's workflow forms tell of him: {erased}"
    );
    // Others are still called what they are called.
    let others = "select count(*) from fleet.couriers where organization_id = $1 and full_name like '%erased%'";
    let emptied: i64 = sqlx::query_scalar(others)
        .bind(organization)
        .fetch_one(&mut admin)
        .await
        .unwrap();
    assert_eq!(emptied, 1);
    here.well(&["audit", "verify", "--organization", name]);
    let again = outside.path().join("again.zip");
    here.well(&["person", "export", name, &record, again.to_str().unwrap()]);
    println!(
        "CHECK A20 pass courier: {rows}/{rows} rows of {} tables that point at him in the export, histories opened, {} customers \
        left out; {} canaries found before, 0 left after erasing; {redacted} histories redacted and signed, chain whole",
        wanted.len(),
        customers.len(),
        canaries.len() + 1,
    );
}
