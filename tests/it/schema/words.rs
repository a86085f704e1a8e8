//! Words for everything that people see, and sentences for everything that is refused, in both languages.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use barq_tests::Harness;
use platform_core::Locale;
use platform_resource::{Kind, Resource, Verb};
use serde_json::Value as Json;

use super::{is_test, root, sources, without_tests};

/// Names of everything that people see, in both languages.
pub fn words(harness: &Harness, findings: &mut Vec<String>) -> usize {
    let platform = &harness.app.platform;
    let mut all = Vec::new();
    for locale in [Locale::En, Locale::Ar] {
        let words = platform.catalogue.words(locale);
        let mut lack = |way: &[&str]| {
            let found = way.iter().fold(words, |words, key| &words[*key]);
            if found.as_str().is_none_or(|text| text.trim().is_empty()) {
                findings.push(format!("{}: no word for {}", locale.code(), way.join(" › ")));
            }
        };
        for resource in platform.registry.resources() {
            let name = resource.full_name();
            lack(&["module", resource.module]);
            lack(&["resource", &name, "one"]);
            lack(&["resource", &name, "many"]);
            let inputs = resource.actions.iter().flat_map(|action| action.inputs);
            for field in resource.fields.iter().chain(inputs) {
                lack(&["resource", &name, "fields", field.name, "label"]);
                if let Kind::Choice { values } = field.kind {
                    for value in values {
                        lack(&["resource", &name, "choices", field.name, value]);
                    }
                }
                if let Some(group) = field.group {
                    lack(&["resource", &name, "groups", group]);
                }
            }
            for action in resource.actions {
                lack(&["resource", &name, "actions", action.name]);
            }
        }
        for role in tenancy::ROLES {
            lack(&["role", role]);
        }
        for membership in tenancy::MEMBERSHIPS {
            lack(&["membership", membership]);
        }
        let verbs: Vec<String> = platform.registry.resources().flat_map(Resource::permissions).collect();
        for permission in platform
            .registry
            .permissions()
            .iter()
            .filter(|permission| !verbs.contains(permission))
        {
            lack(&["permission", permission]);
        }
        for verb in Verb::ALL {
            lack(&["permission", verb.name()]);
        }
        let mut leaves = BTreeMap::new();
        collect(words, &mut String::new(), &mut leaves);
        all.push(leaves);
    }
    let [en, ar] = all.as_slice() else { return 0 };
    for (one, other, code) in [(en, ar, "ar"), (ar, en, "en")] {
        findings.extend(
            one.keys()
                .filter(|key| !other.contains_key(*key))
                .map(|key| format!("{code}: {key} is missing")),
        );
    }
    for (key, text) in ar {
        // Abbreviations are written alike; everything else has Arabic letters.
        let is_arabic = text.chars().any(|c| ('\u{0600}'..='\u{06ff}').contains(&c));
        let is_short = text.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase);
        if !is_arabic && !is_short {
            findings.push(format!("ar: {key} is {text:?}"));
        }
    }
    for (key, text) in en {
        let (holes, others) = (holes(text), ar.get(key).map(|text| holes(text)).unwrap_or_default());
        if holes != others {
            findings.push(format!(
                "{key} has the holes {holes:?} in English and {others:?} in Arabic"
            ));
        }
    }
    en.len()
}

fn holes(text: &str) -> BTreeSet<&str> {
    text.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'))
        .map(|(name, _)| name)
        .collect()
}

fn collect(words: &Json, way: &mut String, leaves: &mut BTreeMap<String, String>) {
    match words {
        Json::Object(entries) => {
            for (key, value) in entries {
                let length = way.len();
                way.push('/');
                way.push_str(key);
                collect(value, way, leaves);
                way.truncate(length);
            }
        }
        other => {
            leaves.insert(way.clone(), other.as_str().unwrap_or_default().to_owned());
        }
    }
}

/// Codes that rules, actions and refusals name in the source, each with a sentence in both languages.
pub fn codes(harness: &Harness, findings: &mut Vec<String>) -> Result<usize> {
    // A call, and which of its words in quotes is the code.
    const LAST: usize = usize::MAX;
    const CALLS: [(&str, usize); 9] = [
        ("Violation::new(", 1),
        ("refuse(", LAST),
        ("FieldError::new(", 1),
        ("Problem::field(", 1),
        ("Problem::refused(", 0),
        ("Problem::new(", 0),
        ("Err(\"", 0),
        ("Refusal::new(", 0),
        ("refuse_with(", 0),
    ];
    let mut files = Vec::new();
    for folder in [
        "platform/core/src",
        "platform/engine/src",
        "platform/import/src",
        "platform/resource/src",
        "tenancy/src",
        "modules",
    ] {
        sources(&root().join(folder), &mut files)?;
    }
    let mut codes = BTreeSet::new();
    for file in files.iter().filter(|file| !is_test(file)) {
        let text = std::fs::read_to_string(file)?;
        for (call, place) in CALLS {
            for (at, _) in without_tests(&text).match_indices(call) {
                let open = at + call.find('(').unwrap_or(0);
                codes.extend(literal(&text[open..], place).map(ToOwned::to_owned));
            }
        }
    }
    ensure!(codes.len() > 50, "only {} codes were found in the source", codes.len());
    let words = [Locale::En, Locale::Ar].map(|locale| harness.app.platform.catalogue.words(locale)["problem"].clone());
    for code in &codes {
        for (words, language) in words.iter().zip(["en", "ar"]) {
            if words[code].as_str().is_none() {
                findings.push(format!("{language}: no sentence for the problem {code}"));
            }
        }
    }
    Ok(codes.len())
}

/// One of the plain words in quotes within the brackets that open here.
fn literal(text: &str, place: usize) -> Option<&str> {
    let (mut depth, mut end) = (0, text.len());
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            end = at;
            break;
        }
    }
    let plain = |word: &&str| {
        word.len() > 3
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
    };
    let mut words = text[..end].split('"').skip(1).step_by(2).filter(plain);
    if place == usize::MAX {
        words.last()
    } else {
        words.nth(place)
    }
}
