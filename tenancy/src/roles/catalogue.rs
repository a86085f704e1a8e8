//! Everything that can be allowed, with words, as an editor of roles shows it.

use std::collections::BTreeSet;

use platform_core::{Boxed, Cx, Permissions, Problem};
use platform_resource::{Resource, Verb};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::{Nothing, covers};

/// One permission.
#[derive(Serialize, JsonSchema)]
struct Entry {
    name: String,
    /// In the caller's language.
    label: String,
    /// verb, action, field or other.
    kind: &'static str,
    /// Names of the fields that it shows, for kind field.
    fields: Vec<String>,
    /// Whether it can be given for own rows or those of a team.
    is_scoped: bool,
    /// The widest scope that the caller may give: own, team or all; absent when none.
    grantable: Option<&'static str>,
}

/// What can be allowed about one thing.
#[derive(Serialize, JsonSchema)]
struct Group {
    /// The resource's name, or the first part of what the permissions are named.
    name: String,
    label: String,
    permissions: Vec<Entry>,
}

/// The groups of a module.
#[derive(Serialize, JsonSchema)]
struct Part {
    module: String,
    label: String,
    groups: Vec<Group>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct List {
    data: Vec<Part>,
}

pub(super) fn list(cx: &mut Cx, _: Nothing) -> Boxed<'_, Result<List, Problem>> {
    Box::pin(async move {
        let member = cx.member()?.1.clone();
        let own = covers(cx, &member.membership, &member.roles).await?;
        let platform = cx.platform.clone();
        let words = platform.catalogue.words(cx.locale);
        let mut data = Vec::new();
        for module in &platform.registry.modules {
            let look = Look { words, own: &own };
            let mut groups: Vec<Group> = module
                .resources
                .iter()
                .map(|resource| look.resource(resource))
                .collect();
            for name in module.permissions {
                let entry = look.entry(name, look.text(&["permission", name], name), "other", false);
                let object = name.split_once('.').map_or(*name, |(object, _)| object);
                if let Some(group) = groups.iter_mut().find(|group| group.name == object) {
                    group.permissions.push(entry);
                } else {
                    groups.push(Group {
                        name: object.to_owned(),
                        label: look.text(&["module", module.name], module.name),
                        permissions: vec![entry],
                    });
                }
            }
            if !groups.is_empty() {
                data.push(Part {
                    module: module.name.to_owned(),
                    label: look.text(&["module", module.name], module.name),
                    groups,
                });
            }
        }
        Ok(List { data })
    })
}

/// Words and what the caller may give.
struct Look<'a> {
    words: &'a Json,
    own: &'a Permissions,
}

impl Look<'_> {
    fn text(&self, way: &[&str], otherwise: &str) -> String {
        let found = way.iter().fold(self.words, |words, key| &words[*key]);
        found.as_str().unwrap_or(otherwise).to_owned()
    }

    fn entry(&self, name: &str, label: String, kind: &'static str, is_scoped: bool) -> Entry {
        Entry {
            name: name.to_owned(),
            label,
            kind,
            fields: Vec::new(),
            is_scoped,
            grantable: self.own.scope(name).map(platform_resource::Scope::name),
        }
    }

    fn resource(&self, resource: &Resource) -> Group {
        let full_name = resource.full_name();
        let is_scoped = resource.owner.is_some();
        let mut permissions = Vec::new();
        for verb in Verb::ALL.into_iter().filter(|verb| resource.has(*verb)) {
            let label = self.text(&["permission", verb.name()], verb.name());
            // Files bring rows of everybody.
            let is_scoped = is_scoped && verb != Verb::Import;
            permissions.push(self.entry(&resource.permission(verb), label, "verb", is_scoped));
        }
        for action in resource.public_actions() {
            let name = format!("{}.{}", resource.name, action.name);
            let label = self.text(&["resource", &full_name, "actions", action.name], action.name);
            permissions.push(self.entry(&name, label, "action", is_scoped));
        }
        let private: BTreeSet<&str> = resource.fields.iter().filter_map(|field| field.permission).collect();
        for permission in private {
            let fields = resource
                .fields
                .iter()
                .filter(|field| field.permission == Some(permission));
            let labels = fields.clone();
            let labels =
                labels.map(|field| self.text(&["resource", &full_name, "fields", field.name, "label"], field.name));
            let label = labels.collect::<Vec<_>>().join(" · ");
            let name = format!("{}.{permission}", resource.name);
            let entry = self.entry(&name, label, "field", is_scoped);
            permissions.push(Entry {
                fields: fields.map(|field| field.name.to_owned()).collect(),
                ..entry
            });
        }
        Group {
            name: resource.name.to_owned(),
            label: self.text(&["resource", &full_name, "many"], resource.name),
            permissions,
        }
    }
}
