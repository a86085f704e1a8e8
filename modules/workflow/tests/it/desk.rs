//! Steps that wait for people, sealed histories, revisions of templates, and what members see on their desks.

use serde_json::{Value as Json, json};
use workflow::{APPROVAL_CHAINS, APPROVAL_REQUESTS, WORKFLOW_INSTANCES, WORKFLOW_TEMPLATES, WORKFLOW_TRIGGERS};

use crate::approvals::Company;
use crate::world::{World, id};

const STEPS: &str = "SELECT step_name || ' ' || status FROM workflow.workflow_step_history WHERE organization_id = \
     $1 AND workflow_instance_id = $2 ORDER BY id";
const TAMPER: &str = "UPDATE workflow.workflow_history SET description = 'Something else' WHERE organization_id = $1
    AND workflow_instance_id = $2 AND sequence = 2 RETURNING id::text";

const KEPT: &str = "SELECT to_jsonb(m)::text FROM workflow.workflow_metrics m WHERE m.organization_id = $1
    AND m.workflow_template_id = $2";

#[tokio::test]
async fn a_short_leave_skips_hr_and_a_long_one_does_not() {
    let world = World::new().await;
    let (job, asker) = (world.job(), world.member("courier").await);
    let (supervisor, hr) = (world.member("fleet_manager").await, world.member("hr_manager").await);
    let steps = json!([
        {"name": "Request", "kind": "action", "action": {"type": "auto_complete"}},
        {"name": "Supervisor", "kind": "approval", "assigned_role": "fleet_manager"},
        {"name": "HR", "kind": "approval", "assigned_role": "hr_manager",
         "conditions": [{"field": "days", "operator": "greater_than", "value": 5}]},
        {"name": "Handover", "kind": "action", "assigned_role": "fleet_manager"},
        {"name": "Tell", "kind": "notification"},
    ]);
    let template = id(&job
        .create(&WORKFLOW_TEMPLATES, json!({"name": "Leave", "steps": steps}))
        .await);
    let launch = async |days: i64| {
        let asked = json!({"subject": "Leave", "data": {"days": days}});
        asker
            .call("workflow.workflow_templates.launch", &[("id", template)], asked)
            .await
    };
    assert_eq!(launch(3).await.unwrap_err().code, "template_not_published");
    job.act(&WORKFLOW_TEMPLATES, template, "publish", json!({}))
        .await
        .unwrap();

    for (days, expected) in [
        (
            3,
            [
                "Request completed",
                "Supervisor completed",
                "HR skipped",
                "Handover completed",
                "Tell completed",
            ],
        ),
        (
            7,
            [
                "Request completed",
                "Supervisor completed",
                "HR completed",
                "Handover completed",
                "Tell completed",
            ],
        ),
    ] {
        let started = launch(days).await.unwrap();
        let instance = started["id"].as_str().unwrap().parse().unwrap();
        assert_eq!(started["status"], "pending_approval");
        let decided = async |person: &crate::world::Person<'_>, decision: &str| {
            let list = person.call("workflow.my_approvals.list", &[], json!({})).await.unwrap();
            let request = list["data"][0]["id"].as_str().map(|text| text.parse().unwrap())?;
            let asked = json!({"decision": decision, "comments": "Said so"});
            let answer = person
                .call("workflow.approval_requests.decide", &[("id", request)], asked)
                .await
                .unwrap();
            Some(answer["workflow_status"].clone())
        };
        assert_eq!(decided(&hr, "approved").await, None, "HR is not asked yet");
        // Sent back, put right and sent again.
        assert_eq!(decided(&supervisor, "returned").await, Some(json!("in_progress")));
        let path = [("id", instance)];
        asker
            .call(
                "workflow.workflow_instances.complete_step",
                &path,
                json!({"data": {"dates": "given"}}),
            )
            .await
            .unwrap();
        assert!(decided(&supervisor, "approved").await.is_some());
        if days > 5 {
            assert_eq!(decided(&hr, "approved").await, Some(json!("in_progress")));
        }
        let finish = "workflow.workflow_instances.complete_step";
        assert_eq!(
            asker.call(finish, &path, json!({})).await.unwrap_err().code,
            "step_of_somebody_else"
        );
        let tasks = supervisor.call("workflow.my_tasks.list", &[], json!({})).await.unwrap();
        assert_eq!(
            (&tasks["data"][0]["step"], &tasks["data"][1]),
            (&json!("Handover"), &Json::Null)
        );
        let own = asker
            .call("workflow.my_requests.list", &[], json!({"limit": 1}))
            .await
            .unwrap();
        assert_eq!(own["data"][0]["id"], started["id"]);
        let done = supervisor
            .call(finish, &path, json!({"result": "Keys returned"}))
            .await
            .unwrap();
        assert_eq!(done["status"], "completed");
        let steps = world.texts(STEPS, instance).await;
        let steps: Vec<&str> = steps
            .iter()
            .map(String::as_str)
            .filter(|step| !step.ends_with("returned"))
            .collect();
        assert_eq!(steps, expected, "{days} days");
    }
}

