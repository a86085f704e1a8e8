//! Letters: what is written to people, in their language, as plain text and as HTML.
//!
//! The words are in the catalogue (section `mail`). The address of a link comes from the settings of the installation, never from
//! a request: whoever sends a request must not choose where its reader ends up.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Catalogue, Locale, ids};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long a letter is worth sending when nothing else is said.
const WORTH_SENDING: TimeDelta = TimeDelta::days(7);

/// A letter before it is written.
#[derive(Clone, Debug)]
pub struct Letter {
    /// Names it: a letter that is posted twice is sent once.
    pub id: Uuid,
    /// Its key in the section `mail` of the words.
    pub template: String,
    /// An e-mail address.
    pub recipient: String,
    /// The reader's language.
    pub locale: Locale,
    /// Whose administrators may see it in the outbox.
    pub organization_id: Option<Uuid>,
    /// When it is worth nothing to the reader any more.
    pub expires_at: DateTime<Utc>,
    /// What it says of this reader.
    pub content: Content,
}

/// What fills a letter: it may hold what opens an account, so it is stored sealed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Content {
    /// What fills the sentences' `{name}` holes.
    pub holes: BTreeMap<String, String>,
    /// Path and fragment of the link, as `/reset-password#token=…`.
    pub link: Option<String>,
    /// The membership and roles that its link gives, for who asks whether an administrator may read it.
    #[serde(default)]
    pub opens: Option<(String, Vec<String>)>,
}

/// A letter as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its subject.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl Letter {
    /// A letter to an address.
    pub fn new(template: &str, recipient: &str, locale: Locale, now: DateTime<Utc>) -> Self {
        Self {
            id: ids::new_id(),
            template: template.to_owned(),
            recipient: recipient.to_owned(),
            locale,
            organization_id: None,
            expires_at: now + WORTH_SENDING,
            content: Content::default(),
        }
    }

    /// Fills a hole.
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.content.holes.insert(name.to_owned(), value.to_string());
        self
    }

    /// Adds the link: what it opens goes behind `#`, which browsers keep to themselves, so that no log on the way holds it.
    pub fn link(mut self, path: &str, token: &str) -> Self {
        self.content.link = Some(if token.is_empty() {
            path.to_owned()
        } else {
            format!("{path}#token={token}")
        });
        self
    }

    /// Not worth sending after a while.
    pub fn until(mut self, expires_at: DateTime<Utc>) -> Self {
        self.expires_at = expires_at;
        self
    }

    /// Shown to the administrators of an organization who may see its outbox.
    pub fn of(mut self, organization_id: Uuid) -> Self {
        self.organization_id = Some(organization_id);
        self
    }

    /// Says which membership and roles its link gives.
    pub fn opening(mut self, membership: &str, roles: &[String]) -> Self {
        self.content.opens = Some((membership.to_owned(), roles.to_vec()));
        self
    }

    /// Writes it in the reader's language.
    pub fn write(&self, catalogue: &Catalogue, base_url: &str) -> Written {
        let words = &catalogue.words(self.locale)["mail"];
        let word = |key: &str| words[self.template.as_str()][key].as_str().unwrap_or_default();
        let frame = |key: &str| words["frame"][key].as_str().unwrap_or_default();
        let holes = &self.content.holes;
        let link = self.content.link.as_ref().map(|link| format!("{base_url}{link}"));

        let mut parts = vec![
            frame("greeting").to_owned(),
            fill(word("body"), holes, &ToString::to_string),
        ];
        if let Some(link) = &link {
            parts.push(format!("{}:\n{link}", word("button")));
        }
        parts.extend([
            fill(word("end"), holes, &ToString::to_string),
            frame("sender").to_owned(),
        ]);
        parts.retain(|part| !part.is_empty());

        let (direction, language) = match self.locale {
            Locale::En => ("ltr", "en"),
            Locale::Ar => ("rtl", "ar"),
        };
        // Names are isolated, so that one of the other direction does not turn the sentence around.
        let isolated = |value: &str| format!("<bdi>{}</bdi>", escaped(value));
        let paragraph = |text: &str| format!("<p>{text}</p>\n");
        let sentence = |text: &str| fill(&escaped(text), holes, &isolated);
        let mut body = vec![
            paragraph(&escaped(frame("greeting"))),
            paragraph(&sentence(word("body"))),
        ];
        if let Some(link) = &link {
            let (link, button, plain) = (escaped(link), escaped(word("button")), escaped(frame("link")));
            body.extend([
                format!("<p><a href=\"{link}\" style=\"{BUTTON}\">{button}</a></p>\n"),
                format!("<p style=\"color:#555\">{plain}<br><a href=\"{link}\" dir=\"ltr\">{link}</a></p>\n"),
            ]);
        }
        body.extend([
            paragraph(&sentence(word("end"))),
            format!("<p style=\"color:#555\">{}</p>\n", escaped(frame("sender"))),
        ]);
        let body = body.concat();
        Written {
            subject: fill(word("subject"), holes, &ToString::to_string),
            text: parts.join("\n\n") + "\n",
            html: format!(
                "<!doctype html>\n<html lang=\"{language}\" dir=\"{direction}\">\n<head><meta charset=\"utf-8\"></head>\n\
                 <body style=\"{BODY}\">\n{body}</body>\n</html>\n"
            ),
        }
    }
}

