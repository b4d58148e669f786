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

Choose the environment "Pledgebook" and fill in \`base_url\` and \`key\` (\`pledgebook demo\` prints both).

- **${flowName}** is a whole story with assertions. It names what it makes anew each time and retracts it at the end, so it may be run against any register.
- **Every operation** has one request for each, as the OpenAPI document describes it, with its examples. Optional parameters are there to be ticked. Run as a whole it begins a demo anew, with the demo's own key, and every request succeeds; what is no demo it leaves alone.

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

/** What the document shows for this parameter, if anything; the converter makes a value up otherwise. */
function shown(operation, where, name) {
  const it = (operation.parameters ?? []).map(resolve).find((parameter) => parameter.in === where && parameter.name === name) ?? {};
  const schema = resolve(it.schema ?? {});
  return [it.example, schema.example, schema.examples?.[0], schema.default].find((value) => value !== undefined);
}

/** For each operation what its answers may be: status → content types (none: no body). */
function documented(operation) {
  return Object.fromEntries(
    Object.entries(operation.responses).map(([status, it]) => [status, Object.keys(resolve(it).content ?? {})]),
  );
}

const script = (listen, lines) => ({ listen, script: { type: "text/javascript", exec: lines.trim().split("\n") } });

/** Where the key of what a create made is kept, for what retracts it and brings it back: a demo's own records refer to each other. */
const made = (path) => `made_${path.split("/").pop()}`;

/** A body whose record may stand beside those of all bodies before it, which may show the same one. */
function beside(body, taken) {
  const raw = body.raw.replace(/(\\?"(slug|code|body)\\?":\s*\\?")([^"\\]+)/g, (_, before, member, text) => {
    let free = text;
    for (let more = 2; taken.has(free); more += 1) free = member === "body" ? `${text} (${more})` : `${text}${more}`;
    taken.add(free);
    return before + free;
  });
  return { ...body, raw };
}

const anew = {
  name: "Begin anew",
  request: {
    method: "POST",
    description: "Brings a demo back to its beginning, which takes its own key. Whatever is no demo has no such path, and nothing more is asked of it.",
    header: [],
    url: { raw: "{{base_url}}/demo/reset", host: ["{{base_url}}"], path: ["demo", "reset"] },
  },
  event: [
    script("prerequest", `pm.variables.set("documented", '{"204":[]}');`),
    script("test", `if (pm.response.code !== 204) pm.execution.setNextRequest(null);`),
  ],
};

const asDocumented = `
const documented = JSON.parse(pm.variables.get("documented"));
const type = (pm.response.headers.get("Content-Type") || "").split(";")[0];
pm.test("it succeeds: " + pm.response.code, () => pm.expect(pm.response.code).to.be.within(200, 299));
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
  const converted = await promisify(converter.convert.bind(converter))(
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
  if (!converted.result) throw new Error(converted.reason);
  const byPlace = new Map();
  for (const [path, methods] of Object.entries(openapi.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.responses) byPlace.set(`${method.toUpperCase()} ${path}`, operation);
    }
  }
  const place = ({ method, url }) => `${method} /${url.path.map((part) => part.replace(/^:(.*)$/, "{$1}")).join("/")}`;
  const folders = new Map((openapi.tags ?? []).map(({ name }) => [name, []]));
  const seen = new Set();
  /** Whether what is created at this path is retracted below it. */
  const creates = (path) =>
    openapi.paths[path]?.post !== undefined &&
    Object.entries(openapi.paths).some(([below, { delete: retracts }]) => retracts && below.replace(/\/\{\w+\}$/, "") === path);
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
      const path = at.slice(at.indexOf(" ") + 1);
      const [, above, key] = path.match(/^(.*)\/\{(\w+)\}(?:\/restore)?$/) ?? [];
      const ends = request.method === "DELETE" || path.endsWith("/restore");
      for (const variable of request.url.variable ?? []) {
        variable.value = shown(operation, "path", variable.key);
        if (variable.value === undefined) throw new Error(`${at} shows nothing for ${variable.key}`);
        if (ends && variable.key === key && creates(above)) variable.value = `{{${made(above)}}}`;
      }
      for (const [where, parameters] of [["query", request.url.query ?? []], ["header", request.header]]) {
        for (const parameter of parameters) {
          if (parameter.disabled && shown(operation, where, parameter.key) === undefined) parameter.value = "";
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
        event: [
          script("prerequest", `pm.variables.set("documented", '${JSON.stringify(documented(operation))}');`),
          ...(request.method === "POST" && creates(path)
            ? [script("test", `pm.collectionVariables.set("${made(path)}", (pm.response.headers.get("Location") || "").split("/").pop());`)]
            : []),
        ],
        at,
      });
    }
  };
  collect(converted.output[0].data.item);
  const missing = [...byPlace.keys()].filter((at) => !seen.has(at));
  if (missing.length > 0) throw new Error(`the converter left out ${missing.join(", ")}`);
  const order = [...byPlace.keys()];
  const taken = new Set();
  return [...folders]
    .filter(([, items]) => items.length > 0)
    .map(([name, items]) => ({
      name,
      item: items
        .sort((a, b) => order.indexOf(a.at) - order.indexOf(b.at))
        .map(({ at, description: _, request, ...item }) => {
          const isNew = request.method === "POST" && request.body?.mode === "raw";
          return { ...item, request: isNew ? { ...request, body: beside(request.body, taken) } : request, id: uuid(at) };
        }),
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
  item: [flow(script), { name: "Every operation", event: [script("test", asDocumented)], item: [anew, ...(await everyOperation())] }].map((item) => identified(item, "")),
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
