-- Cash on delivery, its way to the bank, and the ledger of each step.

create table operations.cod_deposits (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    deposit_number text not null,
    status text not null,
    bank_name text,
    bank_account text,
    amount bigint,
    reference_number text,
    slip_file_id uuid,
    deposited_on date,
    deposited_by uuid,
    bank_amount bigint,
    bank_reference text,
    difference bigint,
    reconciled_at timestamptz,
    reconciled_by uuid,
    cancel_reason text,
    notes text,
    constraint cod_deposits_pkey primary key (organization_id, id),
    constraint cod_deposits_status_check check (status in ('open', 'deposited', 'reconciled', 'cancelled')),
    constraint cod_deposits_amount_check check (amount >= 0),
    constraint cod_deposits_slip_file_id_fkey foreign key (organization_id, slip_file_id)
        references platform.files (organization_id, id),
    constraint cod_deposits_deposited_by_fkey foreign key (organization_id, deposited_by)
        references platform.members (organization_id, user_id),
    constraint cod_deposits_bank_amount_check check (bank_amount >= 0),
    constraint cod_deposits_reconciled_by_fkey foreign key (organization_id, reconciled_by)
        references platform.members (organization_id, user_id)
);
create unique index cod_deposits_deposit_number_key
    on operations.cod_deposits (organization_id, deposit_number) where deleted_at is null;
create index cod_deposits_slip_file_id_idx on operations.cod_deposits (organization_id, slip_file_id);
create index cod_deposits_deposited_by_idx on operations.cod_deposits (organization_id, deposited_by);
create index cod_deposits_reconciled_by_idx on operations.cod_deposits (organization_id, reconciled_by);
select platform.tenant_table('operations.cod_deposits');

create table operations.cod_transactions (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    cod_number text not null,
    status text not null,
    courier_id uuid not null,
    delivery_id uuid,
    amount bigint not null,
    collected_on date not null,
    collected_at timestamptz,
    collected_by uuid,
    cod_deposit_id uuid,
    deposited_on date,
    deposited_by uuid,
    reference_number text,
    receipt_number text,
    remitted_to text,
    reconciled_at timestamptz,
    reconciled_by uuid,
    cancelled_at timestamptz,
    cancel_reason text,
    notes text,
    constraint cod_transactions_pkey primary key (organization_id, id),
    constraint cod_transactions_status_check check (
        status in (
            'pending', 'collected', 'deposited', 'reconciled', 'cancelled'
        )
    ),
    constraint cod_transactions_courier_id_fkey foreign key (organization_id, courier_id)
        references fleet.couriers (organization_id, id),
    constraint cod_transactions_delivery_id_fkey foreign key (organization_id, delivery_id)
        references operations.deliveries (organization_id, id),
    constraint cod_transactions_amount_check check (amount > 0),
    constraint cod_transactions_collected_by_fkey foreign key (organization_id, collected_by)
        references platform.members (organization_id, user_id),
    constraint cod_transactions_cod_deposit_id_fkey foreign key (organization_id, cod_deposit_id)
        references operations.cod_deposits (organization_id, id),
    constraint cod_transactions_deposited_by_fkey foreign key (organization_id, deposited_by)
        references platform.members (organization_id, user_id),
    constraint cod_transactions_reconciled_by_fkey foreign key (organization_id, reconciled_by)
        references platform.members (organization_id, user_id)
);
create unique index cod_transactions_cod_number_key
    on operations.cod_transactions (organization_id, cod_number) where deleted_at is null;
create index cod_transactions_courier_id_idx on operations.cod_transactions (organization_id, courier_id);
create index cod_transactions_delivery_id_idx on operations.cod_transactions (organization_id, delivery_id);
create index cod_transactions_collected_by_idx on operations.cod_transactions (organization_id, collected_by);
create index cod_transactions_cod_deposit_id_idx on operations.cod_transactions (organization_id, cod_deposit_id);
create index cod_transactions_deposited_by_idx on operations.cod_transactions (organization_id, deposited_by);
create index cod_transactions_reconciled_by_idx on operations.cod_transactions (organization_id, reconciled_by);
-- A delivery's cash is entered once.
create unique index cod_transactions_delivery_id_key on operations.cod_transactions (organization_id, delivery_id)
    where status <> 'cancelled' and deleted_at is null;
create index cod_transactions_status_idx on operations.cod_transactions (organization_id, status, collected_on);
select platform.tenant_table('operations.cod_transactions');

create table operations.cod_ledger (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    ledger_number text not null,
    kind text not null,
    posted_on date not null,
    -- One row is one transfer: what the debit side gets, the credit side gives, so the ledger balances by its form.
    debit_account text not null,
    debit_courier_id uuid,
    credit_account text not null,
    credit_courier_id uuid,
    amount bigint not null,
    cod_transaction_id uuid,
    cod_deposit_id uuid,
    memo text,
    constraint cod_ledger_pkey primary key (organization_id, id),
    constraint cod_ledger_kind_check check (
        kind in (
            'delivery', 'collection', 'deposit', 'reconciliation', 'handover', 'reversal'
        )
    ),
    constraint cod_ledger_debit_account_check check (
        debit_account in (
            'courier_cash', 'supervisor_cash', 'bank', 'merchant_payable', 'courier_receivable', 'suspense'
        )
    ),
    constraint cod_ledger_debit_courier_id_fkey foreign key (organization_id, debit_courier_id)
        references fleet.couriers (organization_id, id),
    constraint cod_ledger_credit_account_check check (
        credit_account in (
            'courier_cash', 'supervisor_cash', 'bank', 'merchant_payable', 'courier_receivable', 'suspense'
        )
    ),
    constraint cod_ledger_credit_courier_id_fkey foreign key (organization_id, credit_courier_id)
        references fleet.couriers (organization_id, id),
    constraint cod_ledger_amount_check check (amount >= 0),
    constraint cod_ledger_cod_transaction_id_fkey foreign key (organization_id, cod_transaction_id)
        references operations.cod_transactions (organization_id, id),
    constraint cod_ledger_cod_deposit_id_fkey foreign key (organization_id, cod_deposit_id)
        references operations.cod_deposits (organization_id, id)
);
create unique index cod_ledger_ledger_number_key
    on operations.cod_ledger (organization_id, ledger_number) where deleted_at is null;
create index cod_ledger_debit_courier_id_idx on operations.cod_ledger (organization_id, debit_courier_id);
create index cod_ledger_credit_courier_id_idx on operations.cod_ledger (organization_id, credit_courier_id);
create index cod_ledger_cod_transaction_id_idx on operations.cod_ledger (organization_id, cod_transaction_id);
create index cod_ledger_cod_deposit_id_idx on operations.cod_ledger (organization_id, cod_deposit_id);
create index cod_ledger_posted_on_idx on operations.cod_ledger (organization_id, posted_on, id);
select platform.tenant_table('operations.cod_ledger');
