import assert from "node:assert/strict";
import { KUWAIT, key, slug, url } from "../told";
import { changeMeeting, createMeeting, createPledge, createPledges, listMeetings, listParticipants, listPledgesCsv } from "./client";
import { client } from "./client/client.gen";

client.setConfig({ baseUrl: url, auth: key });

const { data: meetings } = await listMeetings();
assert(meetings?.items.some((it) => it.slug === KUWAIT));

const codes: (string | undefined)[] = [];
for (let after: string | undefined, more = true; more; ) {
  const { data: page } = await listParticipants({ query: { limit: 100, after } });
  assert(page);
  codes.push(...page.items.map((it) => it.code));
  after = page.next ?? undefined;
  more = after !== undefined;
}
assert(codes.length > 100 && codes.includes("KWT"));

const { data: meeting, response: made } = await createMeeting({
  body: { slug, titles: { en: "A flow", ar: "تجربة" }, kind: "ministerial", starts_on: "2018-02-13" },
});
assert.equal(made?.status, 201);
assert.equal(meeting?.titles["ar"], "تجربة");

const grant = { participant: "KWT", meeting: slug, instrument: "grant", qualifier: "exact", currency: "USD" } as const;
const { data: batch } = await createPledges({ body: ["100.00", "200.00"].map((amount) => ({ ...grant, amount })) });
assert.equal(batch?.created, 2);

const etag = made?.headers.get("ETag") ?? "";
const patch = (city: string) => changeMeeting({ path: { key: slug }, headers: { "If-Match": etag }, body: { city } });
const patched = await patch("Kuwait");
assert(patched.data);
assert.equal(patched.data.city, "Kuwait");
const stale = await patch("Basra");
assert.equal(stale.response?.status, 412);
assert.equal(stale.error?.code, "stale_version");

const wrong = await createPledge({ body: { ...grant, participant: "NOWHERE", amount: "1.00" } });
assert.equal(wrong.response?.status, 422);
assert.equal(wrong.error?.errors?.[0]?.pointer, "/participant");

const { data: csv } = await listPledgesCsv({ query: { meeting: [slug], fields: ["pledged", "currency"], sort: "created_at" } });
assert.equal(csv, "pledged,currency\r\n100.00,USD\r\n200.00,USD\r\n");