const BODY: &str =
    "font-family:Tahoma,Arial,sans-serif;font-size:16px;line-height:1.6;max-width:36rem;margin:0 auto;padding:1rem";
const BUTTON: &str =
    "display:inline-block;padding:.6rem 1.2rem;border-radius:.4rem;background:#14532d;color:#fff;text-decoration:none";

/// Fills the holes in one pass: a value that looks like a hole stays as it is.
fn fill(text: &str, holes: &BTreeMap<String, String>, shown: &dyn Fn(&str) -> String) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let value = behind.split_once('}').and_then(|(name, _)| holes.get_key_value(name));
        if let Some((name, value)) = value {
            filled.push_str(&shown(value));
            rest = &behind[name.len() + 1..];
        } else {
            filled.push('{');
            rest = behind;
        }
    }
    filled.push_str(rest);
    filled
}

/// Text as HTML.
fn escaped(text: &str) -> String {
    let pairs = [
        ('&', "&amp;"),
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&quot;"),
        ('\'', "&#39;"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (character, entity)| {
        text.replace(*character, entity)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue() -> Catalogue {
        let (en, ar) = (include_str!("../locales/en.json"), include_str!("../locales/ar.json"));
        Catalogue::new(&[("tenancy", en, ar)]).unwrap()
    }

    #[test]
    fn every_letter_has_words_and_fills_its_holes_in_both_languages() {
        let catalogue = catalogue();
        let templates = catalogue.words(Locale::En)["mail"].as_object().unwrap();
        assert!(templates.len() > 5, "{templates:?}");
        for template in templates.keys().filter(|template| *template != "frame") {
            for locale in [Locale::En, Locale::Ar] {
                let words = &catalogue.words(locale)["mail"][template];
                for key in ["subject", "body", "end"] {
                    assert!(
                        words[key].as_str().is_some_and(|text| !text.is_empty()),
                        "{template} {key}"
                    );
                }
                let letter = [
                    "organization",
                    "inviter",
                    "membership",
                    "days",
                    "minutes",
                    "at",
                    "address",
                    "what",
                ]
                .iter()
                .fold(
                    Letter::new(template, "a@example.sa", locale, DateTime::UNIX_EPOCH),
                    |letter, hole| letter.with(hole, "فهد"),
                );
                let written = letter.write(&catalogue, "https://barq.example");
                for text in [written.subject, written.text, written.html] {
                    assert!(!text.contains(['{', '}']), "{text}");
                }
            }
        }
    }

    #[test]
    fn a_name_is_never_markup_and_never_a_hole() {
        let catalogue = catalogue();
        let letter = Letter::new("invitation", "a@example.sa", Locale::En, DateTime::UNIX_EPOCH)
            .with("organization", "<img src=x onerror=alert(1)> {inviter}")
            .with("inviter", "\"Noura\" & co")
            .with("membership", "Viewer")
            .with("days", 7)
            .link("/invitation", "abc");
        let written = letter.write(&catalogue, "https://barq.example");
        assert!(
            written
                .html
                .contains("<bdi>&lt;img src=x onerror=alert(1)&gt; {inviter}</bdi>"),
            "{}",
            written.html
        );
        assert!(
            written.html.contains("<bdi>&quot;Noura&quot; &amp; co</bdi>"),
            "{}",
            written.html
        );
        assert!(!written.html.contains("<img"));
        assert!(
            written.text.contains("https://barq.example/invitation#token=abc"),
            "{}",
            written.text
        );
        assert!(
            written
                .html
                .contains("href=\"https://barq.example/invitation#token=abc\""),
            "{}",
            written.html
        );
        assert!(written.html.contains("dir=\"ltr\""));
    }
}
