-- The histories of an organization as a chain: each entry holds the hash of the one before, so that an entry that was edited,
-- deleted, slipped in or moved no longer fits. And the keys that personal values in histories are sealed with.

-- Where the chain of an organization ends. Locked by whoever adds to it, from just before the commit to the commit.
create table platform.audit_heads (
    organization_id uuid not null,
    seq bigint not null,
    hash bytea not null,
    sealed_at timestamptz not null,
    constraint audit_heads_pkey primary key (organization_id),
    constraint audit_heads_seq_check check (seq >= 0),
    constraint audit_heads_hash_check check (octet_length(hash) = 32)
);
select platform.tenant_table('platform.audit_heads');
revoke delete on platform.audit_heads from barq_app;

-- It outlives the histories: of an organization that was erased only this is left. So nothing points at platform.history.
create table platform.audit_chain (
    organization_id uuid not null,
    seq bigint not null,
    history_id uuid not null,
    -- Of the row of platform.history, as platform.history_content makes it.
    content bytea not null,
    -- sha256(hash of the entry before | organization ':' seq | content); before the first stand 32 zero bytes.
    hash bytea not null,
    constraint audit_chain_pkey primary key (organization_id, seq),
    constraint audit_chain_seq_check check (seq >= 1),
    constraint audit_chain_content_check check (octet_length(content) = 32),
    constraint audit_chain_hash_check check (octet_length(hash) = 32)
);
create unique index audit_chain_history_id_key on platform.audit_chain (organization_id, history_id);
select platform.tenant_table('platform.audit_chain');
revoke update, delete on platform.audit_chain from barq_app;

-- The hash of a row of history. Each part carries its length, so that no two rows read the same; an absent part is a hyphen.
-- Values that were sealed enter as they are stored: destroying their key leaves the hash as it was.
create function platform.history_content(entry platform.history) returns bytea
    language sql
    immutable
    security invoker
    set search_path = pg_catalog
as $$
    select sha256(convert_to(concat_ws(
        ',',
        octet_length(entry.organization_id::text) || ':' || entry.organization_id::text,
        octet_length(entry.id::text) || ':' || entry.id::text,
        coalesce(octet_length(entry.actor_id::text) || ':' || entry.actor_id::text, '-'),
        coalesce(octet_length(entry.actor_name) || ':' || entry.actor_name, '-'),
        coalesce(octet_length(entry.on_behalf_of::text) || ':' || entry.on_behalf_of::text, '-'),
        octet_length(entry.verb) || ':' || entry.verb,
        octet_length(entry.resource) || ':' || entry.resource,
        octet_length(entry.record_id::text) || ':' || entry.record_id::text,
        coalesce(octet_length(entry.request_id) || ':' || entry.request_id, '-'),
        octet_length((extract(epoch from entry.at) * 1000000)::bigint::text)
            || ':' || (extract(epoch from entry.at) * 1000000)::bigint::text,
        '64:' || encode(sha256(convert_to(entry.changes::text, 'UTF8')), 'hex')
    ), 'UTF8'))
$$;
comment on function platform.history_content(platform.history) is 'What an entry of the audit chain says of a row of history.';
revoke execute on function platform.history_content(platform.history) from public;
grant execute on function platform.history_content(platform.history) to barq_app;

-- Adds the histories that the current transaction wrote to the chain of the organization; sent together with its COMMIT. Their
-- ids are greater than `since`, and of the rows that others wrote meanwhile those that can be seen are in the chain. The first
-- call for an organization takes in everything that is there.
create function platform.seal_history(organization uuid, since uuid) returns bigint
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
    ids := array(
        select h.id from platform.history h where h.organization_id = organization and h.id > since order by h.id
    );
    if cardinality(ids) = 0 then
        return 0;
    end if;
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
    -- Taken by somebody who could see them: they were written past a transaction of the application. Or the chain begins here.
    if is_first or exists (
        select from platform.audit_chain c where c.organization_id = organization and c.history_id = any (ids)
    ) then
        ids := array(
            select h.id from platform.history h
            where h.organization_id = organization
                and (is_first or h.id = any (ids))
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
revoke execute on function platform.seal_history(uuid, uuid) from public;
grant execute on function platform.seal_history(uuid, uuid) to barq_app;

-- One key per organization, sealed with the installation's. Destroying the row makes unreadable whatever was sealed with it.
create table platform.organization_keys (
    organization_id uuid not null,
    sealed_key bytea not null,
    created_at timestamptz not null,
    constraint organization_keys_pkey primary key (organization_id)
);
select platform.tenant_table('platform.organization_keys');
revoke update on platform.organization_keys from barq_app;

-- One key per record about a person, sealed with the organization's: the values in its history can be made unreadable alone.
create table platform.record_keys (
    organization_id uuid not null,
    record_id uuid not null,
    sealed_key bytea not null,
    constraint record_keys_pkey primary key (organization_id, record_id)
);
select platform.tenant_table('platform.record_keys');
revoke update on platform.record_keys from barq_app;
