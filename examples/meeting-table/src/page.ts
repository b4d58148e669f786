/** The page: `?register=http://127.0.0.1:8080&meeting=…&lang=ar`. It is drawn anew when something changed, and nothing is sent meanwhile. */
import { Pledgebook, type Language } from "pledgebook";
import { asked, html, rows } from "./table.js";

const said = new URLSearchParams(location.search);
const pledgebook = new Pledgebook({ baseUrl: said.get("register") ?? "http://127.0.0.1:8080" });
const meeting = said.get("meeting") ?? "global-coalition-kuwait-2018";
const language = (said.get("lang") ?? "en") as Language;

let etag: string | undefined;

async function draw(): Promise<void> {
  // The first page tells: hardly a meeting has more than two hundred pledges.
  const first = await pledgebook.getIfChanged("/v1/pledges", etag, { language, query: asked(meeting) });
  if (first === undefined) return;
  document.body.innerHTML = html(await rows(pledgebook, meeting, language), language);
  etag = first.etag;
}

const tell = (error: unknown) => {
  document.body.textContent = String(error);
};
setInterval(() => void draw().catch(tell), 10_000);
void draw().catch(tell);
