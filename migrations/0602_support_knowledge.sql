-- What people can read before they ask.

create table support.kb_categories (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    slug text not null,
    description text,
    parent_id uuid,
    icon text,
    position bigint not null,
    is_active boolean not null,
    is_public boolean not null,
    constraint kb_categories_pkey primary key (organization_id, id),
    constraint kb_categories_parent_id_fkey foreign key (organization_id, parent_id)
        references support.kb_categories (organization_id, id),
    constraint kb_categories_position_check check (position between 0 and 9999)
);
create unique index kb_categories_slug_key on support.kb_categories (organization_id, slug) where deleted_at is null;
create index kb_categories_position_idx on support.kb_categories (organization_id, position, id);
create index kb_categories_parent_id_idx on support.kb_categories (organization_id, parent_id);
select platform.tenant_table('support.kb_categories');

create table support.kb_articles (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    title text not null,
    slug text not null,
    summary text,
    content text not null,
    category_id uuid,
    language text not null,
    tags text,
    status text not null,
    revision bigint not null,
    written_by uuid,
    meta_description text,
    published_at timestamptz,
    published_by uuid,
    view_count bigint not null,
    helpful_count bigint not null,
    not_helpful_count bigint not null,
    constraint kb_articles_pkey primary key (organization_id, id),
    constraint kb_articles_category_id_fkey foreign key (organization_id, category_id)
        references support.kb_categories (organization_id, id),
    constraint kb_articles_language_check check (language in ('en', 'ar')),
    constraint kb_articles_status_check check (status in ('draft', 'published', 'archived')),
    constraint kb_articles_revision_check check (revision between 1 and 999999),
    constraint kb_articles_written_by_fkey foreign key (organization_id, written_by)
        references platform.members (organization_id, user_id),
    constraint kb_articles_published_by_fkey foreign key (organization_id, published_by)
        references platform.members (organization_id, user_id),
    constraint kb_articles_view_count_check check (view_count between 0 and 999999999),
    constraint kb_articles_helpful_count_check check (helpful_count between 0 and 999999999),
    constraint kb_articles_not_helpful_count_check check (not_helpful_count between 0 and 999999999)
);
create unique index kb_articles_slug_key on support.kb_articles (organization_id, slug) where deleted_at is null;
create index kb_articles_status_idx on support.kb_articles (organization_id, status);
create index kb_articles_category_id_idx on support.kb_articles (organization_id, category_id);
create index kb_articles_written_by_idx on support.kb_articles (organization_id, written_by);
create index kb_articles_published_by_idx on support.kb_articles (organization_id, published_by);
select platform.tenant_table('support.kb_articles');

-- One vote of a person on an article; a change of mind changes it.
create table support.kb_votes (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    article_id uuid not null,
    voter uuid not null,
    is_helpful boolean not null,
    constraint kb_votes_pkey primary key (organization_id, id),
    constraint kb_votes_article_id_fkey foreign key (organization_id, article_id)
        references support.kb_articles (organization_id, id),
    constraint kb_votes_voter_fkey foreign key (organization_id, voter)
        references platform.members (organization_id, user_id)
);
create unique index kb_votes_article_id_key on support.kb_votes (organization_id, article_id, voter) where deleted_at is null;
create index kb_votes_article_id_idx on support.kb_votes (organization_id, article_id);
create index kb_votes_voter_idx on support.kb_votes (organization_id, voter);
select platform.tenant_table('support.kb_votes');

create table support.faqs (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    question text not null,
    answer text not null,
    category text not null,
    language text not null,
    position bigint not null,
    is_active boolean not null,
    view_count bigint not null,
    helpful_count bigint not null,
    not_helpful_count bigint not null,
    constraint faqs_pkey primary key (organization_id, id),
    constraint faqs_language_check check (language in ('en', 'ar')),
    constraint faqs_position_check check (position between 0 and 9999),
    constraint faqs_view_count_check check (view_count between 0 and 999999999),
    constraint faqs_helpful_count_check check (helpful_count between 0 and 999999999),
    constraint faqs_not_helpful_count_check check (not_helpful_count between 0 and 999999999)
);
create index faqs_position_idx on support.faqs (organization_id, position, id);
select platform.tenant_table('support.faqs');

-- One vote of a person on a question; a change of mind changes it.
create table support.faq_votes (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    faq_id uuid not null,
    voter uuid not null,
    is_helpful boolean not null,
    constraint faq_votes_pkey primary key (organization_id, id),
    constraint faq_votes_faq_id_fkey foreign key (organization_id, faq_id)
        references support.faqs (organization_id, id),
    constraint faq_votes_voter_fkey foreign key (organization_id, voter)
        references platform.members (organization_id, user_id)
);
create unique index faq_votes_faq_id_key on support.faq_votes (organization_id, faq_id, voter) where deleted_at is null;
create index faq_votes_faq_id_idx on support.faq_votes (organization_id, faq_id);
create index faq_votes_voter_idx on support.faq_votes (organization_id, voter);
select platform.tenant_table('support.faq_votes');
