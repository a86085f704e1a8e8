//! One provider as a server of this machine, for trying a plugin without an account: what it is sent is shown.

use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use provider_simulators::{HungerStation, Jahez, Keeta, Sent, Taqnyat, Trouble, Twilio, Unifonic};

/// A provider to try a plugin against. Its address goes into the plugin's settings and, as it is not a public one, into the
/// server's list of exempt origins.
#[derive(Parser)]
struct Arguments {
    provider: Provider,
    #[arg(long, default_value = "127.0.0.1:8098")]
    listen: SocketAddr,
    /// What it accepts as key, token or secret.
    #[arg(long, default_value = "simulator-key")]
    key: String,
    /// The sender name or number that is registered with it.
    #[arg(long, default_value = "BARQ")]
    sender: String,
    /// What goes wrong.
    #[arg(long, value_enum, default_value = "none")]
    trouble: Trouble,
}

#[derive(Clone, Copy, ValueEnum)]
enum Provider {
    Unifonic,
    Taqnyat,
    Twilio,
    Jahez,
    Keeta,
    Hungerstation,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments {
        provider,
        listen,
        key,
        sender,
        trouble,
    } = Arguments::parse();
    match provider {
        Provider::Unifonic => {
            let gateway = Unifonic::start(listen, &key, &[&sender]).await?;
            gateway.trouble(trouble, 0);
            show(&gateway.origin(), || sms(&gateway.sent())).await
        }
        Provider::Taqnyat => {
            let gateway = Taqnyat::start(listen, &key, &[&sender]).await?;
            gateway.trouble(trouble, 0);
            show(&gateway.origin(), || sms(&gateway.sent())).await
        }
        Provider::Twilio => {
            let gateway = Twilio::start(listen, "AC0123456789abcdef0123456789abcdef", &key, &[&sender]).await?;
            gateway.trouble(trouble, 0);
            show(&gateway.origin(), || sms(&gateway.sent())).await
        }
        Provider::Jahez => {
            let platform = Jahez::start(listen, &key, &key).await?;
            platform.trouble(trouble, 0);
            let told = || {
                platform
                    .told()
                    .iter()
                    .map(|(order, status)| format!("{order}: {status}"))
                    .collect()
            };
            show(&platform.origin(), told).await
        }
        Provider::Keeta => {
            let platform = Keeta::start(listen, 3_762_772_727, &key, &key).await?;
            platform.trouble(trouble, 0);
            let told = || {
                platform
                    .told()
                    .iter()
                    .map(|(action, what)| format!("{action} {what}"))
                    .collect()
            };
            show(&platform.origin(), told).await
        }
        Provider::Hungerstation => {
            let platform = HungerStation::start(listen, &sender, &key, &key).await?;
            platform.trouble(trouble, 0);
            let told = || {
                platform
                    .told()
                    .iter()
                    .map(|(order, what)| format!("{order}: {what}"))
                    .collect()
            };
            show(&platform.origin(), told).await
        }
    }
}

fn sms(sent: &[Sent]) -> Vec<String> {
    let line = |message: &Sent| {
        format!(
            "{} from {} to {} ({} parts): {}",
            message.id, message.sender, message.to, message.parts, message.body
        )
    };
    sent.iter().map(line).collect()
}

/// Writes each line once, when it comes, for ever.
async fn show(origin: &str, lines: impl Fn() -> Vec<String>) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "listening on {origin}")?;
    let mut shown = 0;
    loop {
        for line in lines().iter().skip(shown) {
            writeln!(out, "{line}")?;
            shown += 1;
        }
        out.flush()?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
