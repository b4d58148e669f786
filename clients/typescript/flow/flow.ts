/**
 * The client against a real server: `PLEDGEBOOK_URL` and an editor's `PLEDGEBOOK_KEY` say which.
 * What it makes has a name of its own, so it may run any number of times.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Pledgebook, ProblemError } from "pledgebook";

const baseUrl = process.env["PLEDGEBOOK_URL"];
const key = process.env["PLEDGEBOOK_KEY"];
assert(baseUrl && key, "PLEDGEBOOK_URL and PLEDGEBOOK_KEY say which server, and an editor's key to it");

const pledgebook = new Pledgebook({ baseUrl, key });
const slug = `typescript-${Date.now().toString(36)}-${process.pid}`;
const titles = { en: "A meeting of the TypeScript client", ar: "اجتماع عميل تايب سكريبت" };

async function problem(request: Promise<unknown>): Promise<ProblemError> {
  try {
    await request;
  } catch (error) {
    assert(error instanceof ProblemError, String(error));
    return error;
  }
  return assert.fail("it succeeded");
}

let steps = 0;
async function step<T>(name: string, run: () => Promise<T>): Promise<T> {
  const result = await run();
  steps += 1;
  console.log(`ok ${steps} - ${name}`);
  return result;
}

const created = await step("a meeting is made, with an Arabic title", async () => {
  const idempotencyKey = slug;
  const body = { slug, titles, kind: "ministerial", starts_on: "2018-02-13" } as const;
  const answer = await pledgebook.post("/v1/meetings", { body, idempotencyKey, changeReason: "تجربة" });
  assert.equal(answer.status, 201);
  assert.equal(answer.location, `/v1/meetings/${slug}`);
  assert(answer.etag && answer.requestId);
  assert.equal(answer.data.titles["ar"], titles.ar);
  return answer;
});

await step("the same request with the same idempotency key is carried out once", async () => {
  const body = { slug, titles, kind: "ministerial", starts_on: "2018-02-13" } as const;
  const again = await pledgebook.post("/v1/meetings", { body, idempotencyKey: slug });
  assert.equal(again.data.id, created.data.id);
  assert.equal(again.headers.get("Idempotency-Replayed"), "true");
});

await step("it is read in Arabic", async () => {
  const { data, headers } = await pledgebook.get("/v1/meetings/{key}", { path: { key: slug }, language: "ar" });
  assert.equal(data.title, titles.ar);
  assert.equal(headers.get("Content-Language"), "ar");
});

await step("a participant attends", async () => {
  const { data } = await pledgebook.put("/v1/meetings/{key}/attendance/{participant}", {
    path: { key: slug, participant: "KWT" },
    body: { role: "host", delegate_name: "صباح الخالد الحمد الصباح" },
  });
  assert.equal(data.participant, "KWT");
  assert.equal(data.delegate_name, "صباح الخالد الحمد الصباح");
});

const pledges = await step("three pledges are made", async () => {
  const made = [];
  for (const amount of ["100.00", "200.00", "300.50"]) {
    const { data } = await pledgebook.post("/v1/pledges", {
      body: { participant: "KWT", meeting: slug, instrument: "grant", qualifier: "exact", amount, currency: "USD" },
    });
    assert.equal(data.pledged, amount);
    made.push(data.id);
  }
  return made;
});

await step("one is paid in part", async () => {
  const [id] = pledges;
  assert(id);
  await pledgebook.post("/v1/pledges/{key}/events", { path: { key: id }, body: { stage: "paid", occurred_on: "2018-06", amount: "40" } });
  const { data } = await pledgebook.get("/v1/pledges/{key}", { path: { key: id } });
  assert.deepEqual([data.state, data.paid, data.outstanding], ["partly_paid", "40.00", "60.00"]);
});

await step("the total is the sum of them", async () => {
  const { data } = await pledgebook.get("/v1/meetings/{key}/totals", { path: { key: slug } });
  const [usd] = data.groups[0]?.by_currency ?? [];
  assert.deepEqual([usd?.currency, usd?.pledges, usd?.point, usd?.paid], ["USD", 3, "600.50", "40.00"]);
});

await step("a list is read page by page", async () => {
  const seen = [];
  for await (const pledge of pledgebook.list("/v1/pledges", { query: { meeting: slug, limit: 2 } })) seen.push(pledge.id);
  assert.deepEqual(seen.toSorted(), pledges.toSorted());
});

await step("it comes as CSV, and lines are taken", async () => {
  const { data: csv, headers } = await pledgebook.get("/v1/pledges.csv", { query: { meeting: slug, fields: ["id", "pledged"], sort: "created_at" } });
  assert.equal(headers.get("Content-Type"), "text/csv; charset=utf-8");
  assert.deepEqual(csv.split("\r\n").slice(0, 2), ["id,pledged", `${pledges[0]},100.00`]);
  const marked = await pledgebook.get("/v1/pledges.csv", { query: { meeting: slug, fields: ["id", "pledged"], sort: "created_at", bom: true } });
  assert.equal(marked.data, `\uFEFF${csv}`);
  const line = { title: "A line", publisher: `Lines ${slug}`, language: "en", kind: "news" };
  const { data } = await pledgebook.post("/v1/articles/batch.ndjson", { body: `${JSON.stringify(line)}\n` });
  const [made] = data.items ?? [];
  assert(made?.key);
  await pledgebook.delete("/v1/articles/{key}", { path: { key: made.key } });
});

await step("an article is found by its Arabic publisher", async () => {
  const publisher = `صحيفة المثال ${slug}`;
  const { data: article } = await pledgebook.post("/v1/articles", {
    body: { publisher, language: "ar", kind: "news", title: "تعهد في الكويت" },
  });
  const found = [];
  for await (const it of pledgebook.list("/v1/articles", { query: { publisher } })) found.push(it.id);
  assert.deepEqual(found, [article.id]);
  await pledgebook.delete("/v1/articles/{key}", { path: { key: article.id } });
});

await step("a stale ETag is refused with 412", async () => {
  const path = { key: slug };
  const ifMatch = created.etag;
  assert(ifMatch);
  const { etag } = await pledgebook.patch("/v1/meetings/{key}", { path, body: { city: "مدينة الكويت" }, ifMatch });
  assert(etag !== undefined && etag !== ifMatch);
  const refused = await problem(pledgebook.patch("/v1/meetings/{key}", { path, body: { city: "Kuwait" }, ifMatch }));
  assert.deepEqual([refused.status, refused.code], [412, "stale_version"]);
  assert(refused.requestId);
  assert(refused.type.startsWith(`${baseUrl}/problems/`), refused.type);
});

await step("who has an answer is told whether it has changed", async () => {
  const path = { key: slug };
  const first = await pledgebook.getIfChanged("/v1/meetings/{key}", undefined, { path, query: { fields: ["city", "version"] } });
  assert(first?.etag);
  assert.deepEqual(Object.keys(first.data).toSorted(), ["city", "version"]);
  const again = () => pledgebook.getIfChanged("/v1/meetings/{key}", first.etag, { path, query: { fields: ["city", "version"] } });
  assert.equal(await again(), undefined);
  const { data } = await pledgebook.patch("/v1/meetings/{key}", { path, body: { city: "الكويت" }, ifMatch: first.etag });
  assert.equal((await again())?.data.version, data.version);
});

await step("all faults of a body are named at once with 422", async () => {
  const wrong = await problem(
    pledgebook.post("/v1/pledges", {
      body: { participant: "NOWHERE", meeting: slug, instrument: "grant", qualifier: "exact", amount: "1.005", currency: "USD" },
    }),
  );
  assert.equal(wrong.status, 422);
  assert(wrong.errors.length > 0);
  for (const fault of wrong.errors) assert(fault.pointer.startsWith("/") && fault.detail !== "");
});

await step("a request can be given up", async () => {
  const signal = AbortSignal.abort();
  await assert.rejects(pledgebook.get("/v1/meetings", { signal }), { name: "AbortError" });
});

await step("a wrong key is refused with 401", async () => {
  const stranger = new Pledgebook({ baseUrl, key: "pbk_wrong" });
  assert.equal((await problem(stranger.get("/v1/meetings"))).status, 401);
});

await step("what was made is retracted", async () => {
  for (const id of pledges) await pledgebook.delete("/v1/pledges/{key}", { path: { key: id }, changeReason: "تجربة" });
  await pledgebook.delete("/v1/meetings/{key}/attendance/{participant}", { path: { key: slug, participant: "KWT" } });
  const { status } = await pledgebook.delete("/v1/meetings/{key}", { path: { key: slug } });
  assert.equal(status, 204);
  assert.equal((await problem(pledgebook.get("/v1/meetings/{key}", { path: { key: slug } }))).status, 410);
});

await step("the README's example is the one that is compiled", async () => {
  const here = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), "utf8");
  assert((await here("README.md")).includes(await here("flow/example.ts")));
});

console.log(`${steps} steps passed`);
