-- What proves that a person reads the mail of an address, letters on their way, and more reasons for which sessions end.

alter table identity.users add column email_verified_at timestamptz;

-- The words grow with the product; what they look like stays.
alter table identity.sessions drop constraint sessions_ended_because_check;
alter table identity.sessions add constraint sessions_ended_because_check check (ended_because ~ '^[a-z][a-z_]{0,39}$');

-- One row is one link in a letter that still opens something.
create table identity.mail_tokens (
    -- SHA-256 of 32 random bytes, which are in the letter alone.
    token_hash bytea not null,
    purpose text not null,
    -- Nobody yet, for who wants to sign up.
    user_id uuid,
    -- Where the letter went: proves this address and no later one.
    email text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint mail_tokens_pkey primary key (token_hash),
    constraint mail_tokens_user_id_fkey foreign key (user_id) references identity.users (id),
    constraint mail_tokens_purpose_check check (purpose in ('password_reset', 'email_verification', 'sign_up')),
    constraint mail_tokens_token_hash_check check (octet_length(token_hash) = 32),
    constraint mail_tokens_email_check check (email = lower(email) and char_length(email) between 3 and 254),
    constraint mail_tokens_signed_up_check check (user_id is not null or purpose = 'sign_up')
);
create index mail_tokens_user_id_idx on identity.mail_tokens (user_id, purpose);
create index mail_tokens_expires_at_idx on identity.mail_tokens (expires_at);
comment on table identity.mail_tokens is 'scope: global: opened by a hash before anybody is signed in';

-- One row is one letter, or the wish for one: whether an address that was typed belongs to anybody is looked up by who sends, not
-- by the request, which is alike for all addresses.
create table identity.mails (
    id uuid not null,
    template text not null,
    recipient text not null,
    locale text not null,
    -- Whose administrators may see it in the outbox; nobody's, for what concerns the person alone.
    organization_id uuid,
    state text not null,
    -- What fills the letter's holes, and its link: sealed with the installation's key, gone when it was sent.
    sealed bytea,
    attempts bigint not null default 0,
    next_try_at timestamptz not null,
    -- Worth nothing to the reader any more.
    expires_at timestamptz not null,
    last_error text,
    sent_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint mails_pkey primary key (id),
    constraint mails_template_check check (template ~ '^[a-z][a-z_]{0,39}$'),
    constraint mails_recipient_check check (char_length(recipient) between 3 and 254),
    constraint mails_locale_check check (locale in ('en', 'ar')),
    constraint mails_state_check check (state in ('asked', 'waiting', 'sent', 'dead')),
    constraint mails_sealed_check check ((state = 'waiting') = (sealed is not null)),
    constraint mails_attempts_check check (attempts >= 0)
);
create index mails_due_idx on identity.mails (state, next_try_at) where state in ('asked', 'waiting');
create index mails_recipient_idx on identity.mails (recipient, template, created_at);
create index mails_organization_id_idx on identity.mails (organization_id, id);
comment on table identity.mails is 'scope: global: letters to people, of whom some belong to no organization yet';

grant select, insert, update, delete on identity.mail_tokens, identity.mails to barq_auth;
