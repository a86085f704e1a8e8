//! The way from the catalogue to stored transactions.

use fuel_simulator::Mode;
use futures_util::future::join_all;
use platform_core::Method;
use serde_json::json;

use crate::guests::block_on;
use crate::world::{KEY, MANAGER, READER, World, few_pages, quick};

#[test]
fn granted_configured_run_and_run_again() {
    block_on(async {
        let Some(mut world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let offers = world.get("/integrations/catalogue").await;
        let offers = offers["data"].as_array().unwrap();
        let offer = offers.iter().find(|offer| offer["name"] == "syarah-fuel").unwrap();
        assert_eq!(offer["hosts"][0]["host"], "{setting:base_url}");
        assert_eq!(offer["hosts"][0]["resolved"], "service.petroapp.com.sa");
        assert!(offer["hosts"][0]["reason"]["ar"].as_str().unwrap().contains("المزوّد"));
        assert_eq!(offer["handlers"], json!(["fuel-source"]));
        assert!(offer["installation_id"].is_null());

        let grants = json!({"hosts": ["{setting:base_url}"], "effects": ["fuel-transactions"]});
        let install = json!({"plugin": "syarah-fuel", "grants": grants});
        let row = world
            .post("/integrations/installations/install", install.clone())
            .await
            .expect(201);
        assert_eq!(row["status"], "needs_settings");
        assert_eq!(
            (&row["status_reason"], &row["status_detail"]),
            (&json!("secrets_missing"), &json!("api_key"))
        );
        let path = format!("/integrations/installations/{}", row["id"].as_str().unwrap());
        let again = world
            .post("/integrations/installations/install", install)
            .await
            .expect(409);
        assert_eq!(again["code"], "plugin_installed");
        let early = world.post(&format!("{path}/run"), json!({})).await.expect(409);
        assert_eq!(early["code"], "plugin_not_ready");

        let row = world
            .post(&format!("{path}/configure"), world.settings())
            .await
            .expect(200);
        assert_eq!(row["status"], "active");
        let host = world.simulator.address().to_string();
        let expected = json!([{"declared": "{setting:base_url}", "host": host, "required": true, "granted": true}]);
        assert_eq!(row["hosts"], expected);
        assert_eq!(world.get(&path).await["secrets_set"], json!(["api_key"]));

        let run = world.run(&path).await;
        let bills = world.bills();
        assert_eq!(run["status"], "succeeded", "{run:#}\n{}", world.log(&run).await);
        assert_eq!(
            (&run["pages"], &run["received"], &run["created"]),
            (&json!(4), &json!(70), &json!(70))
        );
        assert_eq!(
            (&run["refused"], &run["unmatched"], &run["requested_by"]),
            (&json!(0), &json!(70), &json!("Sara"))
        );
        assert_eq!(world.sunk().await, bills);
        let handlers = world.rows("/integrations/plugin_handlers").await;
        let pull = handlers
            .iter()
            .find(|row| row["handler"] == "fuel-source.pull")
            .unwrap();
        assert_eq!(pull["last_outcome"], "ok", "{pull:#}");
        assert_eq!(pull["last_at"], run["finished_at"]);
        let log = world.log(&run).await;
        assert!(log.contains("Page 4: 10 records, 10 new"), "{log}");
        assert!(
            log.contains(&format!("debug GET {host}/webservice/bills: 200")),
            "{log}"
        );

        let run = world.run(&path).await;
        assert_eq!(
            (&run["status"], &run["created"], &run["updated"]),
            (&json!("succeeded"), &json!(0), &json!(0))
        );
        assert!(run["unchanged"].as_i64().unwrap() > 0, "three days are read again");
        assert_eq!(world.sunk().await, bills);

        // Corrections of the last days arrive too.
        world.simulator.control(|config| config.mode = Mode::Changed);
        let run = world.run(&path).await;
        assert_eq!((&run["created"], &run["unchanged"]), (&json!(0), &json!(0)));
        assert!(run["updated"].as_i64().unwrap() > 0);

        let row = world.get(&path).await;
        assert_eq!(
            (&row["last_run_status"], &row["status"]),
            (&json!("succeeded"), &json!("active"))
        );
        let runs = world.get("/integrations/runs?sort=-started_at").await;
        assert_eq!(runs["data"].as_array().unwrap().len(), 3);
        let history = world.get(&format!("{path}/history")).await.to_string();
        let everything = format!("{offers:?}{row}{runs}{log}{history}");
        assert!(!everything.contains(KEY), "a secret never comes back");
    });
}

#[test]
fn one_run_at_a_time() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        world.simulator.control(|config| config.mode = Mode::Slow);
        let path = world.install().await;
        let runs = join_all((0..8).map(|_| Box::pin(world.ask(&path)))).await;
        assert!(runs.windows(2).all(|pair| pair[0] == pair[1]), "{runs:?}");
        let (_runner, _stop) = world.start();
        world.when(&runs[0], |row| row["pages"] == 1).await;
        assert_eq!(world.ask(&path).await, runs[0], "it is under way");
        assert_eq!(world.ended(&runs[0]).await["status"], "succeeded");
        assert_ne!(world.ask(&path).await, runs[0], "over: the next one is another");
    });
}

#[test]
fn others_see_nothing_and_readers_change_nothing() {
    block_on(async {
        let Some(world) = World::new(few_pages(), quick()).await else {
            return;
        };
        let path = world.install().await;
        let run = world.run(&path).await;
        let run = format!("/integrations/runs/{}", run["id"].as_str().unwrap());
        let missing = "/integrations/installations/01890000-0000-7000-8000-000000000000";
        let stranger = (world.other, MANAGER);
        let grant = json!({"hosts": [], "effects": []});
        for (method, of, act, body) in [
            (Method::Get, &path, "", json!(null)),
            (Method::Post, &path, "/run", json!({})),
            (Method::Post, &path, "/configure", json!({"settings": {}})),
            (Method::Post, &path, "/grant", grant),
            (Method::Post, &path, "/disable", json!({})),
            (Method::Post, &path, "/enable", json!({})),
            (Method::Get, &run, "", json!(null)),
            (Method::Get, &run, "/log", json!(null)),
        ] {
            let foreign = world
                .call_as(stranger, "en", method, &format!("{of}{act}"), &body)
                .await
                .expect(404);
            let other = if of == &path {
                missing.to_owned()
            } else {
                missing.replace("installations", "runs")
            };
            let absent = world
                .call_as(stranger, "en", method, &format!("{other}{act}"), &body)
                .await
                .expect(404);
            assert_eq!(foreign, absent, "{act}");
            if method == Method::Post {
                let reader = (world.organization, READER);
                world
                    .call_as(reader, "en", method, &format!("{of}{act}"), &body)
                    .await
                    .expect(403);
            }
        }
        let runs = world
            .call_as(stranger, "en", Method::Get, "/integrations/runs", &json!(null))
            .await;
        assert_eq!(runs.expect(200)["data"], json!([]));
        let offers = world
            .call_as(stranger, "en", Method::Get, "/integrations/catalogue", &json!(null))
            .await;
        assert!(offers.expect(200)["data"][1]["installation_id"].is_null());
    });
}
