import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import { KUWAIT, key, slug, url } from "../told";
import type { paths } from "./client/schema";

const api = createClient<paths>({
  baseUrl: url,
  headers: { Authorization: `Bearer ${key}` },
  querySerializer: { array: { style: "form", explode: false } },
});

const { data: meetings } = await api.GET("/v1/meetings");
assert(meetings?.items.some((it) => it.slug === KUWAIT));

const codes: (string | undefined)[] = [];
for (let after: string | undefined, more = true; more; ) {
  const { data: page } = await api.GET("/v1/participants", { params: { query: { limit: 100, ...(after && { after }) } } });
  assert(page);
  codes.push(...page.items.map((it) => it.code));
  after = page.next ?? undefined;
  more = after !== undefined;
}
assert(codes.length > 100 && codes.includes("KWT"));

const { data: meeting, response: made } = await api.POST("/v1/meetings", {
  body: { slug, titles: { en: "A flow", ar: "تجربة" }, kind: "ministerial", starts_on: "2018-02-13" },
});
assert.equal(made.status, 201);
assert.equal(meeting?.titles["ar"], "تجربة");

const grant = { participant: "KWT", meeting: slug, instrument: "grant", qualifier: "exact", currency: "USD" } as const;
const { data: batch } = await api.POST("/v1/pledges/batch", { body: ["100.00", "200.00"].map((amount) => ({ ...grant, amount })) });
assert.equal(batch?.created, 2);

const etag = made.headers.get("ETag") ?? "";
const patch = (city: string) =>
  api.PATCH("/v1/meetings/{key}", { params: { path: { key: slug }, header: { "If-Match": etag } }, body: { city } });
assert.equal((await patch("Kuwait")).data?.city, "Kuwait");
const stale = await patch("Basra");
assert.equal(stale.response.status, 412);
assert.equal(stale.error?.code, "stale_version");

const wrong = await api.POST("/v1/pledges", { body: { ...grant, participant: "NOWHERE", amount: "1.00" } });
assert.equal(wrong.response.status, 422);
assert.equal(wrong.error?.errors?.[0]?.pointer, "/participant");

const { data: csv } = await api.GET("/v1/pledges.csv", {
  params: { query: { meeting: [slug], fields: ["pledged", "currency"], sort: "created_at" } },
  parseAs: "text",
});
assert.equal(csv, "pledged,currency\r\n100.00,USD\r\n200.00,USD\r\n");
