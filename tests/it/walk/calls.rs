//! The calls of the walk and what must be true of their answers.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use barq_tests::{Answer, Harness, Person, Stock, beside, example, sample, unique};
use platform_core::{Cx, Mode};
use platform_resource::{Kind, Resource, Verb};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::ear::Ear;
use super::forms::{ends_session, forms, masked, put, shown};
use super::plan::{Operation, Place, Plan, Spot, with_words};

/// One person's walk with the ids of another organization.
pub struct Walk<'a> {
    harness: &'a Harness,
    plan: &'a Plan,
    person: &'a Person,
    own: &'a Stock,
    other: &'a Stock,
    canaries: Ear,
    /// Whether it walks its own organization, to show that the walk can fail.
    pub is_control: bool,
    /// What is wrong.
    pub findings: Vec<String>,
    /// Operations with an id that was found to be there.
    pub caught: Vec<String>,
    /// Operations that were called.
    pub walked: BTreeSet<String>,
    /// Calls that were refused, in the same bytes, before the id was looked at: by a rule over other values or rows.
    pub blocked: BTreeSet<String>,
    /// Places of ids that were tried.
    pub spots: usize,
    pub calls: usize,
    /// Answers to an id of somebody else beside answers to one that nothing has.
    pub pairs: usize,
}

/// What an operation is called with.
struct Call {
    path: String,
    body: Vec<u8>,
    headers: Vec<(&'static str, String)>,
}

impl<'a> Walk<'a> {
    pub fn new(
        harness: &'a Harness,
        plan: &'a Plan,
        person: &'a Person,
        own: &'a Stock,
        other: &'a Stock,
    ) -> Result<Self> {
        Ok(Self {
            harness,
            plan,
            person,
            own,
            other,
            canaries: Ear::new(other.canaries(own))?,
            is_control: std::ptr::eq(own, other),
            findings: Vec::new(),
            caught: Vec::new(),
            walked: BTreeSet::new(),
            blocked: BTreeSet::new(),
            spots: 0,
            calls: 0,
            pairs: 0,
        })
    }

    pub fn canaries(&self) -> usize {
        self.canaries.words().len()
    }

    /// Reads, then every id, then what is left of the writes: own rows have to be there while ids are tried.
    pub async fn everything(&mut self) -> Result<()> {
        self.reads().await?;
        self.ids().await?;
        let (plan, is_control) = (self.plan, self.is_control);
        let walked = || {
            let operations = plan.operations.iter();
            operations.filter(move |operation| !(is_control && ends_session(operation)))
        };
        let writes = || walked().filter(|operation| operation.method != "GET");
        for operation in writes().filter(|operation| !ends_session(operation)) {
            self.plainly(operation).await.with_context(|| operation.id.clone())?;
        }
        let me = self.person.get("/api/v1/auth/me").await?;
        me.expect(200).context("the walk has lost its session")?;
        for operation in writes().filter(|operation| ends_session(operation)) {
            self.plainly(operation).await.with_context(|| operation.id.clone())?;
        }
        Ok(())
    }

    /// Every id that an operation takes, as the other organization's and as one that nothing has.
    pub async fn ids(&mut self) -> Result<()> {
        let plan = self.plan;
        let is_control = self.is_control;
        let walked = || {
            plan.operations
                .iter()
                .filter(move |operation| !(is_control && ends_session(operation)))
        };
        // What deletes comes last: the control deletes its own rows, which the others still need.
        let deletes = |operation: &&Operation| operation.method == "DELETE" || operation.verb() == "bulk";
        let in_order = walked()
            .filter(move |operation| !deletes(operation))
            .chain(walked().filter(move |operation| deletes(operation)));
        for operation in in_order {
            for spot in &operation.spots {
                let tried = self.spot(operation, spot).await;
                tried.with_context(|| format!("{} {:?}", operation.id, spot.place))?;
                self.spots += 1;
            }
            self.beyond_the_document(operation)
                .await
                .with_context(|| operation.id.clone())?;
        }
        Ok(())
    }

