// The API as a browser meets it: from a page of another origin, and as the pages that it serves itself.
//   node check.mjs <server's URL> <editor's key> <directory for screenshots>
// Debian's Chromium; CHROMIUM names another.
import assert from "node:assert/strict";
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const [, , base, key, screenshots] = process.argv;
assert(base && key && screenshots, "usage: node check.mjs <server's URL> <editor's key> <directory for screenshots>");
mkdirSync(screenshots, { recursive: true });

// Another port is another origin.
const elsewhere = createServer((_, response) => {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end("<!doctype html><title>Elsewhere</title><p>A page of another origin.");
});
await new Promise((ready) => elsewhere.listen(0, "127.0.0.1", ready));
const origin = `http://127.0.0.1:${elsewhere.address().port}`;

const profile = mkdtempSync(join(tmpdir(), "pledgebook-chromium-"));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  headless: true,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
  viewport: { width: 1280, height: 900 },
});

let failed = 0;
let passed = 0;
async function check(name, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}\n    ${String(error?.message ?? error).split("\n").join("\n    ")}`);
  }
}

/** A page, and all that went wrong in it: errors on its console (CSP's are among them), scripts that threw, files that are missing. */
async function opened(url, { language = "en", dark = false, width = 1280 } = {}) {
  const page = await browser.newPage();
  await page.setViewportSize({ width, height: width < 600 ? 800 : 900 });
  await page.emulateMedia({ colorScheme: dark ? "dark" : "light" });
  const wrong = [];
  page.on("console", (message) => message.type() === "error" && wrong.push(message.text()));
  page.on("pageerror", (error) => wrong.push(String(error)));
  page.on("response", (answer) => answer.status() >= 400 && wrong.push(`${answer.status()} ${answer.url()}`));
  page.on("request", (asked) => {
    const to = new URL(asked.url());
    if (to.protocol.startsWith("http") && to.hostname !== "127.0.0.1") wrong.push(`asks ${to.host}`);
  });
  await page.setExtraHTTPHeaders({ "Accept-Language": language });
  const response = await page.goto(url, { waitUntil: "load" });
  return { page, response, wrong };
}

/** What a script of the other origin sees of an answer. */
async function fetched(page, path, options = {}) {
  return page.evaluate(
    async ([url, options]) => {
      const response = await fetch(url, options);
      const text = await response.text();
      let json;
      try {
        json = JSON.parse(text);
      } catch {
        // Not JSON, or none.
      }
      return { status: response.status, headers: Object.fromEntries(response.headers), json };
    },
    [base + path, options],
  );
}

/** The first page's figures of Kuwait, each with its label, in sight and whole. */
async function sayWhatBecameOfKuwait(page) {
  for (const [meeting, expected] of [
    ["global-coalition-kuwait-2018", ["200000000", "6600000", "193400000", "0", "5"]],
    ["kicri-2018", ["30000000000", "15100000000", "14900000000", "88200000000", "15100000000", "73100000000"]],
  ]) {
    const card = page.locator("article", { has: page.locator(`a[href*="/v1/meetings/${meeting}/totals"]`) });
    const figures = await card.locator(".figure").evaluateAll((all) =>
      all.map((figure) => {
        const { left, right } = figure.getBoundingClientRect();
        const label = figure.closest("td")?.querySelector(".label");
        const whole = left >= 0 && right <= document.documentElement.clientWidth && figure.scrollWidth <= figure.clientWidth;
        return { text: figure.textContent.replace(/\s/g, ""), whole, seen: figure.checkVisibility() && (label?.checkVisibility() ?? true) };
      }),
    );
    const said = figures.map((figure) => figure.text);
    assert.deepEqual(said.slice(-expected.length), expected, `the card of ${meeting} says ${said}`);
    for (const { text, whole, seen } of figures) assert(seen && whole, `${text} is cut or hidden on a phone`);
  }
}

const deadline = setTimeout(() => {
  console.log("not ok - the browser took longer than three minutes");
  process.exit(1);
}, 180_000);

try {
  const { page } = await opened(origin);
  const slug = `browser-${Date.now().toString(36)}`;
  const write = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  const path = `/v1/meetings/${slug}`;
  let etag;

  await check("a page of another origin reads the API, its ETag and its request id", async () => {
    const answer = await fetched(page, "/v1/meetings/global-coalition-kuwait-2018?lang=ar", { headers: { "X-Request-Id": "from-elsewhere" } });
    assert.equal(answer.status, 200);
    assert(answer.headers.etag, "ETag is hidden");
    assert.equal(answer.headers["x-request-id"], "from-elsewhere");
    assert.equal(answer.headers["content-language"], "ar");
    assert.match(answer.json.title, /\p{Script=Arabic}/u);
  });
  await check("it creates, and reads Location and ETag", async () => {
    const body = { slug, titles: { en: "From a browser", ar: "من متصفح" }, kind: "other", starts_on: "2018-02-13" };
    const answer = await fetched(page, "/v1/meetings", {
      method: "POST",
      headers: { ...write, "Idempotency-Key": slug, Prefer: "return=representation", "Change-Reason": "from%20a%20browser" },
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 201, JSON.stringify(answer.json));
    assert.equal(answer.headers.location, path);
    etag = answer.headers.etag;
    assert(etag, "ETag is hidden");
  });
  const patch = () =>
    fetched(page, path, {
      method: "PATCH",
      headers: {
        ...write,
        "Content-Type": "application/merge-patch+json",
        "If-Match": etag,
        "Change-Reason": encodeURIComponent("من متصفح"),
        "Idempotency-Key": `${slug}-patch`,
        Prefer: "return=representation",
      },
      body: JSON.stringify({ city: "مدينة الكويت" }),
    });
  await check("it patches with every header that the API knows, after a preflight", async () => {
    const answer = await patch();
    assert.equal(answer.status, 200, JSON.stringify(answer.json));
    assert.equal(answer.json.city, "مدينة الكويت");
    assert(answer.headers.etag && answer.headers.etag !== etag);
  });
  for (const [status, what, ask] of [
    [412, "a stale ETag", patch],
    [404, "an unknown record", () => fetched(page, "/v1/meetings/there-is-none")],
    [401, "a wrong key", () => fetched(page, "/v1/meetings", { headers: { Authorization: "Bearer pbk_wrong" } })],
    [405, "a method that is not there", () => fetched(page, "/v1/totals", { method: "DELETE", headers: write })],
    [422, "a body that breaks a rule", () => fetched(page, "/v1/pledges", { method: "POST", headers: write, body: '{"instrument": "gift"}' })],
  ]) {
    await check(`it can read why ${what} is refused (${status})`, async () => {
      const answer = await ask();
      assert.equal(answer.status, status);
      assert.equal(answer.headers["content-type"], "application/problem+json");
      assert(answer.headers["x-request-id"], "X-Request-Id is hidden");
      assert.equal(answer.json.status, status);
      assert(answer.json.code && answer.json.detail);
      if (status === 401) assert(answer.headers["www-authenticate"], "WWW-Authenticate is hidden");
      if (status === 405) assert(answer.headers.allow, "Allow is hidden");
    });
  }
  await check("it retracts what it made", async () => {
    assert.equal((await fetched(page, path, { method: "DELETE", headers: write })).status, 204);
  });
  await page.close();

  await check("/docs shows the operations and tries one out, with nothing wrong in the console", async () => {
    const { page, response, wrong } = await opened(`${base}/docs`);
    assert.equal(response.status(), 200);
    assert(response.headers()["content-security-policy"], "no Content-Security-Policy");
    await page.locator(".opblock").first().waitFor({ timeout: 30_000 });
    const operations = await page.locator(".opblock").count();
    // Those of forms are named by what is said of the others.
    const documented = Object.entries((await (await fetch(`${base}/openapi.json`)).json()).paths)
      .filter(([path]) => !/\.(csv|ndjson)$/.test(path))
      .flatMap(([, methods]) => Object.keys(methods))
      .filter((method) => ["get", "put", "post", "patch", "delete"].includes(method)).length;
    assert(operations >= documented, `${operations} operations are shown, the document has ${documented}`);
    await page.screenshot({ path: join(screenshots, "docs.png") });
    const operation = page
      .locator(".opblock-get")
      .filter({ has: page.locator('.opblock-summary-path[data-path="/v1/participants"]') })
      .first();
    await operation.locator(".opblock-summary-control").first().click();
    // It may be tried out as soon as it is open.
    await operation.locator(".execute").waitFor();
    const [answer] = await Promise.all([
      page.waitForResponse((it) => new URL(it.url()).pathname === "/v1/participants" && it.request().method() === "GET"),
      operation.locator(".execute").click(),
    ]);
    assert.equal(answer.status(), 200, answer.url());
    const shown = operation.locator(".live-responses-table .response .response-col_status").first();
    await shown.waitFor();
    assert.match(await shown.innerText(), /^200/);
    await operation.locator(".live-responses-table").scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(screenshots, "docs-try-it-out.png") });
    assert.deepEqual(wrong, []);
    await page.close();
  });

  for (const [name, look] of [
    ["dark", { dark: true }],
    ["arabic", { language: "ar" }],
    ["phone", { width: 360 }],
    ["arabic-dark-phone", { language: "ar", dark: true, width: 360 }],
  ]) {
    await check(`/docs is one of our pages, and asks for what is there (${name})`, async () => {
      const { page, wrong } = await opened(`${base}/docs#/pledges/read_pledge`, look);
      const operation = page.locator("#operations-pledges-read_pledge");
      await operation.locator(".execute").waitFor({ timeout: 30_000 });
      assert.deepEqual(await page.locator("h1, h2").count(), 1, "it has more titles than one");
      assert.match(await operation.locator('tr[data-param-name="key"] input').inputValue(), /^[0-9a-f-]{36}$/, "the key in the path is not filled in");
      await operation.locator(".execute").click();
      const shown = operation.locator(".live-responses-table .response .response-col_status").first();
      await shown.waitFor();
      assert.match(await shown.innerText(), /^200/);
      const looks = await page.evaluate(() => ({
        direction: getComputedStyle(document.querySelector("#explorer")).direction,
        // Of one colour's parts the largest: what lies on the ground, and the ground.
        ink: Math.max(...getComputedStyle(document.querySelector(".opblock-body")).color.match(/\d+/g).slice(0, 3).map(Number)),
        ground: Math.max(...getComputedStyle(document.querySelector(".opblock.is-open")).backgroundColor.match(/\d+/g).slice(0, 3).map(Number)),
        over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }));
      assert.equal(looks.direction, look.language === "ar" ? "rtl" : "ltr");
      assert(look.dark ? looks.ink > 200 && looks.ground < 60 : looks.ink < 60 && looks.ground > 200, JSON.stringify(looks));
      assert(looks.over <= 0, `it is ${looks.over} px too wide`);
      if (look.width === 360) {
        const seen = () => page.locator(".opblock").evaluateAll((all) => all.filter((it) => it.checkVisibility()).length);
        assert.equal(await seen(), 1, "on a phone there is more than the one that is open");
        await operation.locator(".opblock-summary-control").click();
        await page.locator("#operations-pledges-list_pledges").waitFor();
        await page.screenshot({ path: join(screenshots, `docs-${name}-list.png`) });
        await page.locator("#operations-pledges-list_pledges .opblock-summary-control").click();
        await page.locator("#operations-pledges-list_pledges .execute").waitFor();
        assert.equal(await seen(), 1, "on a phone a second one is open");
      }
      await page.evaluate(() => window.scrollTo(0, 0));
      await page.screenshot({ path: join(screenshots, `docs-${name}.png`) });
      assert.deepEqual(wrong, []);
      await page.close();
    });
  }

  for (const [name, at] of [
    ["front", "/"],
    ["problem", "/problems/stale_version"],
  ]) {
    for (const language of ["ar", "fr", "en"]) {
      await check(`${at} is a page in ${language}`, async () => {
        const { page, response, wrong } = await opened(base + at, { language });
        assert.equal(response.status(), 200);
        assert.equal((response.headers()["content-type"] ?? "").split(";")[0], "text/html");
        const html = page.locator("html");
        assert.equal(await html.getAttribute("lang"), language);
        assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).direction), language === "ar" ? "rtl" : "ltr");
        if (language === "ar") {
          assert.equal(await html.getAttribute("dir"), "rtl");
          assert.match(await page.locator("h1").first().innerText(), /\p{Script=Arabic}/u);
        }
        // A phone must not scroll sideways, nor cut a figure.
        await page.setViewportSize({ width: 360, height: 800 });
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert(over <= 0, `on a phone it is ${over} px too wide`);
        if (at === "/") await sayWhatBecameOfKuwait(page);
        await page.screenshot({ path: join(screenshots, `${name}-${language}-phone.png`), fullPage: true });
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.screenshot({ path: join(screenshots, `${name}-${language}.png`), fullPage: true });
        assert.deepEqual(wrong, []);
        await page.close();
      });
    }
  }
} finally {
  clearTimeout(deadline);
  await browser.close();
  elsewhere.close();
  rmSync(profile, { recursive: true, force: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