#[tokio::test]
async fn a_history_that_was_touched_is_found() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let instance = company.started().await;
    let verify = async || {
        let path = [("id", instance)];
        world
            .job()
            .call("workflow.workflow_instances.verify", &path, json!({}))
            .await
            .unwrap()
    };
    let before = verify().await;
    assert_eq!((&before["is_intact"], &before["events"]), (&json!(true), &json!(4)));
    assert_eq!(
        world.texts(TAMPER, instance).await.len(),
        1,
        "a superuser can; the application cannot"
    );
    let after = verify().await;
    assert_eq!(
        (&after["is_intact"], &after["first_broken"]),
        (&json!(false), &json!(2))
    );
}

#[tokio::test]
async fn a_revision_takes_the_place_of_the_one_before() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let job = world.job();
    let trigger = json!({"name": "By hand", "workflow_template_id": company.template, "trigger_type": "manual"});
    let trigger = id(&job.create(&WORKFLOW_TRIGGERS, trigger).await);
    let under_way = company.started().await;
    let clone = "workflow.workflow_templates.clone";
    let path = [("id", company.template)];
    let copy = job.call(clone, &path, json!({"is_revision": true})).await.unwrap();
    assert_eq!(copy["revision"], 2);
    let fresh = copy["id"].as_str().unwrap().parse().unwrap();
    assert!(
        world
            .load(&WORKFLOW_TEMPLATES, company.template)
            .await
            .is("status", "published"),
        "until it is published"
    );
    job.act(&WORKFLOW_TEMPLATES, fresh, "publish", json!({})).await.unwrap();
    assert!(
        world
            .load(&WORKFLOW_TEMPLATES, company.template)
            .await
            .is("status", "archived")
    );
    assert_eq!(
        world
            .load(&WORKFLOW_TRIGGERS, trigger)
            .await
            .uuid("workflow_template_id"),
        Some(fresh)
    );
    assert_eq!(
        world
            .load(&APPROVAL_CHAINS, company.chain)
            .await
            .uuid("workflow_template_id"),
        Some(fresh)
    );
    assert_eq!(
        world.load(&WORKFLOW_INSTANCES, under_way).await.uuid("template_id"),
        Some(company.template)
    );
    // What is under way goes on: C is asked after A, by the chain that has moved.
    let of_a = company.open(under_way).await[0];
    company
        .a
        .act(&APPROVAL_REQUESTS, of_a, "approve", json!({}))
        .await
        .unwrap();
    let of_c = *company.open(under_way).await.last().unwrap();
    company
        .c
        .act(&APPROVAL_REQUESTS, of_c, "approve", json!({}))
        .await
        .unwrap();
    assert_eq!(company.status(under_way).await, "completed");
}

