import { Pledgebook, ProblemError } from "pledgebook";

const pledgebook = new Pledgebook({
  baseUrl: process.env["PLEDGEBOOK_URL"] ?? "http://127.0.0.1:8080",
  key: process.env["PLEDGEBOOK_KEY"] ?? "",
  language: "ar",
});

for await (const pledge of pledgebook.list("/v1/pledges", { query: { participant: "USA", limit: 100 } })) {
  console.log(pledge.participant_name, pledge.pledged, pledge.currency, pledge.state);
}

const path = { key: "global-coalition-kuwait-2018" };
const { data: meeting, etag } = await pledgebook.get("/v1/meetings/{key}", { path });
try {
  const body = { city: meeting.city ?? "Kuwait City" };
  await pledgebook.patch("/v1/meetings/{key}", { path, body, ifMatch: etag ?? "*", changeReason: "المدينة" });
} catch (error) {
  if (!(error instanceof ProblemError)) throw error;
  console.error(error.code, error.detail, error.errors); // stale_version: someone else was faster
}
