//! The verifier: recomputes a chain from the histories and says what does not fit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use platform_core::{Cx, Mode, Platform, Problem};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::anchor::{Anchor, AnchorKind, Anchors, HEAD};
use crate::redaction::{Redaction, changes_hash, sealed_hashes};

pub(crate) const ENTRIES: &str =
    "SELECT c.seq, c.history_id, c.content, c.hash, h.id, h.actor_id, h.actor_name, h.on_behalf_of,
        h.verb, h.resource, h.record_id, h.request_id, h.at, h.changes::text AS changes
    FROM (SELECT seq, history_id, content, hash FROM platform.audit_chain
        WHERE organization_id = $1 AND seq > $2 ORDER BY seq LIMIT 2000) AS c
    LEFT JOIN platform.history h ON h.organization_id = $1 AND h.id = c.history_id
    ORDER BY c.seq";
pub(crate) const ROWS: &str = "SELECT h.id, EXISTS (SELECT FROM platform.audit_chain c
        WHERE c.organization_id = $1 AND c.history_id = h.id) AS is_sealed
    FROM platform.history h WHERE h.organization_id = $1 AND h.id > $2 ORDER BY h.id LIMIT 5000";

/// How old a chain may be without an anchor: the daily one may be late once.
const UNANCHORED: TimeDelta = TimeDelta::days(2);
/// Findings that are listed; what was torn at one place is often torn at many.
const MOST: usize = 100;

/// What is wrong with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The history says something else than when it was sealed.
    Edited,
    /// The history is gone.
    Deleted,
    /// Its hash does not follow from the entry before: one of the two was changed, moved or slipped in.
    Unlinked,
    /// There is no entry with this number.
    Missing,
    /// A history that was written past the chain.
    Unsealed,
    /// The chain does not end where it says that it ends.
    Head,
    /// An anchor says that there were entries which are not there any more.
    Truncated,
    /// An anchor knows the entry with another hash: the chain was written anew.
    Rewritten,
    /// An anchor or a redaction that this installation did not sign.
    Forged,
    /// There is no anchor, although the chain is old enough to have one.
    Unanchored,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Number of the entry; nothing for a history without one.
    pub seq: Option<i64>,
    /// The history.
    pub history_id: Option<Uuid>,
    /// What is wrong.
    pub fault: Fault,
}

/// What was looked at and what was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Whose chain.
    pub organization_id: Uuid,
    /// Entries of the chain.
    pub entries: i64,
    /// Anchors that were compared.
    pub anchors: usize,
    /// When the organization was erased: of what came before only the chain is left.
    pub erased_at: Option<DateTime<Utc>>,
    /// What is wrong, the first entry first; at most a hundred.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }

    /// The first broken entry.
    pub fn first(&self) -> Option<&Finding> {
        self.findings.first()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} entries, {} anchors",
            self.organization_id, self.entries, self.anchors
        )?;
        if let Some(at) = self.erased_at {
            write!(f, ", erased at {at}")?;
        }
        let Some(first) = self.first() else {
            return write!(f, ", whole");
        };
        write!(f, ", BROKEN: first {:?}", first.fault)?;
        if let Some(seq) = first.seq {
            write!(f, " at entry {seq}")?;
        }
        if let Some(id) = first.history_id {
            write!(f, " (history {id})")?;
        }
        write!(f, ", {} findings", self.findings.len())
    }
}

/// The content of a history as `platform.history_content` makes it, with this hash of its changes.
fn content(organization_id: Uuid, row: &PgRow, changes: &str) -> Result<[u8; 32], sqlx::Error> {
    let uuid = |name: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<Uuid>, _>(name)?.map(|id| id.to_string()));
    let text = |name: &str| row.try_get::<Option<String>, _>(name);
    let parts = [
        Some(organization_id.to_string()),
        uuid("id")?,
        uuid("actor_id")?,
        text("actor_name")?,
        uuid("on_behalf_of")?,
        text("verb")?,
        text("resource")?,
        uuid("record_id")?,
        text("request_id")?,
        Some(row.try_get::<DateTime<Utc>, _>("at")?.timestamp_micros().to_string()),
        Some(changes.to_owned()),
    ];
    let part = |part: Option<String>| part.map_or_else(|| "-".to_owned(), |text| format!("{}:{text}", text.len()));
    Ok(Sha256::digest(parts.map(part).join(",")).into())
}

/// The hash of an entry.
fn link(organization_id: Uuid, before: &[u8], seq: i64, content: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(format!("{organization_id}:{seq}"));
    hash.update(content);
    hash.finalize().into()
}