    /// Every read as one's own.
    pub async fn reads(&mut self) -> Result<()> {
        for operation in self
            .plan
            .operations
            .iter()
            .filter(|operation| operation.method == "GET")
        {
            self.plainly(operation).await.with_context(|| operation.id.clone())?;
        }
        Ok(())
    }

    async fn plainly(&mut self, operation: &Operation) -> Result<()> {
        let call = self.call_of(operation, None, None)?;
        let answer = self.send(operation, &call, None).await?;
        if answer.status.is_server_error() {
            self.findings.push(format!("{}: {}", operation.id, answer.text()));
        }
        Ok(())
    }

    /// The same call with an id of the other organization and with one that nothing has.
    async fn spot(&mut self, operation: &Operation, spot: &Spot) -> Result<()> {
        let foreign = self.other.id(&spot.target)?;
        let missing = beside(foreign);
        self.step_into_state(operation).await?;
        for form in forms(operation, spot) {
            let mut answers = Vec::new();
            for id in [foreign, missing] {
                let call = self.call_of(operation, Some((spot, &form)), Some(id))?;
                answers.push(self.send(operation, &call, Some(id)).await?);
            }
            let [there, nowhere] = answers.as_slice() else { continue };
            self.pairs += 1;
            self.compare(operation, spot, &form, (there, foreign), (nowhere, missing));
        }
        Ok(())
    }

    /// Calls with another's id as somebody who may not see the row: each is refused, or answered like one with an id that nothing has.
    /// Answers how many there were.
    pub async fn is_hidden(&mut self, operation: &Operation, spot: &Spot) -> Result<usize> {
        let foreign = self.other.id(&spot.target)?;
        let missing = beside(foreign);
        let forms = forms(operation, spot);
        for form in &forms {
            let mut answers = Vec::new();
            for id in [foreign, missing] {
                let call = self.call_of(operation, Some((spot, form)), Some(id))?;
                answers.push(self.send(operation, &call, Some(id)).await?);
            }
            let [there, nowhere] = answers.as_slice() else { continue };
            // What is said of nothing says nothing; words of the other's rows are looked for in every answer besides.
            if there.status.is_server_error() || masked(there, foreign) != masked(nowhere, missing) {
                let (there, nowhere) = (shown(there), shown(nowhere));
                let place = format!("{} {:?} {form}", operation.id, spot.place);
                self.findings
                    .push(format!("{place}:\n  another's {there}\n  missing   {nowhere}"));
            }
        }
        Ok(forms.len())
    }

    /// Puts one's own row into a state from which the action can be taken, so that its other rules are reached.
    async fn step_into_state(&self, operation: &Operation) -> Result<()> {
        let Some(resource) = operation.resource else {
            return Ok(());
        };
        let action = resource.actions.iter().find(|action| action.name == operation.verb());
        let Some((field, states)) = action.and_then(|action| action.offered(resource.fields)) else {
            return Ok(());
        };
        let id = self.own.id(&resource.full_name())?;
        for state in states {
            let mut cx = Cx::begin_job(
                &self.harness.app.platform,
                self.person.organization_id,
                "walk",
                Mode::Write,
            )
            .await?;
            let change = Map::from_iter([(field.to_owned(), json!(state))]);
            // Rules may tie the state to other fields: then the next one is tried.
            if platform_engine::change(&mut cx, resource, id, "update", change)
                .await
                .is_ok()
            {
                return Ok(cx.commit().await?);
            }
            cx.rollback().await?;
        }
        Ok(())
    }

