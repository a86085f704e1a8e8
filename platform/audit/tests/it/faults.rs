//! A16: whatever somebody with all rights on the database does to a chain, the verifier says where it is torn.

use std::sync::Arc;

use platform_audit::{Anchors, Fault, anchor, verify};
use platform_core::{Platform, ids};
use serde_json::json;
use sqlx::{Executor, PgConnection};
use uuid::Uuid;

use crate::shared::{DATA, VANS, admin, begin, create, platform};

/// Entries before the anchor, and all of them.
const ANCHORED: i64 = 24;
const ENTRIES: i64 = 30;
/// Where each fault is tried: first, second, in the middle, last that is anchored, after the anchor, last but one, last.
const PLACES: [i64; 7] = [1, 2, 12, ANCHORED, ANCHORED + 2, ENTRIES - 1, ENTRIES];

/// Statements of a superuser: `$1` is the organization, `$2` the number of the entry. Each is tried at every place that `fits`.
struct Planted {
    name: &'static str,
    sql: &'static [&'static str],
    fits: fn(i64) -> bool,
    /// What the first finding says, and how far it may be from the place: an entry that was moved tears the one after, too.
    says: &'static [Fault],
}

const fn everywhere(_: i64) -> bool {
    true
}

const fn anchored(place: i64) -> bool {
    place <= ANCHORED
}

const fn not_last(place: i64) -> bool {
    place < ENTRIES
}

const HISTORY: &str = "h.organization_id = $1 and h.id = (select c.history_id from platform.audit_chain c
    where c.organization_id = $1 and c.seq = $2)";

/// Rehashes everything from an entry on, as the application would have written it, and moves the head.
const REHASH: &str = "do $do$
    declare organization uuid := current_setting('test.organization')::uuid;
        place bigint := current_setting('test.place')::bigint; link bytea; entry record;
    begin
        select hash into link from platform.audit_chain where organization_id = organization and seq = place - 1;
        link := coalesce(link, decode(repeat('00', 32), 'hex'));
        for entry in select c.seq, c.history_id, h.id as row_id from platform.audit_chain c
            left join platform.history h on h.organization_id = c.organization_id and h.id = c.history_id
            where c.organization_id = organization and c.seq >= place order by c.seq
        loop
            update platform.audit_chain c set content = platform.history_content(h)
            from platform.history h where c.organization_id = organization and c.seq = entry.seq
                and h.organization_id = organization and h.id = entry.history_id;
            update platform.audit_chain c
            set hash = sha256(link || convert_to(organization::text || ':' || c.seq::text, 'UTF8') || c.content)
            where c.organization_id = organization and c.seq = entry.seq returning c.hash into link;
        end loop;
        update platform.audit_heads set hash = link where organization_id = organization;
    end $do$";

