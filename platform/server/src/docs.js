// Draws the OpenAPI document as a list of operations that can be tried.
"use strict";
let token = "";
const element = (name, text, attributes = {}) => {
  const node = Object.assign(document.createElement(name), attributes);
  if (text) node.textContent = text;
  return node;
};

document.getElementById("session").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
  const answer = await fetch("/api/v1/auth/login", { method: "POST", headers: { "content-type": "application/json" }, body });
  const session = await answer.json();
  token = session.access_token ?? "";
  document.getElementById("who").textContent = token ? `${session.user.full_name}, ${session.organization.name}` : session.title;
});

// What many operations share is written once, below `components`.
let components = {};
const resolved = (part) => (part.$ref ? components.parameters[part.$ref.split("/").pop()] : part);

function form(method, path, operation) {
  const box = element("form");
  const inputs = (operation.parameters ?? []).map(resolved).map((parameter) => {
    const label = element("label", `${parameter.name} (${parameter.in})`);
    const input = element("input", "", { name: parameter.name, required: parameter.required === true });
    label.append(input);
    box.append(label);
    return [parameter, input];
  });
  const media = operation.requestBody && Object.keys(operation.requestBody.content)[0];
  let body;
  if (media === "application/json") {
    box.append(element("pre", JSON.stringify(operation.requestBody.content[media].schema, null, 2)));
    body = element("textarea", "{}", { ariaLabel: "body" });
    box.append(body);
  }
  const output = element("pre", "", { hidden: true });
  box.append(element("button", "Try"), output);
  box.addEventListener("submit", async (event) => {
    event.preventDefault();
    let url = path;
    const query = new URLSearchParams();
    const headers = { authorization: `Bearer ${token}` };
    for (const [parameter, input] of inputs) {
      if (!input.value) continue;
      if (parameter.in === "path") url = url.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (parameter.in === "query") query.set(parameter.name, input.value);
      else headers[parameter.name] = input.value;
    }
    if (body) headers["content-type"] = "application/json";
    const answer = await fetch(`${url}?${query}`, { method: method.toUpperCase(), headers, body: body?.value });
    const text = await answer.text();
    output.hidden = false;
    try {
      output.textContent = `${answer.status}\n${JSON.stringify(JSON.parse(text), null, 2)}`;
    } catch {
      output.textContent = `${answer.status}\n${text}`;
    }
  });
  return box;
}

fetch("/api/v1/openapi.json").then((answer) => answer.json()).then((api) => {
  components = api.components;
  const list = document.getElementById("operations");
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const details = element("details");
      const summary = element("summary");
      summary.append(element("span", method.toUpperCase(), { className: "method" }), element("code", path));
      summary.append(element("span", operation.summary), element("span", (operation["x-permission"] ?? []).join(" | "), { className: "permission" }));
      details.append(summary);
      details.addEventListener("toggle", () => details.open && details.children.length === 1 && details.append(form(method, path, operation)));
      list.append(details);
    }
  }
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    for (const details of list.children) details.hidden = !details.textContent.toLowerCase().includes(wanted);
  });
});