    fn compare(
        &mut self,
        operation: &Operation,
        spot: &Spot,
        form: &str,
        (there, foreign): (&Answer, Uuid),
        (nowhere, missing): (&Answer, Uuid),
    ) {
        let place = format!("{} {} {:?} {form}", operation.id, operation.method, spot.place);
        if masked(there, foreign) != masked(nowhere, missing) {
            self.findings.push(format!(
                "{place}: differs\n  foreign {}\n  missing {}",
                shown(there),
                shown(nowhere)
            ));
        }
        let good = match &spot.place {
            Place::Path(_) => there.status == 404,
            Place::Query(_) if form == "ne" => there.status == 200,
            Place::Query(_) => match (there.status.as_u16(), there.json()["data"].as_array()) {
                (200, Some(data)) => data.is_empty(),
                // A table of nothing has its head alone.
                (200, None) => there.text().trim_end().lines().count() <= 1,
                (status, _) => status == 404,
            },
            // A change in bulk names the row that it changes: that is as if in the path.
            Place::Body(way) if form == "update" || form == "delete" => way.len() == 3 && there.status == 404,
            Place::Body(way)
                if operation.resource.is_some()
                    && operation
                        .fields()
                        .any(|field| Some(field.name) == way.last().map(String::as_str)) =>
            {
                let name = way.last().map(String::as_str).unwrap_or_default();
                there.refused().contains(&format!("{name}:not_known"))
            }
            Place::Body(_) => matches!(there.status.as_u16(), 401 | 404 | 422),
        };
        let same = masked(there, foreign) == masked(nowhere, missing);
        if !good && same && !self.is_control && matches!(spot.place, Place::Body(_)) && there.status.is_client_error() {
            self.blocked.insert(format!("{place}: {}", shown(there)));
        } else if !good {
            self.findings.push(format!("{place}: {}", shown(there)));
            self.caught.push(operation.id.clone());
        }
    }

    /// Ids that the document does not name: in a bulk change's data, in a file's cells and in a mapping's constants.
    async fn beyond_the_document(&mut self, operation: &Operation) -> Result<()> {
        let Some(resource) = operation.resource else {
            return Ok(());
        };
        let bulk = operation.id == format!("{}.bulk", resource.full_name());
        let check = operation.path == format!("{}/imports/{{id}}/check", resource.path());
        if !bulk && !check {
            return Ok(());
        }
        for field in resource.fields.iter().filter(|field| !field.read_only) {
            let target = match field.kind {
                Kind::Reference { to } => to,
                Kind::File if bulk => "file",
                Kind::Member => "user",
                _ => continue,
            };
            let foreign = self.other.id(target)?;
            let ids = [foreign, beside(foreign)];
            let mut answers = Vec::new();
            for id in ids {
                answers.push(if bulk {
                    self.bulk_reference(operation, resource, field.name, id).await?
                } else {
                    self.import_reference(operation, resource, field.name, id).await?
                });
            }
            let (there, nowhere) = (&answers[0], &answers[1]);
            let same = masked(there, ids[0]) == masked(nowhere, ids[1]);
            let refused = there.status.is_client_error() || there.json()["bad"] == 1;
            if same && !self.is_control && refused {
                if !there.text().contains("not_known") {
                    self.blocked
                        .insert(format!("{} data {}: {}", operation.id, field.name, shown(there)));
                }
            } else if !same || !there.text().contains("not_known") {
                let name = field.name;
                self.findings.push(format!(
                    "{} data {name}:\n  {}\n  {}",
                    operation.id,
                    shown(there),
                    shown(nowhere)
                ));
                self.caught.push(operation.id.clone());
            }
        }
        Ok(())
    }

    async fn bulk_reference(
        &mut self,
        operation: &Operation,
        resource: &'static Resource,
        field: &str,
        id: Uuid,
    ) -> Result<Answer> {
        let data = if resource.has(Verb::Create) {
            let mut data = self.own.body(resource);
            data.insert(field.into(), json!(id));
            json!({"op": "create", "data": data})
        } else {
            json!({"op": "update", "id": self.own.id(&resource.full_name())?, "data": {field: id}})
        };
        let call = self.json_call(operation, &json!({"operations": [data]}))?;
        self.send(operation, &call, Some(id)).await
    }