fn planted() -> Vec<Planted> {
    const EDITED: &[Fault] = &[Fault::Edited];
    let edit = |name, sql| Planted {
        name,
        sql,
        fits: everywhere,
        says: EDITED,
    };
    vec![
        edit("values edited", &["update platform.history h set changes = jsonb_set(changes, '{name,after}', '\"x\"') where $H"]),
        edit("a value added", &["update platform.history h set changes = changes || '{\"extra\": {\"after\": 1}}' where $H"]),
        edit("values removed", &["update platform.history h set changes = '{}' where $H"]),
        edit("actor edited", &["update platform.history h set actor_id = gen_random_uuid() where $H"]),
        edit("actor's name edited", &["update platform.history h set actor_name = 'somebody else' where $H"]),
        edit("on behalf of edited", &["update platform.history h set on_behalf_of = gen_random_uuid() where $H"]),
        edit("verb edited", &["update platform.history h set verb = 'read' where $H"]),
        edit("kind of record edited", &["update platform.history h set resource = 'yard.drivers' where $H"]),
        edit("record edited", &["update platform.history h set record_id = gen_random_uuid() where $H"]),
        edit("request edited", &["update platform.history h set request_id = 'x' where $H"]),
        edit("time moved by a microsecond", &["update platform.history h set at = at + interval '1 microsecond' where $H"]),
        Planted {
            name: "history deleted",
            sql: &["delete from platform.history h where $H"],
            fits: everywhere,
            says: &[Fault::Deleted],
        },
        Planted {
            name: "history deleted with its entry",
            sql: &[
                "delete from platform.history h where $H",
                "delete from platform.audit_chain where organization_id = $1 and seq = $2",
            ],
            fits: everywhere,
            says: &[Fault::Missing, Fault::Head],
        },
        Planted {
            name: "history and entry deleted, the others moved up",
            sql: &[
                "delete from platform.history h where $H",
                "delete from platform.audit_chain where organization_id = $1 and seq = $2",
                "update platform.audit_chain set seq = seq + 1000 where organization_id = $1 and seq > $2",
                "update platform.audit_chain set seq = seq - 1001 where organization_id = $1 and seq > $2",
                "update platform.audit_heads set seq = seq - 1 where organization_id = $1 and $2::bigint > 0",
            ],
            fits: not_last,
            says: &[Fault::Unlinked],
        },
        Planted {
            name: "history slipped in without an entry",
            sql: &["insert into platform.history select organization_id, gen_random_uuid(), resource, record_id, verb, actor_id,
                actor_name, on_behalf_of, request_id, at, changes from platform.history h where $H"],
            fits: everywhere,
            says: &[Fault::Unsealed],
        },
        Planted {
            name: "history slipped in with an entry",
            sql: &[
                "update platform.audit_chain set seq = seq + 1000 where organization_id = $1 and seq > $2",
                "update platform.audit_chain set seq = seq - 999 where organization_id = $1 and seq > $2 + 1",
                "insert into platform.history select organization_id, '0190aaaa-0000-7000-8000-000000000001', resource, record_id,
                    verb, actor_id, actor_name, on_behalf_of, request_id, at, changes from platform.history h where $H",
                "insert into platform.audit_chain select h.organization_id, $2 + 1, h.id, platform.history_content(h), c.hash
                    from platform.history h, platform.audit_chain c where h.organization_id = $1
                    and h.id = '0190aaaa-0000-7000-8000-000000000001' and c.organization_id = $1 and c.seq = $2",
                "update platform.audit_heads set seq = seq + 1 where organization_id = $1 and $2::bigint > 0",
            ],
            fits: everywhere,
            says: &[Fault::Unlinked],
        },
        Planted {
            name: "two entries in the other order",
            sql: &[
                "update platform.audit_chain set seq = 100000 where organization_id = $1 and seq = $2",
                "update platform.audit_chain set seq = $2 where organization_id = $1 and seq = $2 + 1",
                "update platform.audit_chain set seq = $2 + 1 where organization_id = $1 and seq = 100000",
            ],
            fits: not_last,
            says: &[Fault::Unlinked],
        },
        Planted {
            name: "histories of two entries exchanged",
            sql: &[
                "update platform.history h set id = '0190aaaa-0000-7000-8000-000000000002' where $H",
                "update platform.history h set id = (select history_id from platform.audit_chain
                    where organization_id = $1 and seq = $2) where h.organization_id = $1
                    and h.id = (select history_id from platform.audit_chain where organization_id = $1 and seq = $2 + 1)",
                "update platform.history h set id = (select history_id from platform.audit_chain
                    where organization_id = $1 and seq = $2 + 1) where h.organization_id = $1
                    and h.id = '0190aaaa-0000-7000-8000-000000000002'",
            ],
            fits: not_last,
            says: EDITED,
        },
        Planted {
            name: "tail cut off",
            sql: &[
                "delete from platform.history h where h.organization_id = $1 and h.id in (select c.history_id
                    from platform.audit_chain c where c.organization_id = $1 and c.seq >= $2)",
                "delete from platform.audit_chain where organization_id = $1 and seq >= $2",
            ],
            fits: everywhere,
            says: &[Fault::Head],
        },
        Planted {
            name: "tail cut off and the head set back",
            sql: &[
                "delete from platform.history h where h.organization_id = $1 and h.id in (select c.history_id
                    from platform.audit_chain c where c.organization_id = $1 and c.seq >= $2)",
                "delete from platform.audit_chain where organization_id = $1 and seq >= $2",
                "update platform.audit_heads set seq = $2 - 1, hash = coalesce((select hash from platform.audit_chain
                    where organization_id = $1 and seq = $2 - 1), decode(repeat('00', 32), 'hex')) where organization_id = $1",
            ],
            fits: anchored,
            says: &[Fault::Truncated],
        },
        Planted {
            name: "history edited and the chain written anew",
            sql: &["update platform.history h set actor_name = 'somebody else' where $H", REHASH],
            fits: anchored,
            says: &[Fault::Rewritten],
        },
        Planted {
            name: "everything removed",
            sql: &[
                "delete from platform.history where organization_id = $1 and $2::bigint > 0",
                "delete from platform.audit_chain where organization_id = $1 and $2::bigint > 0",
                "delete from platform.audit_heads where organization_id = $1 and $2::bigint > 0",
            ],
            fits: |place| place == 1,
            says: &[Fault::Truncated],
        },
        Planted {
            name: "history moved to another organization",
            sql: &["update platform.history h set organization_id = gen_random_uuid() where $H"],
            fits: everywhere,
            says: &[Fault::Deleted],
        },
        Planted {
            name: "head set back",
            sql: &["update platform.audit_heads set seq = $2 - 1 where organization_id = $1"],
            fits: everywhere,
            says: &[Fault::Head],
        },
    ]
}

