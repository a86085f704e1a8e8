// Types of the operations that the console names. Resources it learns at run time, from the description.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import openapiTypes, { astToString } from "openapi-typescript";

const OUTPUT = "src/api/schema.d.ts";
const files = readdirSync("src", { recursive: true }).map((file) => `src/${file}`);
const sources = files
  .filter((file) => /\.tsx?$/.test(file) && file !== OUTPUT)
  .map((file) => readFileSync(file, "utf8"));
// As a whole, or as a resource's address and what follows it.
const named = (path) =>
  sources.some(
    (source) =>
      source.includes(`"${path}"`) ||
      [...path.matchAll(/\/\{/g)].some(
        ({ index }) => source.includes(`"${path.slice(0, index)}"`) && source.includes(`}${path.slice(index)}\``),
      ),
  );

const api = JSON.parse(readFileSync("../docs/openapi.json", "utf8"));
api.paths = Object.fromEntries(Object.entries(api.paths).filter(([path]) => named(path)));

/** What these paths refer to, and what that refers to. */
const kept = new Map();
function follow(part) {
  if (part === null || typeof part !== "object") return;
  if (typeof part.$ref === "string" && !kept.has(part.$ref)) {
    const [, , kind, name] = part.$ref.split("/");
    kept.set(part.$ref, { kind, name });
    follow(api.components[kind][name]);
  }
  Object.values(part).forEach(follow);
}
follow(api.paths);
const components = {};
for (const { kind, name } of [...kept.values()].sort((a, b) => a.name.localeCompare(b.name))) {
  components[kind] ??= {};
  components[kind][name] = api.components[kind][name];
}
api.components = components;

writeFileSync(OUTPUT, astToString(await openapiTypes(JSON.stringify(api))));
