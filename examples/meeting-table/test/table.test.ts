/** Against a demo that runs: `PLEDGEBOOK_URL` says where, `PLEDGEBOOK_DEMO_KEY` is the key that it was started with. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { beforeEach, test } from "node:test";
import { Pledgebook, ProblemError } from "pledgebook";
import { html, rows } from "../src/table.js";

const baseUrl = process.env["PLEDGEBOOK_URL"] ?? "http://127.0.0.1:8080";
const key = process.env["PLEDGEBOOK_DEMO_KEY"] ?? "";
const pledgebook = new Pledgebook({ baseUrl, key });
const MINISTERIAL = "global-coalition-kuwait-2018";

/** Each test begins with what the demo began with, whatever the one before did. */
beforeEach(async () => {
  const answer = await fetch(`${baseUrl}/demo/reset`, { method: "POST", headers: { Authorization: `Bearer ${key}` } });
  assert.equal(answer.status, 204, await answer.text());
});

/** Posts a file of fixtures, an object a line. */
async function fixtures(resource: string): Promise<void> {
  const body = await readFile(new URL(`fixtures/${resource}.ndjson`, new URL("../../../", import.meta.url)));
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/x-ndjson" };
  const answer = await fetch(`${baseUrl}/v1/${resource}/batch`, { method: "POST", headers, body });
  assert(answer.ok, await answer.text());
}

test("the ministerial has one pledge with a sum, and what became of it", async () => {
  const found = await rows(pledgebook, MINISTERIAL, "en");
  const sums = found.filter((row) => row.pledged !== "");
  assert.deepEqual(
    sums.map(({ who, pledged, paid, outstanding }) => [who, pledged, paid, outstanding]),
    [["United States", "200000000.00 USD", "6600000.00 USD", "0.00 USD"]],
  );
  assert.equal(found.length, 6);
  assert.match(sums[0]?.quote ?? "", /200/);
});

test("the table is in the reader's language and direction", async () => {
  const table = html(await rows(pledgebook, MINISTERIAL, "ar"), "ar");
  assert.match(table, /^<table dir="rtl" lang="ar">/);
  assert.match(table, /الولايات المتحدة/);
});

test("what was just entered is shown, as text", async () => {
  const body = {
    participant: "KWT", meeting: MINISTERIAL, instrument: "grant", qualifier: "exact", amount: "5", currency: "KWD", purpose: "<b>wells</b>",
  } as const;
  await pledgebook.post("/v1/pledges", { body });
  const table = html(await rows(pledgebook, MINISTERIAL, "en"), "en");
  assert.match(table, /<td>Kuwait<\/td><td>&lt;b&gt;wells&lt;\/b&gt;<\/td><td>5\.000 KWD<\/td>/);
});

test("the pledge of the test before is gone", async () => {
  const found = await rows(pledgebook, MINISTERIAL, "en");
  assert.equal(found.filter((row) => row.who === "Kuwait").length, 0);
});

test("fixtures are more to test with", async () => {
  for (const resource of ["meetings", "articles", "pledges"]) await fixtures(resource);
  const found = await rows(pledgebook, "syria-kuwait-2014", "fr");
  assert.deepEqual(found.map((row) => row.who).toSorted(), [
    "Arabie saoudite", "Émirats arabes unis", "États-Unis", "Japon", "Koweït", "Norvège", "Qatar", "Royaume-Uni",
  ].toSorted());
});

test("a meeting that there is not is a problem with a code", async () => {
  await assert.rejects(rows(pledgebook, "nowhere", "en"), (error) => {
    assert(error instanceof ProblemError);
    return error.status === 400 && error.errors[0]?.code === "unknown_reference";
  });
});
