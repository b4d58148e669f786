// Makes the Postman collection and its environment from ../../openapi.json; with --check only says
// whether they are what it would make. The same document gives the same bytes.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import converter from "openapi-to-postmanv2";
import { flow, flowName } from "./flow.mjs";

const here = (name) => new URL(name, import.meta.url);
const openapi = JSON.parse(readFileSync(here("../../openapi.json"), "utf8"));

const description = `The register of record for what states promise at their meetings.

Choose the environment "Pledgebook" and fill in \`base_url\` and \`key\` (an editor's; \`pledgebook demo\` prints both).

- **${flowName}** is a whole story with assertions. It names what it makes anew each time and retracts it at the end, so it may be run against any register.
- **Every operation** has one request for each, as the OpenAPI document describes it, with its examples. Optional parameters are there to be ticked. Run that folder as a whole against a demo only: its requests change and retract records that the demo holds.

Generated from openapi.json by clients/postman/generate.mjs; change that, not this.`;

/** A UUID that depends on the name alone. */
function uuid(name) {
  const hash = createHash("sha256").update(name).digest("hex");
  return [hash.slice(0, 8), hash.slice(8, 12), `5${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)].join("-");
}

/** All of it with the keys in alphabetic order, so that the converter's order does not matter. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

function resolve(it) {
  const step = (at, part) => at?.[part.replaceAll("~1", "/").replaceAll("~0", "~")];
  if (!it.$ref) return it;
  const found = it.$ref.split("/").slice(1).reduce(step, openapi);
  if (!found) throw new Error(`openapi.json has no ${it.$ref}`);
  return found;
}

/** Whether the document shows a value of this parameter; the converter makes one up otherwise. */
function shown(operation, where, name) {
  const it = (operation.parameters ?? []).map(resolve).find((parameter) => parameter.in === where && parameter.name === name) ?? {};
  const schema = resolve(it.schema ?? {});
  return [it.example, it.examples, schema.example, schema.examples, schema.default].some((value) => value !== undefined);
}

/** For each operation what its answers may be: status → content types (none: no body). */
function documented(operation) {
  return Object.fromEntries(
    Object.entries(operation.responses).map(([status, it]) => [status, Object.keys(resolve(it).content ?? {})]),
  );
}

const script = (listen, lines) => ({ listen, script: { type: "text/javascript", exec: lines.trim().split("\n") } });

/** An id that no record has. */
const nobody = "00000000-0000-7000-8000-000000000000";

const asDocumented = `
const documented = JSON.parse(pm.variables.get("documented"));
const type = (pm.response.headers.get("Content-Type") || "").split(";")[0];
pm.test("it is no failure of the server", () => pm.expect(pm.response.code).to.be.below(500));
pm.test("the status is documented: " + pm.response.code, () =>
  pm.expect(Object.keys(documented)).to.include(String(pm.response.code)));
pm.test("the body is what is documented for it", () => {
  const types = documented[pm.response.code] || [];
  if (pm.response.text() === "") return;
  pm.expect(types).to.include(type);
  if (type === "application/json" || type.endsWith("+json")) pm.response.json();
});`;

async function everyOperation() {
  // Where the document has no example the converter draws one: the same each time, in whichever order it draws.
  Math.random = () => 0.5;
  const made = await promisify(converter.convert.bind(converter))(
    { type: "json", data: structuredClone(openapi) },
    {
      folderStrategy: "Tags",
      requestNameSource: "Fallback",
      requestParametersResolution: "Example",
      exampleParametersResolution: "Example",
      enableOptionalParameters: false,
      alwaysInheritAuthentication: true,
      optimizeConversion: false,
      stackLimit: 20,
    },
  );
  if (!made.result) throw new Error(made.reason);
  const byPlace = new Map();
  for (const [path, methods] of Object.entries(openapi.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.responses) byPlace.set(`${method.toUpperCase()} ${path}`, operation);
    }
  }
  const place = ({ method, url }) => `${method} /${url.path.map((part) => part.replace(/^:(.*)$/, "{$1}")).join("/")}`;
  const folders = new Map((openapi.tags ?? []).map(({ name }) => [name, []]));
  const seen = new Set();
  const collect = (items) => {
    for (const item of items) {
      if (item.item) {
        collect(item.item);
        continue;
      }
      const at = place(item.request);
      const operation = byPlace.get(at);
      if (!operation) throw new Error(`the converter made ${at}, which the document does not have`);
      // An operation of several tags is in the folder of each; here it is in its first one's.
      if (seen.has(at)) continue;
      seen.add(at);
      const { name: _, description: __, ...request } = item.request;
      request.url = { ...request.url, host: ["{{base_url}}"] };
      for (const variable of request.url.variable ?? []) {
        // Made up by chance otherwise.
        if (!shown(operation, "path", variable.key)) variable.value = nobody;
      }
      for (const [where, parameters] of [["query", request.url.query ?? []], ["header", request.header]]) {
        for (const parameter of parameters) {
          if (parameter.disabled && !shown(operation, where, parameter.key)) parameter.value = "";
        }
      }
      // It would ask for nothing but problems where a success has no body.
      request.header = request.header.filter(({ key, value }) => key !== "Accept" || !value.includes("problem"));
      const tag = operation.tags?.[0] ?? "other";
      if (!folders.has(tag)) folders.set(tag, []);
      folders.get(tag).push({
        name: operation.summary ?? at,
        description: `\`${at}\`\n\n${operation.description ?? ""}`.trim(),
        request: { ...request, description: `\`${at}\`\n\n${operation.description ?? ""}`.trim() },
        event: [script("prerequest", `pm.variables.set("documented", '${JSON.stringify(documented(operation))}');`)],
        at,
      });
    }
  };
  collect(made.output[0].data.item);
  const missing = [...byPlace.keys()].filter((at) => !seen.has(at));
  if (missing.length > 0) throw new Error(`the converter left out ${missing.join(", ")}`);
  const order = [...byPlace.keys()];
  return [...folders]
    .filter(([, items]) => items.length > 0)
    .map(([name, items]) => ({
      name,
      item: items
        .sort((a, b) => order.indexOf(a.at) - order.indexOf(b.at))
        .map(({ at, description: _, ...item }) => ({ ...item, id: uuid(at) })),
    }));
}

