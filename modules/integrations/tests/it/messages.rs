//! Messages through a gateway and files for a bank: asked for by people, done by the real guests.

use std::net::SocketAddr;

use fuel_simulator::Simulator;
use provider_simulators::{Trouble, Unifonic};
use serde_json::{Value as Json, json};

use crate::guests::{block_on, own_host};
use crate::world::{World, few_pages, quick};

struct Gateway {
    world: World,
    gateway: Unifonic,
}

impl Gateway {
    async fn new() -> Option<Self> {
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        let gateway = Unifonic::start(any, "app-sid", &["BARQ"]).await.unwrap();
        let simulator = Simulator::start(few_pages()).await.unwrap();
        let host = own_host(&format!("{},{}", simulator.origin(), gateway.origin()));
        let world = World::with(host, simulator, quick()).await?;
        Some(Self { world, gateway })
    }

    async fn install(&self) -> String {
        let settings = json!({"base_url": self.gateway.origin(), "sender": "BARQ"});
        self.world
            .set_up("unifonic-sms", settings, json!({"app_sid": "app-sid"}))
            .await
    }

    async fn send(&self, more: Json) -> String {
        let mut body = json!({"recipient_phone": "+966501234567", "body": "طلبك في الطريق"});
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        let row = self.world.post("/integrations/sms_messages", body).await.expect(201);
        format!("/integrations/sms_messages/{}", row["id"].as_str().unwrap())
    }
}

#[test]
fn a_message_is_sent_once_and_its_report_comes_home() {
    block_on(async {
        let Some(gateway) = Gateway::new().await else { return };
        let world = &gateway.world;
        // It is asked for before there is a gateway, and waits.
        let early = gateway.send(json!({})).await;
        let (_runner, _stop) = world.start();
        assert_eq!(world.get(&early).await["status"], "queued");
        let installation = gateway.install().await;
        let sent = world.when(&early, |row| row["status"] != "queued").await;
        assert_eq!(sent["status"], "accepted", "{sent:#}");
        let taken = gateway.gateway.sent();
        assert_eq!(taken.len(), 1);
        assert_eq!(sent["provider_ref"], json!(taken[0].id));
        let address = world.address(&installation, "reports").await;
        let report = gateway.gateway.report(&address, &taken[0], true);
        for _ in 0..3 {
            assert_eq!(world.knock(&address, &report).await, (200, "OK".to_owned()));
        }
        let delivered = world.when(&early, |row| row["status"] == "delivered").await;
        assert!(!delivered["delivered_at"].is_null(), "{delivered:#}");
        assert_eq!(world.rows("/integrations/plugin_tasks?origin=webhook").await.len(), 1);
    });
}

#[test]
fn a_one_time_password_is_written_down_nowhere() {
    block_on(async {
        let Some(mut gateway) = Gateway::new().await else {
            return;
        };
        gateway.install().await;
        let (_runner, _stop) = gateway.world.start();
        let message = gateway
            .send(json!({"kind": "one_time_password", "body": "Code 918273"}))
            .await;
        gateway.world.when(&message, |row| row["status"] == "accepted").await;
        assert_eq!(gateway.world.count("plugin_calls", "true").await, 1);
        assert_eq!(gateway.world.count("plugin_recordings", "true").await, 0);
        let late = json!({"kind": "one_time_password", "expires_at": "2026-11-20T09:00:30Z"});
        gateway.gateway.trouble(Trouble::ServerError, 0);
        let late = gateway.send(late).await;
        let tasks = "/integrations/plugin_tasks?origin=message&status=queued";
        gateway
            .world
            .when_rows(tasks, |rows| {
                rows.iter().any(|row| row["problem_code"] == "provider_failing")
            })
            .await;
        gateway.gateway.trouble(Trouble::None, 0);
        gateway.world.pass(60);
        gateway.world.when(&late, |row| row["status"] == "expired").await;
        assert_eq!(gateway.gateway.sent().len(), 1, "what is worthless is not sent");
    });
}