    /// A file of one row whose reference is an id; the commit is where it has to be refused at the latest.
    async fn import_reference(
        &mut self,
        operation: &Operation,
        resource: &'static Resource,
        field: &str,
        id: Uuid,
    ) -> Result<Answer> {
        let mut body = self.own.body(resource);
        body.insert(field.into(), json!(id));
        let texts: Map<String, Json> = body
            .into_iter()
            .filter(|(_, value)| !value.is_array() && !value.is_object())
            .collect();
        let cell = |value: &Json| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
        let head = texts.keys().map(String::as_str).collect::<Vec<_>>().join(",");
        let line = texts
            .values()
            .map(|value| format!("\"{}\"", cell(value)))
            .collect::<Vec<_>>()
            .join(",");
        let base = format!("{}/imports", resource.path());
        let file = format!("{head}\n{line}\n").into_bytes();
        let upload = self
            .person
            .call("POST", &format!("{base}?file_name=rows.csv"), &[], file)
            .await?
            .expect(201)?;
        let import = upload["id"].as_str().context("an id")?;
        let mapping = json!({"mapping": upload["mapping"]});
        let checked = self.person.post(&format!("{base}/{import}/check"), &mapping).await?;
        self.listen(&operation.id, &checked, Some(id));
        if checked.json()["ready"] != 1 {
            return Ok(checked);
        }
        let committed = self.person.post(&format!("{base}/{import}/commit"), &json!({})).await?;
        self.listen(&operation.id, &committed, Some(id));
        Ok(committed)
    }

    /// What is taken in another organization is free here: unique values and keys of repeated requests.
    pub async fn keys_of_the_other(&mut self, other: &Person) -> Result<()> {
        let platform = &self.harness.app.platform;
        for resource in platform
            .registry
            .resources()
            .filter(|resource| resource.has(Verb::Create))
        {
            let mut body = self.other.bodies[&resource.full_name()].clone();
            for field in resource.fields {
                if let (Kind::Reference { .. } | Kind::Member, Some(own)) =
                    (field.kind, self.own.bodies[&resource.full_name()].get(field.name))
                {
                    body.insert(field.name.into(), own.clone());
                }
            }
            let key = unique("key");
            let headers = [("idempotency-key", key.as_str())];
            let bytes = serde_json::to_vec(&self.other.body(resource))?;
            let first = other.call("POST", &resource.path(), &headers, bytes).await?;
            let answer = self
                .person
                .call("POST", &resource.path(), &headers, serde_json::to_vec(&body)?)
                .await?;
            self.calls += 1;
            // Rules over several rows of one's own may refuse it, never a value of somebody else's.
            let own_rule = answer.refused().iter().all(|refused| {
                let name = refused.split(':').next().unwrap_or_default();
                resource
                    .field(name)
                    .is_some_and(|field| matches!(field.kind, Kind::Reference { .. } | Kind::Member))
            });
            if answer.headers.contains_key("idempotent-replay") || !(answer.status == 201 || own_rule) {
                self.findings.push(format!(
                    "{}: {} after {}",
                    resource.full_name(),
                    shown(&answer),
                    shown(&first)
                ));
            }
        }
        Ok(())
    }

    async fn send(&mut self, operation: &Operation, call: &Call, sent: Option<Uuid>) -> Result<Answer> {
        let headers: Vec<(&str, &str)> = call
            .headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let answer = self
            .person
            .call(&operation.method, &call.path, &headers, call.body.clone())
            .await?;
        self.calls += 1;
        self.walked.insert(operation.id.clone());
        self.listen(&operation.id, &answer, sent);
        Ok(answer)
    }

    /// Looks for words of the other organization in everything that came back, besides the id that was sent.
    fn listen(&mut self, operation: &str, answer: &Answer, sent: Option<Uuid>) {
        let sent = sent.map(|id| id.to_string()).unwrap_or_default();
        let mut text = answer.text();
        for (name, value) in &answer.headers {
            text.push_str(name.as_str());
            text.push_str(&String::from_utf8_lossy(value.as_bytes()));
        }
        for canary in self.canaries.hears(&text).into_iter().filter(|canary| *canary != sent) {
            self.findings
                .push(format!("{operation}: says {canary:?} of the other organization"));
        }
    }