/** Ids where there are none, by where a thing stands; what the converter numbers by chance is dropped. */
function identified(item, path) {
  const at = `${path}/${item.name}`;
  const { response: _, protocolProfileBehavior: __, ...rest } = item;
  return item.item
    ? { ...rest, id: uuid(at), item: item.item.map((inner) => identified(inner, at)) }
    : { ...rest, id: item.id ?? uuid(at), response: [] };
}

const collection = {
  info: {
    _postman_id: uuid("pledgebook"),
    name: "Pledgebook",
    description,
    schema: "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
  },
  auth: { type: "bearer", bearer: [{ key: "token", value: "{{key}}", type: "string" }] },
  item: [flow(script), { name: "Every operation", event: [script("test", asDocumented)], item: await everyOperation() }].map((item) => identified(item, "")),
};
const environment = {
  id: uuid("pledgebook/environment"),
  name: "Pledgebook",
  values: [
    { key: "base_url", value: "http://127.0.0.1:8080", type: "default", enabled: true },
    { key: "key", value: "", type: "secret", enabled: true },
  ],
  _postman_variable_scope: "environment",
};

let drifted = false;
for (const [name, value] of [
  ["pledgebook.postman_collection.json", collection],
  ["pledgebook.postman_environment.json", environment],
]) {
  const text = `${JSON.stringify(sorted(value), null, 1)}\n`;
  if (process.argv.includes("--check")) {
    let stored = "";
    try {
      stored = readFileSync(here(name), "utf8");
    } catch {
      // It is missing, so it differs.
    }
    if (stored === text) continue;
    console.error(`clients/postman/${name} is not what openapi.json gives; run: npm run generate`);
    drifted = true;
  } else {
    writeFileSync(here(name), text);
  }
}
process.exitCode = drifted ? 1 : 0;