#[test]
fn a_refused_key_asks_for_a_person_and_the_message_goes_on_afterwards() {
    block_on(async {
        let Some(gateway) = Gateway::new().await else { return };
        let world = &gateway.world;
        let installation = gateway.install().await;
        let wrong = json!({"secrets": {"app_sid": "wrong"}});
        world
            .post(&format!("{installation}/configure"), wrong)
            .await
            .expect(200);
        let (_runner, _stop) = world.start();
        let message = gateway.send(json!({})).await;
        let row = world
            .when(&installation, |row| row["status"] == "needs_attention")
            .await;
        assert_eq!(row["status_reason"], "provider_refused_key");
        let task = &world.rows("/integrations/plugin_tasks").await[0];
        assert_eq!(
            (&task["status"], &task["next_at"]),
            (&json!("queued"), &Json::Null),
            "held: {task:#}"
        );
        let right = json!({"secrets": {"app_sid": "app-sid"}});
        world
            .post(&format!("{installation}/configure"), right)
            .await
            .expect(200);
        world.when(&message, |row| row["status"] == "accepted").await;
        assert_eq!(world.get(&installation).await["status"], "active");
        assert_eq!(gateway.gateway.sent().len(), 1);
    });
}

#[test]
fn a_gateway_that_is_down_is_left_alone_and_nothing_is_lost() {
    block_on(async {
        let Some(mut gateway) = Gateway::new().await else {
            return;
        };
        gateway.install().await;
        gateway.gateway.trouble(Trouble::ServerError, 0);
        let (_runner, _stop) = gateway.world.start();
        for _ in 0..8 {
            gateway.send(json!({})).await;
        }
        let handler = "/integrations/plugin_handlers?circuit=open";
        let open = gateway.world.when_rows(handler, |rows| rows.len() == 1).await;
        assert_eq!(open[0]["handler"], "sms-gateway.send");
        let asked = gateway.gateway.received().len();
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(gateway.gateway.received().len(), asked, "nobody asks while it is open");
        gateway.gateway.trouble(Trouble::None, 0);
        for _ in 0..600 {
            gateway.world.pass_when_idle(5).await;
            if gateway
                .world
                .rows("/integrations/sms_messages?status=accepted")
                .await
                .len()
                == 8
            {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert_eq!(gateway.gateway.sent().len(), 8, "each once");
        assert_eq!(gateway.world.rows(handler).await.len(), 0);
    });
}

#[test]
fn a_batch_of_wages_becomes_the_files_of_a_bank() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let settings = json!({"main_account": "0108000000000001", "organization_name": "Test Fleet",
            "address_1": "Olaya", "address_2": "Riyadh", "address_3": "Saudi Arabia",
            "employees_at_employer": true});
        world.set_up("anb-payouts", settings, json!({})).await;
        let batch = json!({"purpose": "salary", "value_day": "2026-11-26", "payer_holder": "Test Fleet",
            "payer_iban": "SA0380000000608010167519", "establishment_number": "7-1234567"});
        let batch = world.post("/integrations/payout_batches", batch).await.expect(201);
        let path = format!("/integrations/payout_batches/{}", batch["id"].as_str().unwrap());
        for (holder, basic) in [("Ali Hassan", "4000.00"), ("Imran Khan", "3500.00")] {
            let amount = if basic == "4000.00" { "4500.00" } else { "4000.00" };
            let payout = json!({"batch_id": batch["id"], "holder": holder, "iban": "SA0380000000608010167519",
                "bank_code": "ARNBSARI", "identity_number": "2000000006", "amount": amount, "basic_amount": basic,
                "housing_amount": "1000.00", "deductions_amount": "500.00"});
            world.post("/integrations/payouts", payout).await.expect(201);
        }
        let (_runner, _stop) = world.start();
        world.post(&format!("{path}/prepare"), json!({})).await.expect(200);
        let row = world.when(&path, |row| row["status"] != "requested").await;
        assert_eq!(
            (&row["status"], &row["total_amount"], &row["payouts"]),
            (&json!("prepared"), &json!("8500.00"), &json!(2)),
            "{row:#}"
        );
        let files = world.rows("/integrations/payout_files").await;
        assert_eq!(files.len(), 2, "{files:#?}");
        for file in &files {
            let folder = world.platform.data.join("files").join(world.organization.to_string());
            let bytes = std::fs::read(folder.join(file["file_id"].as_str().unwrap())).unwrap();
            assert!(!bytes.is_empty());
        }
    });
}
