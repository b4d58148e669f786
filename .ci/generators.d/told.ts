/** What each flow is told: where the demo is, an editor's key, and a name for what it makes. */
import assert from "node:assert/strict";

function told(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is not set`);
  return value;
}

export const url = told("PLEDGEBOOK_URL");
export const key = told("PLEDGEBOOK_DEMO_KEY");
export const slug = `${told("PLEDGEBOOK_FLOW")}-${Date.now().toString(36)}`;

/** Of the demo. */
export const KUWAIT = "global-coalition-kuwait-2018";