/// An organization with histories, the first part of them anchored.
async fn organization(platform: &Arc<Platform>) -> Uuid {
    let organization = ids::new_id();
    for number in 1..=ENTRIES {
        let row = json!({"name": format!("van {number}"), "price": "10.00"});
        create(platform, organization, &VANS, row).await.unwrap();
        if number == ANCHORED {
            let mut cx = begin(platform, organization).await;
            assert_eq!(anchor(&mut cx).await.unwrap().unwrap().seq, ANCHORED);
            cx.rollback().await.unwrap();
        }
    }
    organization
}

const KEPT: [&str; 3] = ["history", "audit_chain", "audit_heads"];

async fn keep(connection: &mut PgConnection, organization: Uuid) {
    for table in KEPT {
        let sql = format!(
            "create temp table kept_{table} as select * from platform.{table} where organization_id = '{organization}'"
        );
        run(connection, sql).await;
    }
}

async fn restore(connection: &mut PgConnection, organization: Uuid) {
    for table in KEPT {
        run(
            connection,
            format!("delete from platform.{table} where organization_id = '{organization}'"),
        )
        .await;
        run(
            connection,
            format!(
                "delete from platform.{table} t using kept_{table} k where t.organization_id <> '{organization}' \
            and to_jsonb(t) ->> 'id' = to_jsonb(k) ->> 'id'"
            ),
        )
        .await;
        run(
            connection,
            format!("insert into platform.{table} select * from kept_{table}"),
        )
        .await;
    }
}

#[expect(clippy::disallowed_methods, reason = "a test plants faults with text of its own")]
async fn run(connection: &mut PgConnection, sql: String) {
    connection.execute(sqlx::AssertSqlSafe(sql)).await.unwrap();
}

