//! The conversation with the worker about one call: what it is given, what it may ask, what comes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use platform_plugin_records::{EffectKind, Fault, FaultKind, Inbound, Permitted, Rules};
use serde_json::Value;

use crate::accept::{Against, accept};
use crate::host::{Call, PluginHost};
use crate::http::{HostRule, Http};
use crate::input::Input;
use crate::manifest::Manifest;
use crate::outcome::{Answer, CallError, Outcome, fault, finish, malformed, tidy};
use crate::process::{Slot, Worker};
use crate::questions::Questions;
use crate::recording::{Recorder, Recording, ReplayError, Replayed, output, question};
use crate::secrets::Scrubber;
use crate::wire::{self, Ask, CallContext, Done, FromWorker, Given, Start, ToWorker, Told};

/// How much later than the worker the server gives up on a call, and on the worker with it.
const GRACE: Duration = Duration::from_secs(2);

/// Somebody who answers a guest's questions.
trait Answers {
    /// The answer, or why there is an end of it.
    async fn answer(&mut self, ask: Ask, deadline: Instant) -> Result<Told, Fault>;
}

impl PluginHost {
    /// Calls a function of the contract: the other methods are made of this one.
    pub async fn call_input(&self, call: Call<'_>, mut input: Input) -> Outcome<Answer> {
        let started = Instant::now();
        let mut http = self.http(&call);
        if let Some(inbound) = input.inbound_mut() {
            scrub(inbound, &call.plugin.manifest, &http.scrubber);
        }
        let limits = call.limits.lowered_by(&call.plugin.manifest);
        let given = given(&call, &http);
        let start = |slot: &Slot, call_number| Start {
            call: call_number,
            component: slot.number,
            input: input.clone(),
            given: given.clone(),
            limits,
            trace: call.record,
            script: None,
        };
        let mut live = Live {
            questions: Questions::new(&call, &self.shared.tokens, &mut http),
            recorder: call.record.then(Recorder::default),
        };
        let place = (call.organization_id.as_str(), call.installation_id.as_str());
        let talked = self.talk(call.plugin, place, start, limits.wall_ms, &mut live).await;
        let recorder = live.recorder.take();
        for (name, value, expires_in_s) in std::mem::take(&mut http.captured) {
            let (organization, installation) = place;
            self.shared
                .tokens
                .keep(organization, installation, &name, value, expires_in_s, call.now);
        }
        let mut recording = None;
        let (answer, done) = match talked {
            Ok(mut done) => {
                let component = call.plugin.component.sha256;
                recording =
                    recorder.map(|recorder| recorder.finish(component, (input.clone(), given.clone(), limits), &done));
                let raw = std::mem::replace(&mut done.answer, wire::Answer::Migrated);
                (judge(&call, &input, raw, &http), Some(done))
            }
            Err(fault) => (Err(CallError::Fault(fault)), None),
        };
        let mut outcome = finish(answer, done, http, call.now, started);
        outcome.recording = recording.map(|mut recording| {
            recording.stats = outcome.stats;
            Box::new(recording)
        });
        outcome
    }

    /// Runs a recorded call again: the guest gets the answers it got then, and nothing leaves this process. The error names the
    /// first step at which it goes another way.
    pub async fn replay(
        &self,
        plugin: &crate::catalogue::Plugin,
        recording: &Recording,
    ) -> Result<Replayed, ReplayError> {
        if plugin.component.sha256 != recording.component_sha256 {
            return Err(ReplayError::OtherComponent);
        }
        if let Some(why) = &recording.incomplete {
            return Err(ReplayError::Incomplete(why.clone()));
        }
        let started = Instant::now();
        let start = |slot: &Slot, call_number| Start {
            call: call_number,
            component: slot.number,
            input: recording.input.clone(),
            given: recording.given.clone(),
            limits: recording.limits,
            trace: true,
            script: Some(recording.trace.clone()),
        };
        let mut script = Script {
            recording,
            next: 0,
            diverged: None,
        };
        let context = &recording.given.context;
        let place = (context.organization_id.as_str(), context.installation_id.as_str());
        let talked = self
            .talk(plugin, place, start, recording.limits.wall_ms, &mut script)
            .await;
        if let Some(diverged) = script.diverged {
            return Err(diverged);
        }
        let done = talked.map_err(|fault| ReplayError::Failed(fault.detail))?;
        match &done.answer {
            wire::Answer::Diverged { step, recorded, now } => {
                return Err(ReplayError::Diverged {
                    step: *step,
                    recorded: recorded.clone(),
                    now: now.clone(),
                });
            }
            wire::Answer::Fault(fault) => return Err(ReplayError::Failed(fault.detail.clone())),
            _ => {}
        }
        let output = output(&done);
        let mut stats = crate::outcome::Stats {
            guest_us: done.guest_us,
            host_calls: done.host_calls,
            memory_peak_bytes: done.memory_peak_bytes,
            ..Default::default()
        };
        stats.wall_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(Replayed {
            same: output == recording.output,
            output,
            stats,
        })
    }

