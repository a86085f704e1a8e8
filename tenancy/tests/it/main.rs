//! Sign-in and members against a real server, through the operations as the router calls them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod api_keys;
mod api_keys_kept;
mod authenticator;
mod catalogue;
mod domains;
mod factors;
mod federation;
mod fixation;
mod flood;
mod groups;
mod guessing;
mod impersonation;
mod invitations;
mod keys;
mod letters;
mod mailbox;
mod members;
mod modules;
mod passkeys;
mod privileges;
mod provider;
mod reset;
mod roles;
mod rotation;
mod scene;
mod scopes;
mod secrets;
mod sessions;
mod shared;
mod sign_in;
mod statements;
mod switch;
mod throttle;