/// Goes through the chain of an organization as it is at one moment.
pub async fn verify(platform: &Arc<Platform>, organization_id: Uuid) -> Result<Report, Problem> {
    let data = platform.data.clone();
    let anchors = tokio::task::spawn_blocking(move || {
        let anchors = Anchors::open(&data)?;
        let redactions = anchors.redactions(organization_id)?;
        Ok::<_, std::io::Error>((anchors.public_key(), anchors.read(organization_id)?, redactions))
    });
    let anchors = anchors.await.map_err(|error| Problem::internal(&error))?;
    let (key, anchors, mut redactions) = anchors.map_err(|error| Problem::internal(&error))?;
    let mut cx = Cx::begin_job(platform, organization_id, "audit_verify", Mode::Snapshot).await?;
    let signed = |redaction: &Redaction| redaction.is_signed_by(&key) && redaction.organization_id == organization_id;
    let forged: Vec<Redaction> = redactions.extract_if(.., |redaction| !signed(redaction)).collect();
    let mut walk = Walk::new(organization_id, &anchors, &redactions);
    for redaction in forged {
        walk.found(None, Some(redaction.history_id), Fault::Forged);
    }
    for anchor in &anchors {
        if !anchor.is_signed_by(&key) || anchor.organization_id != organization_id {
            walk.found(Some(anchor.seq), None, Fault::Forged);
        }
    }
    loop {
        let page = sqlx::query(ENTRIES).bind(organization_id).bind(walk.seq);
        let rows = page.fetch_all(cx.db()).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            walk.step(row)?;
        }
    }
    let head = sqlx::query(HEAD).bind(organization_id).fetch_optional(cx.db()).await?;
    walk.end(head.as_ref(), cx.now)?;
    let mut after = Uuid::nil();
    loop {
        let page = sqlx::query(ROWS).bind(organization_id).bind(after);
        let rows = page.fetch_all(cx.db()).await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get("id")?;
        for row in &rows {
            if !row.try_get::<bool, _>("is_sealed")? {
                walk.found(None, Some(row.try_get("id")?), Fault::Unsealed);
            }
        }
    }
    cx.commit().await?;
    Ok(walk.report(anchors.len()))
}

/// Where the verifier stands.
struct Walk {
    organization_id: Uuid,
    seq: i64,
    hash: Vec<u8>,
    oldest: Option<DateTime<Utc>>,
    /// Hashes that anchors know, by entry.
    anchored: BTreeMap<i64, BTreeSet<String>>,
    /// Up to where histories may be gone, and since when.
    erased: Option<(i64, DateTime<Utc>)>,
    /// What was sealed of histories that were redacted, and what they may say now.
    redacted: BTreeMap<Uuid, (String, Vec<String>)>,
    findings: Vec<Finding>,
}

impl Walk {
    fn new(organization_id: Uuid, anchors: &[Anchor], redactions: &[Redaction]) -> Self {
        let mut anchored: BTreeMap<i64, BTreeSet<String>> = BTreeMap::new();
        for anchor in anchors {
            anchored.entry(anchor.seq).or_default().insert(anchor.hash.clone());
        }
        let erased = anchors.iter().filter(|anchor| anchor.kind == AnchorKind::Erased);
        Self {
            organization_id,
            seq: 0,
            hash: vec![0; 32],
            oldest: None,
            anchored,
            erased: erased.map(|anchor| (anchor.seq, anchor.at)).max(),
            redacted: sealed_hashes(redactions),
            findings: Vec::new(),
        }
    }

    fn found(&mut self, seq: Option<i64>, history_id: Option<Uuid>, fault: Fault) {
        if self.findings.len() < MOST {
            let finding = Finding { seq, history_id, fault };
            self.findings.push(finding);
        }
    }

    fn step(&mut self, row: &PgRow) -> Result<(), sqlx::Error> {
        let (seq, history_id): (i64, Uuid) = (row.try_get("seq")?, row.try_get("history_id")?);
        let (sealed, hash): (Vec<u8>, Vec<u8>) = (row.try_get("content")?, row.try_get("hash")?);
        let id = Some(history_id);
        if seq != self.seq + 1 {
            self.found(Some(self.seq + 1), None, Fault::Missing);
        }
        if row.try_get::<Option<Uuid>, _>("id")?.is_none() {
            if self.erased.is_none_or(|(last, _)| seq > last) {
                self.found(Some(seq), id, Fault::Deleted);
            }
        } else {
            let now = changes_hash(row.try_get("changes")?);
            let redacted = self.redacted.get(&history_id);
            let is_known = redacted.is_none_or(|(_, may)| may.contains(&now));
            let then = redacted.map_or(&now, |(then, _)| then);
            if !is_known || content(self.organization_id, row, then)? != *sealed {
                self.found(Some(seq), id, Fault::Edited);
            }
            self.oldest = self.oldest.or(Some(row.try_get("at")?));
        }
        if link(self.organization_id, &self.hash, seq, &sealed) != *hash {
            self.found(Some(seq), id, Fault::Unlinked);
        }
        if let Some(known) = self.anchored.get(&seq)
            && known.iter().any(|known| *known != hex::encode(&hash))
        {
            self.found(Some(seq), id, Fault::Rewritten);
        }
        (self.seq, self.hash) = (seq, hash);
        Ok(())
    }

    fn end(&mut self, head: Option<&PgRow>, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
        let (seq, hash): (i64, Vec<u8>) = match head {
            Some(row) => (row.try_get("seq")?, row.try_get("hash")?),
            None => (0, vec![0; 32]),
        };
        if seq != self.seq || hash != self.hash {
            self.found(Some(seq.min(self.seq) + 1), None, Fault::Head);
        }
        let anchored = self.anchored.keys().next_back().copied();
        if anchored.is_some_and(|anchored| anchored > self.seq) {
            self.found(Some(self.seq + 1), None, Fault::Truncated);
        }
        let old = self.oldest.is_some_and(|oldest| oldest + UNANCHORED < now);
        if anchored.is_none() && old {
            self.found(Some(self.seq), None, Fault::Unanchored);
        }
        Ok(())
    }

    fn report(mut self, anchors: usize) -> Report {
        // Histories without a number come last, in the order of their ids.
        self.findings
            .sort_by_key(|finding| (finding.seq.is_none(), finding.seq, finding.history_id));
        Report {
            organization_id: self.organization_id,
            entries: self.seq,
            anchors,
            erased_at: self.erased.map(|(_, at)| at),
            findings: self.findings,
        }
    }
}
