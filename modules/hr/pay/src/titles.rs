//! What rules are called: a title for each, in English and Arabic.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::explain::{Language, Words};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Titles {
    titles: BTreeMap<String, String>,
    /// Classes of social insurance and categories of pay.
    groups: BTreeMap<String, String>,
}

static TITLES: LazyLock<[Titles; 2]> = LazyLock::new(|| {
    let texts = [
        include_str!("../locales/rules_en.json"),
        include_str!("../locales/rules_ar.json"),
    ];
    texts.map(|text| serde_json::from_str(text).expect("the catalogues of this crate are well formed"))
});

/// What a rule is called. Rates of a class and numbers of a category are called by both.
pub fn rule_title(id: &str, language: Language) -> String {
    let titles = match language {
        Language::En => &TITLES[0],
        Language::Ar => &TITLES[1],
    };
    if let Some(title) = titles.titles.get(id) {
        return title.clone();
    }
    let mut parts = id.splitn(3, '.');
    let named = parts.next().zip(parts.next()).zip(parts.next());
    match named {
        Some((("gosi" | "pay", group), name)) => {
            let group = titles.groups.get(group).map_or(group, String::as_str);
            format!("{}: {group}", Words::of(language).name(name))
        }
        _ => id.to_owned(),
    }
}

/// The unit of a rule in words.
pub fn rule_unit(unit: &str, language: Language) -> String {
    Words::of(language).unit(unit).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::category::Categories;
    use crate::rules::Rules;

    #[test]
    fn every_rule_has_a_title_in_both_languages() {
        let on = crate::category::documented_from();
        let formulas = crate::category::CATEGORIES.iter().flat_map(|name| {
            let category = Categories::documented().at(name, on).expect("documented");
            category.rows().map(|rule| rule.id.clone()).collect::<Vec<_>>()
        });
        let ids = Rules::saudi().rows().map(|rule| rule.id.clone()).chain(formulas);
        for id in ids {
            for language in [Language::En, Language::Ar] {
                let title = rule_title(&id, language);
                assert!(!title.contains('_') && title != id, "{id}: {title}");
            }
        }
        assert_eq!(
            rule_title("gosi.gcc.ceiling", Language::En),
            "most contributory wage: Citizen of a Gulf state"
        );
    }
}
