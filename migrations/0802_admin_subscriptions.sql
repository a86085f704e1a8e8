-- The organization's plan. Rows are written by the operator; the organization can ask and cancel.

create table admin.subscriptions (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    plan text not null,
    status text not null,
    started_on date not null,
    trial_ends_at timestamptz,
    billing_period text,
    price bigint,
    period_starts_on date,
    period_ends_on date,
    max_users bigint,
    max_couriers bigint,
    max_vehicles bigint,
    requested_plan text,
    requested_at timestamptz,
    suspended_at timestamptz,
    cancelled_at timestamptz,
    cancel_reason text,
    constraint subscriptions_pkey primary key (organization_id, id),
    constraint subscriptions_plan_check check (plan in ('free', 'basic', 'professional', 'enterprise')),
    constraint subscriptions_status_check check (status in ('trial', 'active', 'suspended', 'cancelled')),
    constraint subscriptions_billing_period_check check (billing_period in ('monthly', 'yearly')),
    constraint subscriptions_price_check check (price >= 0),
    constraint subscriptions_max_users_check check (max_users >= 0),
    constraint subscriptions_max_couriers_check check (max_couriers >= 0),
    constraint subscriptions_max_vehicles_check check (max_vehicles >= 0),
    constraint subscriptions_requested_plan_check check (
        requested_plan in (
            'free', 'basic', 'professional', 'enterprise'
        )
    )
);
create index subscriptions_status_idx on admin.subscriptions (organization_id, status);
select platform.tenant_table('admin.subscriptions');
