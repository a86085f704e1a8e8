-- A commit seals what its own transaction wrote and nothing else: a history that somebody slipped in stays outside the chain,
-- where the verifier finds it, however much is written after it.

create or replace function platform.seal_history(organization uuid, since uuid) returns bigint
    language plpgsql
    security invoker
    set search_path = pg_catalog
    -- Its plans are kept for any value of `since`, after which there are few rows and seem to be many: by the keys, always.
    set enable_seqscan = off
    set enable_hashjoin = off
    set enable_mergejoin = off
    -- Behind an import of many thousand rows everybody else of the organization waits rather than fails.
    set lock_timeout = '15s'
as $$
declare
    head platform.audit_heads;
    ids uuid[];
    contents bytea[];
    hashes bytea[] := '{}';
    link bytea;
    added bigint;
    is_first boolean := false;
begin
    -- What can be seen and is in progress is of this transaction, or of one of its savepoints.
    ids := array(
        select h.id from platform.history h
        where h.organization_id = organization and h.id > since
            and pg_xact_status((pg_current_xact_id_if_assigned()::text::bigint - age(h.xmin))::text::xid8) = 'in progress'
        order by h.id
    );
    if cardinality(ids) = 0 then
        return 0;
    end if;
    -- An archive brings its chain along.
    ids := array(
        select fresh.id from unnest(ids) as fresh (id)
        where not exists (
            select from platform.audit_chain c where c.organization_id = organization and c.history_id = fresh.id
        )
        order by fresh.id
    );
    if cardinality(ids) = 0 then
        return 0;
    end if;

    -- Most of the work comes before the lock, which others wait for.
    contents := array(
        select platform.history_content(h) from platform.history h
        where h.organization_id = organization and h.id = any (ids)
        order by h.id
    );
    select * into head from platform.audit_heads where organization_id = organization for update;
    if not found then
        insert into platform.audit_heads (organization_id, seq, hash, sealed_at)
        values (organization, 0, decode(repeat('00', 32), 'hex'), now())
        on conflict (organization_id) do nothing;
        get diagnostics added = row_count;
        is_first := added = 1;
        select * into strict head from platform.audit_heads where organization_id = organization for update;
    end if;
    -- The chain of an organization that is older than chains begins with everything that is there.
    if is_first then
        ids := array(
            select h.id from platform.history h
            where h.organization_id = organization
                and not exists (
                    select from platform.audit_chain c where c.organization_id = organization and c.history_id = h.id
                )
            order by h.id
        );
        contents := array(
            select platform.history_content(h) from platform.history h
            where h.organization_id = organization and h.id = any (ids)
            order by h.id
        );
    end if;

    link := head.hash;
    added := cardinality(ids);
    for place in 1 .. added loop
        link := sha256(link || convert_to(organization::text || ':' || (head.seq + place)::text, 'UTF8') || contents[place]);
        hashes := hashes || link;
    end loop;
    insert into platform.audit_chain (organization_id, seq, history_id, content, hash)
    select organization, head.seq + entry.place, entry.id, entry.content, entry.hash
    from unnest(ids, contents, hashes) with ordinality as entry (id, content, hash, place);
    update platform.audit_heads
    set seq = head.seq + added, hash = link, sealed_at = now()
    where organization_id = organization;
    return added;
end
$$;
comment on function platform.seal_history(uuid, uuid) is 'Adds what a transaction wrote into histories to the chain.';
