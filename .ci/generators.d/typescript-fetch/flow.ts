import assert from "node:assert/strict";
import { KUWAIT, key, slug, url } from "../told";
import { Configuration, MeetingsApi, ParticipantsApi, PledgesApi, ProblemFromJSON, ResponseError, type Problem } from "./client";

const configuration = new Configuration({ basePath: url, accessToken: key });
const meetings = new MeetingsApi(configuration);
const pledges = new PledgesApi(configuration);

async function problem(request: Promise<unknown>): Promise<[number, Problem]> {
  try {
    await request;
  } catch (error) {
    assert(error instanceof ResponseError, String(error));
    return [error.response.status, ProblemFromJSON(await error.response.json())];
  }
  return assert.fail("it succeeded");
}

assert((await meetings.listMeetings()).items.some((it) => it.slug === KUWAIT));

const codes: (string | undefined)[] = [];
for (let after: string | undefined, more = true; more; ) {
  const page = await new ParticipantsApi(configuration).listParticipants({ limit: 100, after });
  codes.push(...page.items.map((it) => it.code));
  after = page.next ?? undefined;
  more = after !== undefined;
}
assert(codes.length > 100 && codes.includes("KWT"));

const made = await meetings.createMeetingRaw({
  newMeeting: { slug, titles: { en: "A flow", ar: "تجربة" }, kind: "ministerial", startsOn: "2018-02-13" },
});
assert.equal(made.raw.status, 201);
assert.equal((await made.value()).titles["ar"], "تجربة");

const grant = { participant: "KWT", meeting: slug, instrument: "grant", qualifier: "exact", currency: "USD" } as const;
const batch = await pledges.createPledges({ newPledge: ["100.00", "200.00"].map((amount) => ({ ...grant, amount })) });
assert.equal(batch.created, 2);

const ifMatch = made.raw.headers.get("ETag") ?? "";
const patch = (city: string) => meetings.changeMeeting({ key: slug, ifMatch, meetingPatch: { city } });
assert.equal((await patch("Kuwait"))?.city, "Kuwait");
const [late, stale] = await problem(patch("Basra"));
assert.deepEqual([late, stale.code], [412, "stale_version"]);

const [status, wrong] = await problem(pledges.createPledge({ newPledge: { ...grant, participant: "NOWHERE", amount: "1.00" } }));
assert.deepEqual([status, wrong.errors?.[0]?.pointer], [422, "/participant"]);

const csv = await pledges.listPledgesCsv({ meeting: [slug], fields: ["pledged", "currency"], sort: "created_at" });
assert.equal(csv, "pledged,currency\r\n100.00,USD\r\n200.00,USD\r\n");
