-- Who has to agree, and what was asked of whom.

create table workflow.approval_chains (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    name text not null,
    description text,
    workflow_template_id uuid,
    levels bigint not null,
    is_sequential boolean not null,
    allow_delegation boolean not null,
    auto_escalate boolean not null,
    escalation_hours bigint not null,
    escalation_chain_id uuid,
    is_active boolean not null,
    constraint approval_chains_pkey primary key (organization_id, id),
    constraint approval_chains_workflow_template_id_fkey foreign key (organization_id, workflow_template_id)
        references workflow.workflow_templates (organization_id, id),
    constraint approval_chains_levels_check check (levels >= 1),
    constraint approval_chains_escalation_hours_check check (escalation_hours >= 1),
    constraint approval_chains_escalation_chain_id_fkey foreign key (organization_id, escalation_chain_id)
        references workflow.approval_chains (organization_id, id)
);
create index approval_chains_workflow_template_id_idx
    on workflow.approval_chains (organization_id, workflow_template_id);
create index approval_chains_escalation_chain_id_idx
    on workflow.approval_chains (organization_id, escalation_chain_id);
select platform.tenant_table('workflow.approval_chains');

create table workflow.approval_chain_approvers (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    approval_chain_id uuid not null,
    approver uuid,
    approver_role text,
    level bigint not null,
    is_required boolean not null,
    sort_order bigint not null,
    constraint approval_chain_approvers_pkey primary key (organization_id, id),
    constraint approval_chain_approvers_approval_chain_id_fkey foreign key (organization_id, approval_chain_id)
        references workflow.approval_chains (organization_id, id),
    constraint approval_chain_approvers_approver_fkey foreign key (organization_id, approver)
        references platform.members (organization_id, user_id),
    constraint approval_chain_approvers_level_check check (level >= 1),
    constraint approval_chain_approvers_sort_order_check check (sort_order >= 0)
);
create index approval_chain_approvers_approval_chain_id_idx
    on workflow.approval_chain_approvers (organization_id, approval_chain_id);
create index approval_chain_approvers_approver_idx on workflow.approval_chain_approvers (organization_id, approver);
select platform.tenant_table('workflow.approval_chain_approvers');

create table workflow.approval_requests (
    organization_id uuid not null,
    id uuid not null,
    version bigint not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    workflow_instance_id uuid not null,
    approval_chain_id uuid,
    approval_chain_approver_id uuid,
    step_index bigint not null,
    round bigint not null,
    level bigint not null,
    is_required boolean not null,
    requested_by uuid,
    approver uuid,
    approver_role text,
    allow_delegation boolean not null,
    status text not null,
    delegated_to uuid,
    delegated_at timestamptz,
    decided_by uuid,
    approved_at timestamptz,
    rejected_at timestamptz,
    comments text,
    expires_at timestamptz,
    expired_at timestamptz,
    escalation_level bigint not null,
    constraint approval_requests_pkey primary key (organization_id, id),
    constraint approval_requests_workflow_instance_id_fkey foreign key (organization_id, workflow_instance_id)
        references workflow.workflow_instances (organization_id, id),
    constraint approval_requests_approval_chain_id_fkey foreign key (organization_id, approval_chain_id)
        references workflow.approval_chains (organization_id, id),
    constraint approval_requests_approval_chain_approver_id_fkey
        foreign key (organization_id, approval_chain_approver_id)
        references workflow.approval_chain_approvers (organization_id, id),
    constraint approval_requests_step_index_check check (step_index >= 0),
    constraint approval_requests_round_check check (round >= 1),
    constraint approval_requests_level_check check (level >= 1),
    constraint approval_requests_requested_by_fkey foreign key (organization_id, requested_by)
        references platform.members (organization_id, user_id),
    constraint approval_requests_approver_fkey foreign key (organization_id, approver)
        references platform.members (organization_id, user_id),
    constraint approval_requests_status_check check (
        status in ('pending', 'approved', 'rejected', 'delegated', 'expired', 'closed')
    ),
    constraint approval_requests_delegated_to_fkey foreign key (organization_id, delegated_to)
        references platform.members (organization_id, user_id),
    constraint approval_requests_decided_by_fkey foreign key (organization_id, decided_by)
        references platform.members (organization_id, user_id),
    constraint approval_requests_escalation_level_check check (escalation_level >= 0)
);
create index approval_requests_approval_chain_id_idx
    on workflow.approval_requests (organization_id, approval_chain_id);
create index approval_requests_approval_chain_approver_id_idx
    on workflow.approval_requests (organization_id, approval_chain_approver_id);
create index approval_requests_requested_by_idx on workflow.approval_requests (organization_id, requested_by);
create index approval_requests_approver_idx on workflow.approval_requests (organization_id, approver);
create index approval_requests_delegated_to_idx on workflow.approval_requests (organization_id, delegated_to);
create index approval_requests_decided_by_idx on workflow.approval_requests (organization_id, decided_by);
create index approval_requests_status_expires_at_idx
    on workflow.approval_requests (organization_id, status, expires_at);
create index approval_requests_workflow_instance_id_status_idx
    on workflow.approval_requests (organization_id, workflow_instance_id, status);
select platform.tenant_table('workflow.approval_requests');
