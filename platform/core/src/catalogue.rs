//! Words for codes and names, in English and Arabic. The console reads the same catalogue.

use serde_json::{Map, Value as Json, json};

/// A language of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Locale {
    /// English, left to right.
    En,
    /// Arabic, right to left.
    Ar,
}

impl Locale {
    /// The first language of an `Accept-Language` header that we speak; English otherwise.
    pub fn from_accept(header: Option<&str>) -> Self {
        let tags = header
            .unwrap_or_default()
            .split(',')
            .map(|tag| tag.trim().to_ascii_lowercase());
        for tag in tags {
            if tag.starts_with("ar") {
                return Self::Ar;
            }
            if tag.starts_with("en") {
                return Self::En;
            }
        }
        Self::En
    }

    /// `en` or `ar`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ar => "ar",
        }
    }
}

/// The merged words of every module.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    en: Json,
    ar: Json,
}

impl Catalogue {
    /// Merges the words of core and of modules: `(module name, English JSON, Arabic JSON)`.
    pub fn new(modules: &[(&str, &str, &str)]) -> Result<Self, serde_json::Error> {
        let core = [(
            "",
            include_str!("../locales/en.json"),
            include_str!("../locales/ar.json"),
        )];
        let mut languages = [Map::new(), Map::new()];
        for (name, en, ar) in core.iter().chain(modules) {
            for (words, text) in languages.iter_mut().zip([en, ar]) {
                merge(words, name, &serde_json::from_str(text)?);
            }
        }
        let [en, ar] = languages.map(Json::Object);
        Ok(Self { en, ar })
    }

    /// Everything in one language.
    pub const fn words(&self, locale: Locale) -> &Json {
        match locale {
            Locale::En => &self.en,
            Locale::Ar => &self.ar,
        }
    }

    /// The sentence of a problem code with its holes filled; the code itself when nobody wrote one.
    pub fn problem(&self, locale: Locale, code: &str, params: &[(&'static str, String)]) -> String {
        let mut text = self.words(locale)["problem"][code].as_str().unwrap_or(code).to_owned();
        for (name, value) in params {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// Label of a field of a resource, as `fleet.vehicles` and `plate_number`; the name itself when nobody wrote one.
    pub fn label<'a>(&'a self, locale: Locale, resource: &str, field: &'a str) -> &'a str {
        self.words(locale)["resource"][resource]["fields"][field]["label"]
            .as_str()
            .unwrap_or(field)
    }

    /// Label of a choice's value.
    pub fn choice<'a>(&'a self, locale: Locale, resource: &str, field: &str, value: &'a str) -> &'a str {
        self.words(locale)["resource"][resource]["choices"][field][value]
            .as_str()
            .unwrap_or(value)
    }
}

/// Puts one source into the catalogue: `module` becomes `module.<name>`, `resources` becomes `resource.<name>.<resource>`, every
/// other section is merged by key.
fn merge(words: &mut Map<String, Json>, name: &str, source: &Json) {
    for (section, content) in source.as_object().into_iter().flatten() {
        let mut put = |section: &str, key: &str, value: &Json| {
            let entry = words.entry(section).or_insert_with(|| json!({}));
            entry[key] = value.clone();
        };
        match (section.as_str(), content) {
            ("module", label) => put("module", name, label),
            ("resources", Json::Object(resources)) => {
                for (resource, value) in resources {
                    put("resource", &format!("{name}.{resource}"), value);
                }
            }
            (section, Json::Object(entries)) => {
                let section = if section == "problems" { "problem" } else { section };
                for (key, value) in entries {
                    put(section, key, value);
                }
            }
            _ => {}
        }
    }
}
