// Makes src/schema.ts of the OpenAPI document, and src/codes.ts of the codes that errors have; with --check says whether they are
// still what it would make.
//
// Where an answer is a record or, with `fields`, a selection of its members, the types show the record:
// who asks for some members alone knows which. So it is where a word of the query asks for another answer
// (`x-asked-by`): its type is there by its name.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { COMMENT_HEADER, astToString } from "openapi-typescript";

const contract = JSON.parse(await readFile(new URL("../../openapi.json", import.meta.url), "utf8"));
const askedBy = (schema) => contract.components.schemas[schema?.$ref?.split("/").at(-1)]?.["x-asked-by"];

const whole = (value) => {
  if (Array.isArray(value)) return value.map(whole);
  if (value === null || typeof value !== "object") return value;
  const [record, selection] = value.anyOf ?? [];
  if (selection?.$ref === `${record?.$ref}Selection`) return record;
  if (askedBy(selection)) return record;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, whole(member)]));
};

const document = whole(contract);
for (const name of Object.keys(document.components.schemas)) {
  if (name.endsWith("Selection")) delete document.components.schemas[name];
}
const problems = JSON.parse(await readFile(new URL("../../src/problems/problems.json", import.meta.url), "utf8"));
const codes = problems.map(({ code }) => `  | ${JSON.stringify(code)}\n`).toSorted().join("");
const made = {
  "src/schema.ts": COMMENT_HEADER + astToString(await openapiTS(document, { defaultNonNullable: false })),
  "src/codes.ts": `${COMMENT_HEADER}/** The codes of errors and of their faults; /problems/{code} explains each. */\nexport type ProblemCode =\n${codes.trimEnd()};\n`,
};
for (const [name, text] of Object.entries(made)) {
  const file = new URL(name, import.meta.url);
  if (!process.argv.includes("--check")) {
    await writeFile(file, text);
  } else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    console.error(`${name} is not what would be made now: npm run schema`);
    process.exitCode = 1;
  }
}