    /// Runs the call in the worker and answers what it asks.
    async fn talk(
        &self,
        plugin: &crate::catalogue::Plugin,
        (organization, installation): (&str, &str),
        start: impl FnOnce(&Slot, u64) -> Start,
        wall_ms: u32,
        answers: &mut impl Answers,
    ) -> Result<Done, Fault> {
        let _permit = self.shared.slots.acquire(organization, installation).await;
        let (worker, slot): (Arc<Worker>, Arc<Slot>) = self.load(plugin).await?;
        let mut conversation = worker.open();
        let sent = worker.send(&ToWorker::Call(Box::new(start(&slot, conversation.call))));
        sent.map_err(|e| fault(FaultKind::Malformed, &format!("the call is too large: {e}")))?;
        let wall = Duration::from_millis(u64::from(wall_ms));
        let deadline = Instant::now() + wall;
        let lost = || fault(FaultKind::WorkerLost, "the plugin worker ended during the call");
        let talk = async {
            loop {
                match conversation.next().await.ok_or_else(lost)? {
                    FromWorker::Done { done, .. } => return Ok(*done),
                    FromWorker::Ask { ask, .. } => {
                        let told = ToWorker::Told {
                            call: conversation.call,
                            told: answers.answer(ask, deadline).await?,
                        };
                        worker
                            .send(&told)
                            .map_err(|e| fault(FaultKind::Budget, &e.to_string()))?;
                    }
                    FromWorker::Loaded { .. } | FromWorker::Pong { .. } | FromWorker::Ready { .. } => {
                        return Err(malformed("a stray message"));
                    }
                }
            }
        };
        if let Ok(result) = tokio::time::timeout(wall + GRACE, talk).await {
            return result;
        }
        worker.kill();
        Err(fault(
            FaultKind::Timeout,
            "the plugin worker did not keep the time limit and was ended",
        ))
    }

    fn http<'a>(&'a self, call: &Call<'a>) -> Http<'a> {
        let manifest = &call.plugin.manifest;
        let mut hosts: BTreeMap<String, Vec<HostRule>> = BTreeMap::new();
        for ask in &manifest.hosts {
            let host = manifest.resolve(&ask.host, call.settings);
            if let Some(host) = host.filter(|host| call.grants.hosts.contains(host)) {
                hosts.entry(host).or_default().push(HostRule {
                    methods: ask.methods.clone(),
                    paths: ask.paths.clone(),
                });
            }
        }
        let secret_hosts = manifest.secrets.iter().map(|secret| {
            let hosts = manifest.resolve_secret_hosts(&secret.name, call.settings);
            (secret.name.clone(), hosts.into_iter().collect())
        });
        let captured = manifest.secrets.iter().filter(|secret| secret.captured);
        let capturable: BTreeSet<String> = captured.map(|secret| secret.name.clone()).collect();
        let mut secrets = call.secrets.clone();
        for name in &capturable {
            let (organization, installation) = (&call.organization_id, &call.installation_id);
            if let Some(value) = self.shared.tokens.get(organization, installation, name, call.now) {
                secrets.insert(name.clone(), value);
            }
        }
        Http {
            guard: &self.shared.guard,
            scrubber: secrets.scrubber(),
            secrets,
            hosts,
            secret_hosts: secret_hosts.collect(),
            capturable,
            captured: Vec::new(),
            limits: call.limits.lowered_by(manifest),
            records: Vec::new(),
            calls: 0,
        }
    }
}

