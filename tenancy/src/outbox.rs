//! The outbox of an organization, for those who administer it: what became of its letters, and, while they wait, what they say.
//! Without a mail server this is how an invitation reaches anybody.

use platform_core::{Cx, Operation, Permit, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Tenancy;
use crate::account::Position;
use crate::members::within_own;
use crate::post::Outgoing;

/// The latest letters are enough: who needs more looks at invitations.
const MOST: i64 = 100;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Serialize, JsonSchema)]
struct Letters {
    data: Vec<Outgoing>,
    /// Whether letters leave by themselves; if not, somebody hands them over.
    is_sent: bool,
}

/// The operations of this file.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::get(
            "/organization/mails",
            "organization.mails.list",
            Permit::needs("organization.read_mails"),
            |cx, _: Nothing| Box::pin(list(cx)),
        )
        .summary("The organization's latest letters"),
    ]
}

async fn list(cx: &mut Cx) -> Result<Letters, Problem> {
    let platform = cx.platform.clone();
    let tenancy = platform.service::<Tenancy>();
    let mut data = tenancy
        .outbox(&platform.catalogue, Some(cx.organization_id), MOST)
        .await?;
    for letter in &mut data {
        let Some((membership, roles)) = letter.opens.take() else {
            continue;
        };
        // Who reads the link can use it: it must not open more than the reader has.
        if within_own(cx, &Position { membership, roles }).await.is_err() {
            letter.text = None;
        }
    }
    Ok(Letters {
        data,
        is_sent: tenancy.mailer().sends(),
    })
}
