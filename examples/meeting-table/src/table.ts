/** A meeting's pledges as rows, and rows as HTML. */
import type { Language, Pledgebook } from "pledgebook";

/** All that a row shows, and no more: the answer has these members alone. */
const FIELDS = ["id", "participant_name", "purpose", "pledged", "currency", "paid", "outstanding", "state"] as const;

/** The question: `expand` has the citations come along, so that one request a page is enough. */
export const asked = (meeting: string) => ({ meeting, fields: FIELDS, expand: "citations", sort: "-announced_on", limit: 200 }) as const;

export interface Row {
  who: string;
  what: string;
  pledged: string;
  paid: string;
  outstanding: string;
  state: string;
  /** The sentence that says so, in whichever language it was written. */
  quote: string;
}

/** The newest first. */
export async function rows(pledgebook: Pledgebook, meeting: string, language: Language): Promise<Row[]> {
  const found: Row[] = [];
  for await (const pledge of pledgebook.list("/v1/pledges", { language, query: asked(meeting) })) {
    const money = (amount: string | null) => (amount === null || pledge.currency === null ? "" : `${amount} ${pledge.currency}`);
    found.push({
      who: pledge.participant_name ?? "",
      what: pledge.purpose ?? "",
      pledged: money(pledge.pledged),
      paid: money(pledge.paid),
      outstanding: money(pledge.outstanding),
      state: pledge.state,
      quote: pledge.expanded?.citations?.find((citation) => citation.quote !== null)?.quote ?? "",
    });
  }
  return found;
}

const HEADINGS: Record<Language, readonly string[]> = {
  ar: ["من", "لماذا", "المتعهَّد به", "المدفوع", "المتبقي", "الحالة"],
  en: ["Who", "What for", "Pledged", "Paid", "Outstanding", "State"],
  fr: ["Qui", "Pour quoi", "Promis", "Versé", "Restant", "État"],
};

export function html(found: readonly Row[], language: Language): string {
  const cells = (values: readonly string[], tag: string) => values.map((value) => `<${tag}>${escaped(value)}</${tag}>`).join("");
  const lines = found.map(
    ({ who, what, pledged, paid, outstanding, state, quote }) =>
      `<tr title="${escaped(quote)}">${cells([who, what, pledged, paid, outstanding, state], "td")}</tr>`,
  );
  const direction = language === "ar" ? "rtl" : "ltr";
  return `<table dir="${direction}" lang="${language}"><tr>${cells(HEADINGS[language], "th")}</tr>${lines.join("")}</table>`;
}

function escaped(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