    fn json_call(&self, operation: &Operation, body: &Json) -> Result<Call> {
        let mut call = self.call_of(operation, None, None)?;
        call.body = serde_json::to_vec(body)?;
        Ok(call)
    }

    /// A good call with one's own ids, except for the one that is tried.
    fn call_of(&self, operation: &Operation, spot: Option<(&Spot, &String)>, tried: Option<Uuid>) -> Result<Call> {
        let mut path = with_words(&operation.path);
        for own in &operation.spots {
            let Place::Path(name) = &own.place else { continue };
            let id = match (spot, tried) {
                (
                    Some((
                        Spot {
                            place: Place::Path(other),
                            ..
                        },
                        _,
                    )),
                    Some(id),
                ) if other == name => id,
                _ => self.own.ids.get(&own.target).copied().unwrap_or_else(Uuid::nil),
            };
            path = path.replace(&format!("{{{name}}}"), &id.to_string());
        }
        let mut query = Vec::new();
        for parameter in operation.parameters("query") {
            let name = parameter["name"].as_str().unwrap_or_default();
            match (spot, tried) {
                (
                    Some((
                        Spot {
                            place: Place::Query(other),
                            ..
                        },
                        form,
                    )),
                    Some(id),
                ) if other == name => {
                    query.push(if form.is_empty() {
                        format!("{name}={id}")
                    } else {
                        format!("{name}.{form}={id}")
                    });
                }
                _ if parameter["required"] == true || name == "file_name" => {
                    let value = example(&parameter["schema"], name, &|name| self.own_id(name));
                    query.push(format!("{name}={}", value.as_str().unwrap_or("1")));
                }
                _ => {}
            }
        }
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        let mut body = self.body_of(operation);
        if let (
            Some((
                Spot {
                    place: Place::Body(way),
                    ..
                },
                form,
            )),
            Some(id),
            Some(body),
        ) = (spot, tried, &mut body)
        {
            put(body, way, form, id);
        }
        let bytes = match body {
            Some(body) => serde_json::to_vec(&body)?,
            None if operation.document["requestBody"].is_null() => Vec::new(),
            None if operation.path.ends_with("/imports") => b"first,second\n1,2\n".to_vec(),
            None => b"%PDF-1.7".to_vec(),
        };
        let mut headers = Vec::new();
        if operation.path.starts_with("/api/v1/auth/") {
            headers.push(("x-barq-request", "1".to_owned()));
        }
        Ok(Call {
            path,
            body: bytes,
            headers,
        })
    }

    fn own_id(&self, name: &str) -> Option<Uuid> {
        let stem = name.strip_suffix("_id")?;
        let many = format!(".{stem}s");
        let found = self
            .own
            .ids
            .iter()
            .find(|(what, _)| *what == stem || what.ends_with(&many));
        found.map(|(_, id)| *id)
    }

    fn body_of(&self, operation: &Operation) -> Option<Json> {
        let schema = operation.body()?;
        let Some(resource) = operation.resource else {
            return Some(example(schema, "", &|name| self.own_id(name)));
        };
        let verb = operation.verb();
        if operation.id == format!("{}.{verb}", resource.full_name()) {
            if verb == "create" {
                return Some(Json::Object(self.own.body(resource)));
            }
            if verb == "update" {
                return Some(json!({}));
            }
            if verb == "bulk" {
                return Some(json!({"operations": []}));
            }
            if let Some(action) = resource.actions.iter().find(|action| action.name == verb) {
                let inputs = action.inputs.iter().filter(|input| input.required);
                let value = |field: &platform_resource::Field| match field.kind {
                    Kind::Reference { to } => json!(self.own.ids.get(to)),
                    Kind::Member => json!(self.own.id("user").ok()),
                    _ => sample(field),
                };
                return Some(
                    inputs
                        .map(|input| (input.name.to_owned(), value(input)))
                        .collect::<Map<_, _>>()
                        .into(),
                );
            }
        }
        Some(example(schema, "", &|name| self.own_id(name)))
    }
}