#[tokio::test]
async fn every_fault_that_a_superuser_plants_is_found() {
    let platform = platform().await;
    let organization = organization(&platform).await;
    let whole = verify(&platform, organization).await.unwrap();
    assert!(whole.is_whole(), "{whole}");
    assert_eq!((whole.entries, whole.anchors), (ENTRIES, 1));
    let mut connection = admin().await;
    keep(&mut connection, organization).await;
    let (mut tried, mut found) = (0, 0);
    for fault in planted() {
        for place in PLACES.into_iter().filter(|place| (fault.fits)(*place)) {
            run(
                &mut connection,
                format!("set test.organization = '{organization}'; set test.place = '{place}'"),
            )
            .await;
            for sql in fault.sql {
                let sql = sql
                    .replace("$H", HISTORY)
                    .replace("$1", &format!("'{organization}'::uuid"));
                run(&mut connection, sql.replace("$2", &format!("{place}::bigint"))).await;
            }
            let report = verify(&platform, organization).await.unwrap();
            tried += 1;
            let first = report.first();
            assert!(first.is_some(), "{} at {place} was not found", fault.name);
            let first = first.unwrap();
            assert!(fault.says.contains(&first.fault), "{} at {place}: {report}", fault.name);
            // The first broken entry is named: the one itself, the next one where one is gone, the anchored one where all is new.
            let near = match first.fault {
                Fault::Unsealed => first.history_id.is_some(),
                Fault::Rewritten => first.seq == Some(ANCHORED),
                _ => first.seq.is_some_and(|seq| (place..=place + 1).contains(&seq)),
            };
            assert!(near, "{} at {place}: {report}", fault.name);
            found += 1;
            restore(&mut connection, organization).await;
            let whole = verify(&platform, organization).await.unwrap();
            assert!(whole.is_whole(), "after {} at {place}: {whole}", fault.name);
        }
    }
    assert!(tried >= 120, "{tried}");
    println!(
        "CHECK A16 pass {found}/{tried} planted faults found, {} kinds",
        planted().len()
    );
}

/// Ids of all sizes: before everything that is there, among it, and after whatever will be written.
#[tokio::test]
async fn a_history_that_was_slipped_in_stays_a_finding_whatever_is_written_after_it() {
    let platform = platform().await;
    let (organization, mut connection) = (ids::new_id(), admin().await);
    create(&platform, organization, &VANS, json!({"name": "van 1"}))
        .await
        .unwrap();
    // A transaction that is under way while they come sees them.
    let mut under_way = begin(&platform, organization).await;
    let row = crate::shared::object(json!({"name": "van 2"}));
    platform_engine::create_many(&mut under_way, &VANS, vec![row])
        .await
        .unwrap();
    let slipped = [ids::new_id(), Uuid::from_u128(1), Uuid::from_u128(u128::MAX)];
    for id in slipped {
        let sql = format!(
            "insert into platform.history select organization_id, '{id}', resource, record_id, verb, actor_id, actor_name, \
            on_behalf_of, request_id, at, changes from platform.history where organization_id = '{organization}' limit 1"
        );
        run(&mut connection, sql).await;
    }
    under_way.commit().await.unwrap();
    for number in 3..=5 {
        let row = json!({"name": format!("van {number}")});
        create(&platform, organization, &VANS, row).await.unwrap();
    }
    let report = verify(&platform, organization).await.unwrap();
    let found: Vec<_> = report
        .findings
        .iter()
        .map(|finding| (finding.fault, finding.history_id))
        .collect();
    for id in slipped {
        assert!(found.contains(&(Fault::Unsealed, Some(id))), "{id}: {found:?}");
    }
    assert_eq!((found.len(), report.entries), (slipped.len(), 5), "{report}");
    println!("CHECK A16 pass 3/3 histories that were slipped in are found after 4 more commits");
}

