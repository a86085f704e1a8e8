//! The way out for letters: over SMTP when a server is named, and otherwise no further than the outbox, where the operator and
//! administrators read them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use lettre::message::{Mailbox, MultiPart, header};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::Notify;

use crate::letter::{Letter, Written};

/// How long a mail server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What an installation is told about mail.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// A mail server, as `smtps://user:password@mail.example:465` or `smtp://…:587?tls=required`. Without one letters stay in the
    /// outbox.
    pub smtp_url: Option<String>,
    /// Who writes, as `BARQ <no-reply@example.sa>`.
    pub from: String,
    /// Where links lead: the address that people open, as `https://fleet.example.sa`.
    pub base_url: String,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            smtp_url: None,
            from: "BARQ <no-reply@localhost>".to_owned(),
            base_url: "http://localhost:8080".to_owned(),
        }
    }
}

/// Why a letter did not go out.
pub struct Refused {
    /// For the person who looks at the outbox.
    pub error: String,
    /// Trying again cannot help.
    pub for_good: bool,
}

/// Sender, link host and mail server.
pub struct Mailer {
    from: Mailbox,
    pub(crate) base_url: String,
    smtp: Option<AsyncSmtpTransport<Tokio1Executor>>,
    /// Somebody posted a letter.
    pub(crate) posted: Notify,
}

impl Mailer {
    /// Reads the settings. Nothing is connected yet.
    pub fn new(settings: &MailSettings) -> Result<Self> {
        let base_url = settings.base_url.trim_end_matches('/').to_owned();
        let host = base_url
            .strip_prefix("https://")
            .or_else(|| base_url.strip_prefix("http://"));
        let is_host = host.is_some_and(|host| !host.is_empty() && !host.contains(['#', '?', '"', '<', ' ']));
        ensure!(is_host, "{base_url} is no address that links can lead to");
        let smtp = settings.smtp_url.as_deref().map(|url| {
            AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
                .map(|builder| builder.timeout(Some(PATIENCE)).build())
                // Its text would repeat the password.
                .map_err(|_| anyhow::anyhow!("the mail server is not given as smtp:// or smtps://"))
        });
        Ok(Self {
            from: settings
                .from
                .parse()
                .with_context(|| format!("{} is no sender of mail", settings.from))?,
            base_url,
            smtp: smtp.transpose()?,
            posted: Notify::new(),
        })
    }

    /// Whether letters leave the outbox.
    pub const fn sends(&self) -> bool {
        self.smtp.is_some()
    }

    /// Hands a letter to the mail server.
    pub async fn send(&self, letter: &Letter, written: Written, now: DateTime<Utc>) -> Result<(), Refused> {
        let never = |error: &dyn std::fmt::Display| Refused {
            error: error.to_string(),
            for_good: true,
        };
        let Some(smtp) = &self.smtp else {
            return Err(Refused {
                error: "no mail server is named".to_owned(),
                for_good: false,
            });
        };
        let recipient: Address = letter.recipient.parse().map_err(|error| never(&error))?;
        let host = self.from.email.domain().to_owned();
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, recipient))
            .subject(written.subject)
            // A letter that is sent twice because we died in between is shown once.
            .message_id(Some(format!("<{}@{host}>", letter.id)))
            .date(now.into())
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(written.text, written.html))
            .map_err(|error| never(&error))?;
        match smtp.send(message).await {
            Ok(_) => Ok(()),
            Err(error) => Err(Refused {
                for_good: error.is_permanent(),
                error: error.to_string(),
            }),
        }
    }
}

/// Says that a machine wrote it, so that no machine answers.
#[derive(Clone)]
struct AutoSubmitted;

impl header::Header for AutoSubmitted {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut MailSettings)) -> Result<Mailer> {
        let mut settings = MailSettings::default();
        change(&mut settings);
        Mailer::new(&settings)
    }

    #[test]
    fn reads_good_settings_and_refuses_others_without_telling_the_password() {
        assert!(!with(|_| {}).unwrap().sends());
        let mailer = with(|settings| {
            settings.smtp_url = Some("smtps://user:secret@mail.example:465".into());
            settings.base_url = "https://fleet.example.sa/".into();
        });
        let mailer = mailer.unwrap();
        assert!(mailer.sends());
        assert_eq!(mailer.base_url, "https://fleet.example.sa");
        for base_url in [
            "",
            "fleet.example.sa",
            "javascript:alert(1)",
            "https://",
            "https://a.sa/#x",
        ] {
            assert!(
                with(|settings| settings.base_url = base_url.into()).is_err(),
                "{base_url}"
            );
        }
        assert!(with(|settings| settings.from = "nobody".into()).is_err());
        let refused = with(|settings| settings.smtp_url = Some("http://user:secret@mail.example".into()));
        let text = format!("{:#}", refused.err().unwrap());
        assert!(!text.contains("secret"), "{text}");
    }
}
