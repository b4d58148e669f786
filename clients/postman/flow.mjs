// The folder that is read first: one promise, from the meeting where it is made to what became of it.
// Written by hand, in the order in which it runs.

export const flowName = "A promise, from meeting to total";

const body = (value) => ({ mode: "raw", raw: JSON.stringify(value, null, 2), options: { raw: { language: "json" } } });

function request(method, path, { json, headers = {}, description = "" } = {}) {
  const [pathname, query] = path.split("?");
  return {
    method,
    description,
    header: [
      ...(json ? [{ key: "Content-Type", value: method === "PATCH" ? "application/merge-patch+json" : "application/json" }] : []),
      ...Object.entries(headers).map(([key, value]) => ({ key, value })),
    ],
    ...(json ? { body: body(json) } : {}),
    url: {
      raw: `{{base_url}}/${path}`,
      host: ["{{base_url}}"],
      path: pathname.split("/"),
      ...(query
        ? {
            query: query.split("&").map((pair) => {
              const at = pair.indexOf("=");
              return { key: pair.slice(0, at), value: pair.slice(at + 1) };
            }),
          }
        : {}),
    },
  };
}

const meeting = "v1/meetings/{{slug}}";
const pledge = "v1/pledges/{{pledge}}";

export function flow(script) {
  const step = (name, asked, tests, before) => ({
    name,
    request: asked,
    event: [...(before ? [script("prerequest", before)] : []), script("test", tests)],
  });
  const retracted = `pm.test("it is retracted", () => pm.response.to.have.status(204));`;
  return {
    name: flowName,
    description: "A meeting, who was there, what was promised, what was paid, and the total; at the end all of it is retracted.",
    item: [
      step(
        "Create a meeting",
        request("POST", "v1/meetings", {
          json: {
            slug: "{{slug}}",
            titles: { en: "A meeting out of Postman", ar: "اجتماع من بوستمان" },
            kind: "ministerial",
            starts_on: "2018-02-13",
            city: "Kuwait City",
          },
          description: "The key that people use, the slug, is made anew for each run.",
        }),
        `
pm.test("it is created", () => pm.response.to.have.status(201));
pm.test("Location says where it is", () =>
  pm.expect(pm.response.headers.get("Location")).to.equal("/v1/meetings/" + pm.collectionVariables.get("slug")));
pm.test("it has an ETag", () => pm.expect(pm.response.headers.get("ETag")).to.match(/^"1\\./));
pm.test("its Arabic title came through", () => pm.expect(pm.response.json().titles.ar).to.equal("اجتماع من بوستمان"));
pm.collectionVariables.set("etag", pm.response.headers.get("ETag"));`,
        `pm.collectionVariables.set("slug", "postman-" + Date.now().toString(36) + "-" + Math.random().toString(36).slice(2, 8));`,
      ),
      step(
        "Read it in Arabic",
        request("GET", `${meeting}?lang=ar`),
        `
pm.test("it is there", () => pm.response.to.have.status(200));
pm.test("in Arabic", () => {
  pm.expect(pm.response.headers.get("Content-Language")).to.equal("ar");
  pm.expect(pm.response.json().title).to.equal("اجتماع من بوستمان");
});`,
      ),
      step(
        "A change of what was read",
        request("PATCH", meeting, {
          json: { participant_count: 1 },
          headers: { "If-Match": "{{etag}}", "Change-Reason": "counted%20again" },
        }),
        `
pm.test("it is changed", () => pm.response.to.have.status(200));
pm.test("and has a new version", () => {
  pm.expect(pm.response.json().version).to.equal(2);
  pm.expect(pm.response.headers.get("ETag")).to.match(/^"2\\./);
});`,
      ),
      step(
        "The same again, too late",
        request("PATCH", meeting, { json: { participant_count: 2 }, headers: { "If-Match": "{{etag}}" } }),
        `
pm.test("it is refused", () => pm.response.to.have.status(412));
pm.test("with a problem that says why", () => {
  pm.expect(pm.response.headers.get("Content-Type")).to.equal("application/problem+json");
  pm.expect(pm.response.json().code).to.equal("stale_version");
});`,
      ),
      step(
        "Kuwait attends",
        request("PUT", `${meeting}/attendance/KWT`, { json: { role: "host", delegate_name: "صباح الخالد الحمد الصباح" } }),
        `
pm.test("it is created", () => pm.response.to.have.status(201));
pm.test("as the host", () => pm.expect(pm.response.json()).to.include({ participant: "KWT", role: "host" }));`,
      ),
      step(
        "Kuwait pledges",
        request("POST", "v1/pledges", {
          json: {
            participant: "KWT",
            meeting: "{{slug}}",
            instrument: "grant",
            qualifier: "exact",
            amount: "1000000.00",
            currency: "USD",
            announced_on: "2018-02-13",
          },
          headers: { "Idempotency-Key": "{{slug}}" },
        }),
        `
pm.test("it is created", () => pm.response.to.have.status(201));
const pledge = pm.response.json();
pm.test("Location says where it is", () => pm.expect(pm.response.headers.get("Location")).to.equal("/v1/pledges/" + pledge.id));
pm.test("nothing is paid yet", () =>
  pm.expect(pledge).to.include({ state: "open", pledged: "1000000.00", paid: "0.00", outstanding: "1000000.00" }));
pm.collectionVariables.set("pledge", pledge.id);`,
      ),
      step(
        "A part is paid",
        request("POST", `${pledge}/events`, { json: { stage: "paid", occurred_on: "2018-06", amount: "400000.00" } }),
        `
pm.test("it is created", () => pm.response.to.have.status(201));
pm.test("in the pledge's currency", () => pm.expect(pm.response.json()).to.include({ amount: "400000.00", currency: "USD" }));`,
      ),
      step(
        "More than was promised",
        request("POST", `${pledge}/events`, { json: { stage: "paid", occurred_on: "2018-07", amount: "600000.01" } }),
        `
pm.test("it is refused", () => pm.response.to.have.status(422));
pm.test("and the fault is named", () => {
  pm.expect(pm.response.headers.get("Content-Type")).to.equal("application/problem+json");
  pm.expect(pm.response.json().errors).to.be.an("array").that.is.not.empty;
});`,
      ),
      step(
        "The pledge, as it stands",
        request("GET", pledge),
        `
pm.test("it is partly paid", () =>
  pm.expect(pm.response.json()).to.include({ state: "partly_paid", paid: "400000.00", outstanding: "600000.00" }));`,
      ),
      step(
        "The meeting's total",
        request("GET", `${meeting}/totals`),
        `
pm.test("the sums are right", () => {
  const { groups } = pm.response.json();
  pm.expect(groups).to.have.lengthOf(1);
  pm.expect(groups[0].by_currency).to.have.lengthOf(1);
  pm.expect(groups[0].by_currency[0]).to.include(
    { currency: "USD", pledges: 1, point: "1000000.00", paid: "400000.00", outstanding: "600000.00" });
});`,
      ),
      step("The pledge is retracted", request("DELETE", pledge, { headers: { "Change-Reason": "a trial" } }), retracted),
      step(
        "It is gone",
        request("GET", pledge),
        `
pm.test("it answers that it was retracted", () => {
  pm.response.to.have.status(410);
  pm.expect(pm.response.json().code).to.equal("retracted");
});`,
      ),
      step("The attendance is retracted", request("DELETE", `${meeting}/attendance/KWT`), retracted),
      step(
        "The meeting is retracted",
        request("DELETE", meeting),
        `${retracted}
for (const name of ["slug", "etag", "pledge"]) pm.collectionVariables.unset(name);`,
      ),
    ],
  };
}
