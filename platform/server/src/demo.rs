//! Two demonstration organizations with believable data, and the sign-ins to look at them.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use fleet::demo::Company;
use platform_core::{Cx, Mode, Platform, Problem};
use serde_json::{Value as Json, json};
use tenancy::{NewPerson, Position};

/// Password of every demonstration sign-in: it guards nothing, and is printed at every start.
const PASSWORD: &str = "demo-barq-riyadh";

/// One person for each role: local part of the address, name, membership, job role.
const PEOPLE: [(&str, &str, &str, &str); 10] = [
    ("owner", "Sara Al-Otaibi", "owner", ""),
    ("admin", "Khalid Al-Harbi", "admin", ""),
    ("manager", "Noura Al-Qahtani", "manager", ""),
    ("viewer", "Omar Al-Ghamdi", "viewer", ""),
    ("fleet", "Fahad Al-Shehri", "viewer", "fleet_manager"),
    ("hr", "Huda Al-Zahrani", "viewer", "hr_manager"),
    ("finance", "Majed Al-Dosari", "viewer", "finance"),
    ("dispatch", "Reem Al-Mutairi", "viewer", "dispatcher"),
    ("support", "Yasser Al-Anazi", "viewer", "support_agent"),
    ("courier", "Imran Khan", "viewer", "courier"),
];

fn failed(problem: Problem) -> anyhow::Error {
    anyhow!(problem)
}

/// Seeds what is missing and writes `demo.json`. A second call changes nothing but the address in the file.
pub async fn seed_demo(platform: &Arc<Platform>, data: &Path, base_url: &str) -> Result<()> {
    let path = data.join("demo.json");
    if let Ok(text) = std::fs::read_to_string(&path) {
        let mut stored: Json = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
        stored["base_url"] = base_url.into();
        return write(&path, &stored);
    }
    tracing::info!("Seeding two demonstration organizations");
    let mut organizations = Vec::new();
    for (number, company) in Company::ALL.into_iter().enumerate() {
        let (name, domain) = (company.name(), company.domain());
        let (_, owner, ..) = PEOPLE[0];
        let email = |local: &str| format!("{local}@{domain}");
        let person = |local: &str, full_name: &str| NewPerson {
            email: email(local),
            full_name: full_name.to_owned(),
            password: PASSWORD.to_owned(),
        };
        let (founded, _) = tenancy::create_organization(platform, name, &person("owner", owner))
            .await
            .map_err(failed)?;
        let mut users = vec![json!({"email": email("owner"), "password": PASSWORD, "role": "owner"})];
        for (local, full_name, membership, role) in &PEOPLE[1..] {
            let roles: &[&str] = if role.is_empty() { &[] } else { &[role] };
            let position = Position::new(membership, roles);
            tenancy::create_member(platform, &founded, &person(local, full_name), &position)
                .await
                .map_err(failed)?;
            let shown = if role.is_empty() { membership } else { role };
            users.push(json!({"email": email(local), "password": PASSWORD, "role": shown}));
        }
        let mut cx = Cx::begin_job(platform, founded.id, "demo", Mode::Write)
            .await
            .map_err(failed)?;
        seed_fleet(&mut cx, company, number).await.map_err(failed)?;
        cx.commit().await.map_err(failed)?;
        seed_modules(platform, founded.id).await?;
        organizations.push(json!({"id": founded.id, "name": name, "users": users}));
    }
    write(&path, &json!({"base_url": base_url, "organizations": organizations}))
}

/// The company's fleet; its card transactions come through the fuel plugin where this build has it.
async fn seed_fleet(cx: &mut Cx, company: Company, number: usize) -> Result<(), Problem> {
    const PLUGIN: &str = "syarah-fuel";
    #[cfg(feature = "integrations")]
    let installation = integrations::install_plugin(cx, PLUGIN).await?;
    #[cfg(not(feature = "integrations"))]
    let installation: Option<uuid::Uuid> = None;
    let installation = installation.map(|id| fleet::demo::Installation { id, provider: PLUGIN });
    let seed = u64::try_from(number).unwrap_or_default() + 7;
    fleet::demo::seed(cx, company, seed, installation).await.map(drop)
}

/// A month in every other module of this build; a module comes after those whose rows it mentions.
async fn seed_modules(platform: &Arc<Platform>, organization_id: uuid::Uuid) -> Result<()> {
    type Seed = for<'a> fn(&'a mut Cx, u32) -> platform_core::Boxed<'a, Result<(), Problem>>;
    let seeds: &[(&str, Seed)] = &[
        #[cfg(feature = "operations")]
        ("operations", |cx, scale| Box::pin(operations::demo::demo(cx, scale))),
        #[cfg(feature = "hr")]
        ("hr", |cx, scale| Box::pin(hr::demo::demo(cx, scale))),
        #[cfg(feature = "accommodation")]
        ("accommodation", |cx, scale| Box::pin(accommodation::demo(cx, scale))),
        #[cfg(feature = "support")]
        ("support", |cx, scale| Box::pin(support::demo(cx, scale))),
        #[cfg(feature = "admin")]
        ("admin", |cx, scale| Box::pin(admin::demo::demo(cx, scale))),
        #[cfg(feature = "integrations")]
        ("integrations", |cx, scale| {
            Box::pin(integrations::demo::demo(cx, scale))
        }),
        #[cfg(feature = "analytics")]
        ("analytics", |cx, scale| Box::pin(analytics::demo::demo(cx, scale))),
        #[cfg(feature = "workflow")]
        ("workflow", |cx, scale| Box::pin(workflow::demo::demo(cx, scale))),
    ];
    for (module, seed) in seeds {
        tracing::info!("Seeding {module}");
        let mut cx = Cx::begin_job(platform, organization_id, "demo", Mode::Write)
            .await
            .map_err(failed)?;
        seed(&mut cx, 1)
            .await
            .map_err(|problem| failed(problem).context(*module))?;
        cx.commit().await.map_err(failed)?;
    }
    Ok(())
}

/// Whole or not at all: a file that is half written would be taken for the demonstration.
fn write(path: &Path, content: &Json) -> Result<()> {
    let fresh = path.with_extension("json.new");
    std::fs::write(&fresh, serde_json::to_string_pretty(content)?)?;
    std::fs::rename(&fresh, path).with_context(|| format!("writing {}", path.display()))
}
