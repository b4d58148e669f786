/** What the compiler must refuse: each line fails to compile as soon as it no longer does. Never run. */
import type { Pledgebook, ProblemCode, ProblemError } from "pledgebook";

export function codes(error: ProblemError): boolean {
  // @ts-expect-error no code of an error
  const wrong: ProblemCode = "stale";
  return error.code === "stale_version" || error.code === wrong;
}

export async function refused(pledgebook: Pledgebook): Promise<void> {
  // @ts-expect-error no such path
  await pledgebook.get("/v1/meeting");
  // @ts-expect-error a path that has no such method
  await pledgebook.delete("/v1/totals");
  // @ts-expect-error a path without its parameter
  await pledgebook.get("/v1/meetings/{key}");
  // @ts-expect-error a filter that does not exist
  await pledgebook.get("/v1/pledges", { query: { partcipant: "USA" } });
  // @ts-expect-error a body without what it must have
  await pledgebook.post("/v1/meetings", { body: { slug: "x" } });
  // @ts-expect-error an amount that is a number
  await pledgebook.patch("/v1/pledges/{key}", { path: { key: "" }, body: { amount: 5 } });
  // @ts-expect-error a list of something that is none
  pledgebook.list("/v1/meetings/{key}", { path: { key: "" } });
  const { data } = await pledgebook.get("/v1/meetings/{key}", { path: { key: "" } });
  // @ts-expect-error a field that no answer has
  void data.no_such_field;
  const { data: chosen } = await pledgebook.get("/v1/pledges", { query: { fields: ["participant", "pledged"] } });
  const [first] = chosen.items;
  void first?.pledged;
  // @ts-expect-error a member that was not asked for
  void first?.state;
  // @ts-expect-error a member that there is not
  await pledgebook.get("/v1/pledges", { query: { fields: ["participant", "pledgd"] } });
  for await (const pledge of pledgebook.list("/v1/pledges", { query: { fields: "purpose", expand: "meeting" } })) {
    void [pledge.purpose, pledge.expanded?.meeting];
    // @ts-expect-error a member that was not asked for
    void pledge.id;
  }
  const { data: all } = await pledgebook.get("/v1/pledges/{key}", { path: { key: "" }, query: { expand: ["citations"] } });
  void all.state;
  // @ts-expect-error it may not have changed
  void (await pledgebook.getIfChanged("/v1/meetings", '"etag"')).data;
  // @ts-expect-error a retraction answers nothing
  void (await pledgebook.delete("/v1/pledges/{key}", { path: { key: "" } })).data.id;
}