#[tokio::test]
async fn an_anchor_that_somebody_else_wrote_is_not_believed() {
    let platform = platform().await;
    let organization = ids::new_id();
    create(&platform, organization, &VANS, json!({"name": "one"}))
        .await
        .unwrap();
    let mut cx = begin(&platform, organization).await;
    let signed = anchor(&mut cx).await.unwrap().unwrap();
    assert_eq!(
        anchor(&mut cx).await.unwrap().unwrap().at,
        signed.at,
        "the same end is signed once"
    );
    cx.rollback().await.unwrap();
    let anchors = Anchors::open(DATA.path()).unwrap();
    assert!(signed.is_signed_by(&anchors.public_key()));
    let path = DATA.path().join("audit").join(format!("{organization}.ndjson"));
    let forged = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\"seq\":1", "\"seq\":2");
    std::fs::write(&path, forged).unwrap();
    let report = verify(&platform, organization).await.unwrap();
    let faults: Vec<Fault> = report.findings.iter().map(|finding| finding.fault).collect();
    assert!(faults.contains(&Fault::Forged), "{report}");
    std::fs::remove_file(&path).unwrap();
    assert!(
        verify(&platform, organization).await.unwrap().is_whole(),
        "too young to need one"
    );
    platform.clock.set(crate::shared::noon() + chrono::TimeDelta::days(3));
    let report = verify(&platform, organization).await.unwrap();
    assert_eq!(report.first().unwrap().fault, Fault::Unanchored);
}

#[tokio::test]
async fn writers_of_one_organization_make_one_chain() {
    let platform = platform().await;
    let organization = ids::new_id();
    let writers = (0..8).map(|writer| {
        let platform = platform.clone();
        tokio::spawn(async move {
            for number in 0..25 {
                // A refusal leaves no entry; a savepoint that is undone neither.
                let mut cx = begin(&platform, organization).await;
                let row = crate::shared::object(json!({"name": format!("van {writer} {number}")}));
                platform_engine::create_many(&mut cx, &VANS, vec![row.clone(), row.clone()])
                    .await
                    .unwrap();
                cx.db().execute("SAVEPOINT here").await.unwrap();
                platform_engine::create_many(&mut cx, &VANS, vec![row]).await.unwrap();
                cx.db().execute("ROLLBACK TO SAVEPOINT here").await.unwrap();
                if number % 5 == 0 {
                    cx.rollback().await.unwrap();
                } else {
                    cx.commit().await.unwrap();
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let report = verify(&platform, organization).await.unwrap();
    assert!(report.is_whole(), "{report}");
    assert_eq!(report.entries, 8 * 20 * 2);
}

#[tokio::test]
async fn many_rows_of_one_transaction_are_sealed_in_time() {
    let platform = platform().await;
    let organization = ids::new_id();
    let mut cx = begin(&platform, organization).await;
    let rows: Vec<_> = (0..20_000)
        .map(|n| crate::shared::object(json!({"name": format!("van {n}")})))
        .collect();
    platform_engine::create_many(&mut cx, &VANS, rows).await.unwrap();
    let began = std::time::Instant::now();
    cx.commit().await.unwrap();
    let sealed = began.elapsed();
    let report = verify(&platform, organization).await.unwrap();
    assert!(report.is_whole(), "{report}");
    assert_eq!(report.entries, 20_000);
    println!(
        "20,000 histories of one transaction were sealed and committed in {} ms",
        sealed.as_millis()
    );
}

#[tokio::test]
async fn the_application_may_not_change_what_is_sealed() {
    let target = crate::shared::target().await;
    let url = target.url(platform_database::Role::App);
    let mut connection = <PgConnection as sqlx::Connection>::connect(&url).await.unwrap();
    for sql in [
        "update platform.history set verb = 'x'",
        "delete from platform.history",
        "update platform.audit_chain set seq = 1",
        "delete from platform.audit_chain",
        "truncate platform.audit_chain",
        "delete from platform.audit_heads",
        "update platform.organization_keys set sealed_key = ''",
    ] {
        let refused = connection.execute(sql).await.unwrap_err();
        let code = refused
            .as_database_error()
            .unwrap()
            .code()
            .map(std::borrow::Cow::into_owned);
        assert_eq!(code.as_deref(), Some("42501"), "{sql}");
    }
}
