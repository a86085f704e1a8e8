//! Who has to agree: levels, delegation, rejection, silence.

use serde_json::json;
use uuid::Uuid;
use workflow::{APPROVAL_CHAIN_APPROVERS, APPROVAL_CHAINS, APPROVAL_REQUESTS, WORKFLOW_INSTANCES, WORKFLOW_TEMPLATES};

use crate::world::{Person, World, id};

const OPEN: &str = "SELECT id::text FROM workflow.approval_requests WHERE organization_id = $1 \
    AND workflow_instance_id = $2 AND status IN ('pending', 'delegated') ORDER BY level, id";
const EVENTS: &str = "SELECT event_type FROM workflow.workflow_history WHERE organization_id = $1 AND \
     workflow_instance_id = $2 ORDER BY sequence";
const TOLD: &str = "SELECT notification_type FROM workflow.workflow_notifications WHERE organization_id = $1 AND \
     recipient = $2 ORDER BY id";

/// A published template with one approval, and a chain: level 1 {A must, B may}, level 2 {C must}.
pub struct Company<'a> {
    pub world: &'a World,
    pub requester: Person<'a>,
    pub a: Person<'a>,
    pub b: Person<'a>,
    pub c: Person<'a>,
    pub template: Uuid,
    pub chain: Uuid,
}

impl<'a> Company<'a> {
    pub async fn new(world: &'a World) -> Self {
        let (requester, a, b, c) = tokio::join!(
            world.member(""),
            world.member("fleet_manager"),
            world.member(""),
            world.member("hr_manager")
        );
        let job = world.job();
        let steps = json!([{"name": "Approval", "kind": "approval"}]);
        let template = id(&job
            .create(&WORKFLOW_TEMPLATES, json!({"name": "Leave", "steps": steps}))
            .await);
        job.act(&WORKFLOW_TEMPLATES, template, "publish", json!({}))
            .await
            .unwrap();
        let chain =
            json!({"name": "Two levels", "workflow_template_id": template, "levels": 2, "allow_delegation": true});
        let chain = id(&job.create(&APPROVAL_CHAINS, chain).await);
        for (person, level, is_required) in [(&a, 1, true), (&b, 1, false), (&c, 2, true)] {
            let place =
                json!({"approval_chain_id": chain, "approver": person.id, "level": level, "is_required": is_required});
            job.create(&APPROVAL_CHAIN_APPROVERS, place).await;
        }
        Self {
            world,
            requester,
            a,
            b,
            c,
            template,
            chain,
        }
    }

    /// A started workflow of the requester's.
    pub async fn started(&self) -> Uuid {
        let row = json!({"template_id": self.template, "subject": "Leave of Ali"});
        let instance = id(&self.requester.create(&WORKFLOW_INSTANCES, row).await);
        self.requester
            .act(&WORKFLOW_INSTANCES, instance, "start", json!({}))
            .await
            .unwrap();
        instance
    }

    /// Whoever is silent is replaced by another chain.
    pub async fn escalates_to(&self, chain: Uuid) {
        let mut cx = self.world.cx(platform_core::Mode::Write).await;
        let change = crate::world::object(&json!({"escalation_chain_id": chain}));
        platform_engine::change(&mut cx, &APPROVAL_CHAINS, self.chain, "update", change)
            .await
            .unwrap();
        cx.commit().await.unwrap();
    }