/// The answer, as far as it may be stored.
fn judge(call: &Call<'_>, input: &Input, raw: wire::Answer, http: &Http<'_>) -> Result<Answer, CallError> {
    let asked = call.plugin.manifest.effect_kinds();
    let granted = |kind: &EffectKind| call.grants.effects.contains(kind);
    let against = Against {
        input,
        rules: Rules {
            now: call.now,
            currencies: call.currencies.to_vec(),
        },
        permitted: Permitted {
            kinds: asked.into_iter().filter(granted).collect(),
            emits: call.plugin.manifest.emits.clone(),
        },
        max_records: call.limits.records as usize,
    };
    match raw {
        wire::Answer::Failure(failure) => Err(CallError::Failure(tidy(failure, http))),
        wire::Answer::Fault(fault) => Err(CallError::Fault(fault)),
        raw => accept(raw, &against).map_err(CallError::Fault),
    }
}

/// Answers from the world.
struct Live<'a, 'b> {
    questions: Questions<'a, 'b>,
    recorder: Option<Recorder>,
}

impl Answers for Live<'_, '_> {
    async fn answer(&mut self, ask: Ask, deadline: Instant) -> Result<Told, Fault> {
        let Some(recorder) = &mut self.recorder else {
            return Ok(self.questions.answer(ask, deadline).await);
        };
        let told = self.questions.answer(ask.clone(), deadline).await;
        recorder.add(&ask, &told);
        Ok(told)
    }
}

/// Answers from a recording.
struct Script<'a> {
    recording: &'a Recording,
    next: usize,
    diverged: Option<ReplayError>,
}

impl Answers for Script<'_> {
    async fn answer(&mut self, ask: Ask, _: Instant) -> Result<Told, Fault> {
        let then = self.recording.asked.get(self.next);
        self.next += 1;
        if let Some((asked, told)) = then
            && *asked == ask
        {
            return Ok(told.clone());
        }
        let words = |ask: &Ask| {
            let (call, asked) = question(ask);
            format!("{call} {asked}").trim_end().to_owned()
        };
        self.diverged = Some(ReplayError::Diverged {
            step: self.recording.step_of(self.next),
            recorded: then.map_or_else(|| "the end of the call".to_owned(), |(asked, _)| words(asked)),
            now: words(&ask),
        });
        Err(malformed("another question than it asked when it was recorded"))
    }
}

/// What the guest may not read in what somebody sent: a secret of its own, repeated. Where the guest itself checks a signature,
/// what is signed stays byte for byte as it came.
fn scrub(inbound: &mut Inbound, manifest: &Manifest, scrubber: &Scrubber) {
    let text = |text: &mut String| *text = scrubber.text(std::mem::take(text));
    inbound.headers.iter_mut().for_each(|(_, value)| text(value));
    let ask = manifest.webhooks.iter().find(|ask| ask.name == inbound.endpoint);
    if ask.is_some_and(|ask| {
        ask.signature
            .as_ref()
            .is_some_and(|signature| signature.scheme == "plugin")
    }) {
        return;
    }
    text(&mut inbound.address);
    text(&mut inbound.path);
    inbound.query.iter_mut().for_each(|(_, value)| text(value));
    inbound.body = scrubber.bytes(std::mem::take(&mut inbound.body));
}

/// What a call knows besides its arguments.
fn given(call: &Call<'_>, http: &Http<'_>) -> Given {
    let settings = call.plugin.manifest.with_defaults(call.settings);
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let declared = call.plugin.manifest.secrets.iter();
    Given {
        context: CallContext {
            call_id: call.call_id.clone(),
            idempotency_key: call.idempotency_key.clone(),
            attempt: call.attempt,
            organization_id: call.organization_id.clone(),
            installation_id: call.installation_id.clone(),
            time_zone: call.time_zone.to_owned(),
            locale: call.locale.to_owned(),
            currency: call.currencies.first().cloned().unwrap_or_default(),
            now_ms: call.now.timestamp_millis(),
        },
        settings: settings
            .iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(k, v)| (k.clone(), text(v)))
            .collect(),
        settings_json: Value::Object(settings).to_string(),
        secrets: declared
            .map(|s| (s.name.clone(), http.secrets.get(&s.name).is_some()))
            .collect(),
    }
}
