// Holds openapi.json against Postman's own import: what a user gets who drops the document into Postman with "Enable optional
// parameters" off. Every request without a key in its path is sent once; none may be told that it cannot be understood.
//   node import.mjs <server's URL> <a key>
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import newman from "newman";
import converter from "openapi-to-postmanv2";

const [, , base, key] = process.argv;
if (!base || !key) throw new Error("usage: node import.mjs <server's URL> <a key>");
const data = readFileSync(new URL("../../openapi.json", import.meta.url), "utf8");

let failed = 0;
// "Schema" is the app's first choice, and "Example" its other one.
for (const requestParametersResolution of ["Schema", "Example"]) {
  const made = await promisify(converter.convert.bind(converter))(
    { type: "string", data },
    { enableOptionalParameters: false, requestParametersResolution },
  );
  if (!made.result) throw new Error(made.reason);
  const collection = made.output[0].data;
  const reads = [];
  const collect = (items) => {
    for (const item of items) {
      if (item.item) collect(item.item);
      else if (item.request.method === "GET" && !item.request.url.variable?.length) reads.push(item);
    }
  };
  collect(collection.item);
  const variables = [...(collection.variable ?? []).filter(({ key: name }) => name !== "baseUrl"), { key: "baseUrl", value: base }, { key: "bearerToken", value: key }];
  const run = await promisify(newman.run.bind(newman))({
    collection: { ...collection, item: reads, variable: variables },
    timeoutRequest: 20_000,
  });
  const refused = run.run.executions.filter(({ response }) => !response || response.code < 200 || response.code > 299);
  for (const { item, request, response } of refused) {
    console.error(`${requestParametersResolution}: ${item.name}: ${response?.code} of ${request?.url}: ${String(response?.text()).slice(0, 300)}`);
  }
  console.log(`${requestParametersResolution}: ${reads.length} reads, ${refused.length} refused`);
  failed += refused.length;
  if (reads.length < 20) throw new Error("the import has too few reads to say anything");
}
process.exitCode = failed === 0 ? 0 : 1;