    pub async fn open(&self, instance: Uuid) -> Vec<Uuid> {
        let texts = self.world.texts(OPEN, instance).await;
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    pub async fn status(&self, instance: Uuid) -> String {
        let row = self.world.load(&WORKFLOW_INSTANCES, instance).await;
        row.text("status").unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_must_b_may_and_then_c_must() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let instance = company.started().await;
    assert_eq!(company.status(instance).await, "pending_approval");
    let first = company.open(instance).await;
    assert_eq!(first.len(), 2, "only the lowest level is asked");

    // C is not asked yet, the requester never; B's voice alone is not enough.
    let of_a = json!({});
    assert_eq!(
        company
            .c
            .act(&APPROVAL_REQUESTS, first[0], "approve", of_a.clone())
            .await,
        Err("not_your_request".into())
    );
    assert_eq!(
        company
            .requester
            .act(&APPROVAL_REQUESTS, first[0], "approve", of_a.clone())
            .await,
        Err("own_request".into())
    );
    company
        .a
        .act(&APPROVAL_REQUESTS, first[0], "approve", json!({"comments": "Fine"}))
        .await
        .unwrap();
    let second = company.open(instance).await;
    assert_eq!(second.len(), 2, "B may still decide, C is asked");
    assert_eq!(company.status(instance).await, "pending_approval");

    let of_c = second[1];
    assert_eq!(world.texts(TOLD, company.c.id).await, ["approval_required"]);
    company
        .c
        .act(&APPROVAL_REQUESTS, of_c, "approve", json!({}))
        .await
        .unwrap();
    assert_eq!(company.status(instance).await, "completed");
    assert!(company.open(instance).await.is_empty(), "what B was asked is closed");
    assert_eq!(
        company.a.act(&APPROVAL_REQUESTS, first[0], "approve", json!({})).await,
        Err("not_in_state".into())
    );
    assert_eq!(
        world.texts(TOLD, company.requester.id).await,
        ["approval_approved", "workflow_completed"]
    );
    let events = world.texts(EVENTS, instance).await;
    assert_eq!(
        events,
        [
            "created",
            "started",
            "status_changed",
            "assigned",
            "approved",
            "assigned",
            "approved",
            "approved",
            "completed"
        ]
    );
}

#[tokio::test]
async fn one_rejection_of_somebody_who_must_agree_rejects() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let instance = company.started().await;
    let asked = company.open(instance).await;
    // B need not agree, so his refusal decides nothing.
    company
        .b
        .act(&APPROVAL_REQUESTS, asked[1], "reject", json!({}))
        .await
        .unwrap();
    assert_eq!(company.status(instance).await, "pending_approval");
    company
        .a
        .act(&APPROVAL_REQUESTS, asked[0], "reject", json!({"comments": "Too long"}))
        .await
        .unwrap();
    let row = world.load(&WORKFLOW_INSTANCES, instance).await;
    assert_eq!(
        (row.text("status"), row.text("reject_reason")),
        (Some("rejected"), Some("Too long"))
    );
    assert!(company.open(instance).await.is_empty());

    // Reopened and sent again, the votes of the first round do not count.
    company
        .requester
        .act(&WORKFLOW_INSTANCES, instance, "reopen", json!({}))
        .await
        .unwrap();
    company
        .requester
        .act(&WORKFLOW_INSTANCES, instance, "submit", json!({}))
        .await
        .unwrap();
    assert_eq!(company.open(instance).await.len(), 2);
    assert_eq!(company.status(instance).await, "pending_approval");
}

#[tokio::test]
async fn a_delegated_vote_is_the_delegates_and_counts_once() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let delegate = world.member("").await;
    let instance = company.started().await;
    let request = company.open(instance).await[0];
    let to = |who: Uuid| json!({"delegated_to": who});
    let refused = company
        .a
        .act(&APPROVAL_REQUESTS, request, "delegate", to(company.requester.id))
        .await;
    assert_eq!(refused, Err("delegated_to_requester".into()));
    company
        .a
        .act(&APPROVAL_REQUESTS, request, "delegate", to(delegate.id))
        .await
        .unwrap();
    assert_eq!(world.texts(TOLD, delegate.id).await, ["approval_delegated"]);
    assert_eq!(company.open(instance).await.len(), 2, "the same request stays open");
    assert_eq!(
        company.a.act(&APPROVAL_REQUESTS, request, "approve", json!({})).await,
        Err("not_your_request".into())
    );
    delegate
        .act(&APPROVAL_REQUESTS, request, "approve", json!({}))
        .await
        .unwrap();
    let row = world.load(&APPROVAL_REQUESTS, request).await;
    assert_eq!(row.uuid("decided_by"), Some(delegate.id));
    assert_eq!(company.open(instance).await.len(), 2, "B and C");
}
