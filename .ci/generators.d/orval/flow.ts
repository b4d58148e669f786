import assert from "node:assert/strict";
import { KUWAIT, key, slug } from "../told";
import * as api from "./client/pledgebook";

const headers = { Authorization: `Bearer ${key}` };

const meetings = await api.listMeetings();
assert(meetings.status === 200);
assert(meetings.data.items.some((it) => it.slug === KUWAIT));

const codes: (string | undefined)[] = [];
for (let after: string | undefined, more = true; more; ) {
  const page = await api.listParticipants({ limit: 100, after });
  assert(page.status === 200);
  codes.push(...page.data.items.map((it) => it.code));
  after = page.data.next ?? undefined;
  more = after !== undefined;
}
assert(codes.length > 100 && codes.includes("KWT"));

const meeting = await api.createMeeting(
  { slug, titles: { en: "A flow", ar: "تجربة" }, kind: "ministerial", starts_on: "2018-02-13" },
  undefined,
  { headers },
);
assert(meeting.status === 201);
assert.equal(meeting.data.titles["ar"], "تجربة");

const grant = { participant: "KWT", meeting: slug, instrument: "grant", qualifier: "exact", currency: "USD" } as const;
const batch = await api.createPledges(["100.00", "200.00"].map((amount) => ({ ...grant, amount })), undefined, { headers });
assert(batch.status === 201);
assert.equal(batch.data.created, 2);

const etag = meeting.headers.get("ETag") ?? "";
const patch = (city: string) => api.changeMeeting(slug, { city }, undefined, { headers: { ...headers, "If-Match": etag } });
const patched = await patch("Kuwait");
assert(patched.status === 200);
assert.equal(patched.data.city, "Kuwait");
const stale = await patch("Basra");
assert(stale.status === 412);
assert.equal(stale.data.code, "stale_version");

const wrong = await api.createPledge({ ...grant, participant: "NOWHERE", amount: "1.00" }, undefined, { headers });
assert(wrong.status === 422);
assert.equal(wrong.data.errors?.[0]?.pointer, "/participant");

const csv = await api.listPledgesCsv({ meeting: [slug], fields: ["pledged", "currency"], sort: "created_at" });
assert(csv.status === 200);
assert.equal(csv.data, "pledged,currency\r\n100.00,USD\r\n200.00,USD\r\n");