#[tokio::test]
async fn members_read_what_they_were_told_and_say_how() {
    let world = World::new().await;
    let company = Company::new(&world).await;
    let unread = async || {
        company
            .a
            .call("workflow.my_notifications.list", &[], json!({}))
            .await
            .unwrap()
    };
    company.started().await;
    let told = unread().await;
    assert_eq!(
        (&told["unread"], &told["data"][0]["notification_type"]),
        (&json!(1), &json!("approval_required"))
    );
    assert_eq!(told["data"][0]["subject"], "Please decide: Leave of Ali");
    let read = company
        .a
        .call("workflow.my_notifications.read", &[], json!({}))
        .await
        .unwrap();
    assert_eq!(read, json!({"read": 1, "unread": 0}));
    for wish in [json!({"enable_in_app": true}), json!({"enable_in_app": false})] {
        let mut wish = wish;
        wish["notification_type"] = json!("approval_required");
        company.a.call("workflow.my_preferences.set", &[], wish).await.unwrap();
    }
    company.started().await;
    assert_eq!(unread().await["unread"], 0, "he does not want to be told");
    assert_eq!(
        company
            .b
            .call("workflow.my_notifications.list", &[], json!({}))
            .await
            .unwrap()["unread"],
        2
    );
}

#[tokio::test]
async fn figures_are_counted_from_rows() {
    let world = World::new().await;
    let (job, asker, hr) = (world.job(), world.member("").await, world.member("hr_manager").await);
    let steps = json!([{"name": "Look", "kind": "review", "assigned_role": "hr_manager"}]);
    let template = id(&job
        .create(&WORKFLOW_TEMPLATES, json!({"name": "Look", "steps": steps}))
        .await);
    job.act(&WORKFLOW_TEMPLATES, template, "publish", json!({}))
        .await
        .unwrap();
    // Ten, twenty and sixty minutes: mean 30, median 20.
    for (start, end) in [("08:00", "08:10"), ("09:00", "09:20"), ("10:00", "11:00")] {
        world.at(&format!("2026-11-18T{start}:00Z"));
        let started = asker
            .call("workflow.workflow_templates.launch", &[("id", template)], json!({}))
            .await
            .unwrap();
        let instance = started["id"].as_str().unwrap().parse().unwrap();
        world.at(&format!("2026-11-18T{end}:00Z"));
        let path = [("id", instance)];
        hr.call("workflow.workflow_instances.complete_step", &path, json!({}))
            .await
            .unwrap();
    }
    world.at("2026-11-19T06:00:00Z");
    let asked = json!({"from": "2026-11-18", "to": "2026-11-18", "template_id": template.to_string()});
    let figures = job.call("workflow.analytics.read", &[], asked).await.unwrap();
    assert_eq!(
        figures["completion_minutes"],
        json!({"mean": "30.00", "least": "10.00", "most": "60.00", "median": "20.00"})
    );
    assert_eq!(
        (&figures["completed"], &figures["throughput_per_hour"]),
        (&json!(3), &json!("0.13"))
    );
    assert_eq!(figures["bottlenecks"][0]["mean_wait_minutes"], "30.00");

    world.tick("workflow.metrics").await;
    world.tick("workflow.metrics").await;
    let kept = world.texts(KEPT, template).await;
    assert_eq!(kept.len(), 1, "once for a day, however often it is counted");
    let kept: Json = serde_json::from_str(&kept[0]).unwrap();
    assert_eq!(
        (&kept["completed_instances"], &kept["measured_on"]),
        (&json!(3), &json!("2026-11-18"))
    );
    assert_eq!(
        (&kept["median_completion_minutes"], &kept["avg_completion_minutes"]),
        (&json!(20.00), &json!(30.00))
    );
    let preview = json!({"pattern": "0%208%20*%20*%20sun"});
    let times = job.call("workflow.schedule_preview.read", &[], preview).await.unwrap();
    assert_eq!(times["times"][0], "2026-11-22T05:00:00Z");
}
