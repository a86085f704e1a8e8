//! The services outside that the plugins talk to, as real HTTP servers of this machine: with the words, the statuses and the
//! oddities their documentation and their users report, and with every kind of trouble on demand.
//!
//! | Server | Oddities |
//! |---|---|
//! | [`Unifonic`] | refusals also with status 200, `success` as text or boolean, statuses such as 482 that nobody else has |
//! | [`Taqnyat`] | 201 for good; lists that are texts: `"[9665…,]"` |
//! | [`Twilio`] | figures that are texts, `price` null until later; callbacks signed with HMAC-SHA1 over address and sorted fields, out of order and twice |
//! | [`Jahez`] | a token for an API key and a secret, refused one day without a word; prices as decimals; no signature |
//! | [`Keeta`] | JSON in a JSON text; status 200 for every refusal; a `sig` inside the body that is no HMAC; events again up to three times |
//! | [`HungerStation`] | prices as texts; per-order addresses for the answers; signed callbacks, locations every 15 seconds |

mod hungerstation;
mod jahez;
mod keeta;
mod server;
mod sms;
mod taqnyat;
mod twilio;
mod unifonic;
mod webhook;

pub use hungerstation::HungerStation;
pub use jahez::Jahez;
pub use keeta::{Keeta, signature as keeta_signature};
pub use server::{Received, Server, Trouble};
pub use sms::{Sent, parts};
pub use taqnyat::Taqnyat;
pub use twilio::{KEY_SID as TWILIO_KEY_SID, Twilio};
pub use unifonic::Unifonic;
pub use webhook::{Webhook, hmac_sha1_base64, hmac_sha256_hex, onfleet, shuffled};
