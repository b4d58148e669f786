/**
 * A small typed client: one method for each method of HTTP, called with a path of the API as the
 * OpenAPI document writes it. What a path takes and answers is known to the compiler from `schema.ts`,
 * which is generated. It needs `fetch` and nothing else, so it runs in browsers and in Node 20.
 */
import type { ProblemCode } from "./codes.js";
import type { components, paths } from "./schema.js";

export type { ProblemCode, components, paths };
/** The records by name: `Schemas["Pledge"]`. */
export type Schemas = components["schemas"];

export type Language = "ar" | "en" | "fr";
type Method = "get" | "post" | "put" | "patch" | "delete";

/** The paths that have this method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P][M & keyof paths[P]] extends { responses: unknown } ? P : never;
}[keyof paths];

type Operation<P extends keyof paths, M extends Method> = paths[P][M & keyof paths[P]];

type Carried<Content> = Content extends { "application/json": infer T }
  ? T
  : Content extends { "application/merge-patch+json": infer T }
    ? T
    : Content extends { "text/csv": infer T }
      ? T
      : Content extends { "application/x-ndjson": infer T }
        ? T
        : never;

type Said<Responses, Status> = {
  [S in keyof Responses & Status]: Responses[S] extends { content: infer C } ? Carried<C> : undefined;
}[keyof Responses & Status];

/** What an operation answers when it succeeds; undefined where that has no body. */
type Success<Op> = Op extends { responses: infer R }
  ? // Beside these a 204 is only for who prefers to hear no more, which this client never does.
    [keyof R & (200 | 201 | 202 | 207)] extends [never]
    ? Said<R, 204>
    : Said<R, 200 | 201 | 202 | 207>
  : never;

/** An operation's parameters in its path or query; never where it has none. */
type Parameters<Op, Where extends "path" | "query"> = Op extends { parameters: infer P }
  ? Where extends keyof P
    ? Exclude<P[Where], undefined>
    : never
  : never;

/** A query in which one value may stand for a list of one. */
type Loosely<Q> = { [N in keyof Q]: NonNullable<Q[N]> extends readonly (infer T)[] ? T | readonly T[] : Q[N] };

type Body<Op> = Op extends { requestBody: { content: infer C } }
  ? Carried<C>
  : Op extends { requestBody?: { content: infer C } }
    ? Carried<C> | undefined
    : never;

// A property that may be left out where an empty object, or nothing, would do.
type Property<Name extends string, T> = [T] extends [never]
  ? unknown
  : undefined extends T
    ? { [N in Name]?: Exclude<T, undefined> }
    : {} extends T
      ? { [N in Name]?: T }
      : { [N in Name]: T };

export interface Common {
  /** The language of the answer; wins over the client's own. */
  language?: Language;
  /** Refuses the write with 412 unless the record still has this ETag. */
  ifMatch?: string;
  /** The same key with the same body is carried out once. */
  idempotencyKey?: string;
  /** Kept in the log of changes with what is written; any script. */
  changeReason?: string;
  signal?: AbortSignal;
}

/** What a call takes: `path`, `query` (a list stands for "any of") and `body`, where the operation has them. */
export type Options<P extends keyof paths, M extends Method> = Common &
  Property<"path", Parameters<Operation<P, M>, "path">> &
  // Answers are read as JSON.
  Property<"query", Loosely<Omit<Parameters<Operation<P, M>, "query">, "format">>> &
  Property<"body", Body<Operation<P, M>>>;

// Options may be left out when all of them may.
type Arguments<P extends keyof paths, M extends Method> = {} extends Options<P, M>
  ? [options?: Options<P, M>]
  : [options: Options<P, M>];

export interface Answer<T> {
  data: T;
  status: number;
  /** To be given to `ifMatch` of the next write. */
  etag: string | undefined;
  /** Where a new record is. */
  location: string | undefined;
  requestId: string | undefined;
  headers: Headers;
}

type AnswerOf<P extends keyof paths, M extends Method> = Promise<Answer<Success<Operation<P, M>>>>;

/** The members that `fields` may name on this path; never where it takes none. */
export type FieldOf<P extends keyof paths> =
  Parameters<Operation<P, "get">, "query"> extends { fields?: (infer F extends string)[] } ? F : never;

// What `expand` asks for stands beside the members that were named.
type Members<T, F> = T extends unknown ? Pick<T, Extract<F | "expanded", keyof T>> : never;

/** A record, or a list of them, of which these members alone were asked for. */
type Selected<T, F> = T extends string ? T : T extends { items: (infer Item)[] } ? Omit<T, "items"> & { items: Members<Item, F>[] } : Members<T, F>;

type SelectedAnswer<P extends keyof paths, F> = Answer<Selected<Success<Operation<P, "get">>, F>>;

/** Options that ask for these members alone. */
type Selecting<P extends keyof paths, F> = Options<P, "get"> & { query: { fields: F | readonly F[] } };

/** The paths whose answer is a list. */
export type ListPath = {
  [P in PathOf<"get">]: Success<Operation<P, "get">> extends { items: unknown[]; next: string | null } ? P : never;
}[PathOf<"get">];

export type ItemOf<P extends ListPath> =
  Success<Operation<P, "get">> extends { items: (infer Item)[] } ? Item : never;

/** One fault of a request: where it is (a JSON pointer, or a parameter), and how to mend it. */
export interface Fault {
  pointer: string;
  code: Code;
  detail: string;
}

/** What went wrong, in a word that stays; a server that is newer than this client may have others. */
export type Code = ProblemCode | (string & {});

/** Any answer that is no success (RFC 9457). `code` is stable; `message` is for people. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly status: number;
  readonly code: Code;
  readonly title: string;
  readonly detail: string;
  /** All faults at once. */
  readonly errors: readonly Fault[];
  /** Names the request in the server's log. */
  readonly requestId: string | undefined;
  /** The page that explains this kind of problem. */
  readonly type: string;

  constructor(response: Response, problem: Record<string, unknown>) {
    const text = (name: string) => (typeof problem[name] === "string" ? problem[name] : undefined);
    const detail = text("detail") ?? `The server answered ${response.status} ${response.statusText}.`;
    super(detail);
    this.status = response.status;
    this.code = text("code") ?? "unknown";
    this.title = text("title") ?? response.statusText;
    this.detail = detail;
    this.errors = Array.isArray(problem["errors"]) ? (problem["errors"] as Fault[]) : [];
    this.requestId = text("request_id") ?? response.headers.get("X-Request-Id") ?? undefined;
    const type = text("type") ?? "about:blank";
    this.type = response.url === "" ? type : new URL(type, response.url).href;
  }
}

/** The paths of texts: `/v1/pledges.csv` is answered with one, `/v1/pledges/batch.ndjson` takes one. */
const OF_TEXT = /\.(csv|ndjson)$/;

/** `text()` leaves out the mark at the beginning that `bom` asks for; whoever writes the text to a file wants it there. */
const WHOLE = new TextDecoder("utf-8", { ignoreBOM: true });

/** The answer to who has it already. */
const NOT_MODIFIED = 304;

export interface Settings {
  /** Where the register is, without `/v1`. */
  baseUrl: string;
  /** Writing takes one. */
  key?: string;
  language?: Language;
  /** Instead of the global one. */
  fetch?: typeof globalThis.fetch;
}

// What `send` sees of any operation's options.
interface Loose extends Common {
  ifNoneMatch?: string | undefined;
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
  body?: unknown;
}

export class Pledgebook {
  readonly #baseUrl: string;
  readonly #key: string | undefined;
  readonly #language: Language | undefined;
  readonly #fetch: typeof globalThis.fetch;

  constructor({ baseUrl, key, language, fetch }: Settings) {
    this.#baseUrl = baseUrl.replace(/\/+$/, "");
    this.#key = key;
    this.#language = language;
    // A browser's own refuses to be called as a method of something else.
    this.#fetch = fetch ?? ((...request) => globalThis.fetch(...request));
  }

  /** With `fields`, the answer is known to have those members and no others. */
  get<P extends PathOf<"get">, const F extends FieldOf<P>>(path: P, options: Selecting<P, F>): Promise<SelectedAnswer<P, F>>;
  get<P extends PathOf<"get">>(path: P, ...options: Arguments<P, "get">): AnswerOf<P, "get">;
  get(path: string, options?: Loose): Promise<Answer<unknown>> {
    return this.#send("get", path, options);
  }

  /**
   * The same, unless the answer is still the one that had this ETag: then undefined, and nothing was sent but a 304. Without an
   * ETag, as of who asks for the first time, it is `get`.
   */
  getIfChanged<P extends PathOf<"get">, const F extends FieldOf<P>>(
    path: P,
    etag: string | undefined,
    options: Selecting<P, F>,
  ): Promise<SelectedAnswer<P, F> | undefined>;
  getIfChanged<P extends PathOf<"get">>(
    path: P,
    etag: string | undefined,
    ...options: Arguments<P, "get">
  ): Promise<Awaited<AnswerOf<P, "get">> | undefined>;
  async getIfChanged(path: string, etag: string | undefined, options?: Loose): Promise<Answer<unknown> | undefined> {
    const answer = await this.#send("get", path, { ...options, ifNoneMatch: etag });
    return answer.status === NOT_MODIFIED ? undefined : answer;
  }

  post<P extends PathOf<"post">>(path: P, ...[options]: Arguments<P, "post">): AnswerOf<P, "post"> {
    return this.#send("post", path, options);
  }

  put<P extends PathOf<"put">>(path: P, ...[options]: Arguments<P, "put">): AnswerOf<P, "put"> {
    return this.#send("put", path, options);
  }

  /** A JSON Merge Patch: what is left out stays, null empties. */
  patch<P extends PathOf<"patch">>(path: P, ...[options]: Arguments<P, "patch">): AnswerOf<P, "patch"> {
    return this.#send("patch", path, options);
  }

  delete<P extends PathOf<"delete">>(path: P, ...[options]: Arguments<P, "delete">): AnswerOf<P, "delete"> {
    return this.#send("delete", path, options);
  }

  /** Every item of a list, page after page; `limit` is how many are fetched at a time. */
  list<P extends ListPath, const F extends FieldOf<P>>(
    path: P,
    options: Selecting<P, F>,
  ): AsyncGenerator<Members<ItemOf<P>, F>, void>;
  list<P extends ListPath>(path: P, ...options: Arguments<P, "get">): AsyncGenerator<ItemOf<P>, void>;
  async *list(path: string, asked: Loose = {}): AsyncGenerator<unknown, void> {
    let query = asked.query;
    for (;;) {
      const { data } = await this.#send<{ items: unknown[]; next: string | null }>("get", path, { ...asked, query: query ?? {} });
      yield* data.items;
      if (data.next === null) return;
      query = { ...asked.query, after: data.next };
    }
  }

  async #send<T>(method: Method, template: string, options: Loose = {}): Promise<Answer<T>> {
    const { path, query, body, language, ifMatch, ifNoneMatch, idempotencyKey, changeReason, signal } = options;
    const url = new URL(
      this.#baseUrl +
        template.replace(/\{(\w+)\}/g, (_, name: string) => {
          const value = path?.[name];
          if (value === undefined || value === "") throw new TypeError(`${template} needs path.${name}`);
          return encodeURIComponent(String(value));
        }),
    );
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined && value !== null) {
        url.searchParams.set(name, Array.isArray(value) ? value.join(",") : String(value));
      }
    }
    const headers = new Headers({ Accept: "application/json" });
    const set = (name: string, value: string | undefined) => value !== undefined && headers.set(name, value);
    set("Authorization", this.#key && `Bearer ${this.#key}`);
    set("Accept-Language", language ?? this.#language);
    set("If-Match", ifMatch);
    set("If-None-Match", ifNoneMatch);
    set("Idempotency-Key", idempotencyKey);
    // A header is ASCII; a reason may be Arabic.
    set("Change-Reason", changeReason && encodeURIComponent(changeReason));
    const request: RequestInit = { method: method.toUpperCase(), headers };
    if (signal) request.signal = signal;
    const isOfText = OF_TEXT.test(template);
    if (isOfText && typeof body === "string") {
      headers.set("Content-Type", "application/x-ndjson");
      request.body = body;
    } else if (body !== undefined) {
      headers.set("Content-Type", method === "patch" ? "application/merge-patch+json" : "application/json");
      request.body = JSON.stringify(body);
    }
    const response = await this.#fetch(url, request);
    const text = isOfText ? WHOLE.decode(await response.arrayBuffer()) : await response.text();
    const isUnchanged = ifNoneMatch !== undefined && response.status === NOT_MODIFIED;
    if (!response.ok && !isUnchanged) throw new ProblemError(response, parsed(text));
    return {
      data: (isOfText && method === "get" ? text : text === "" ? undefined : JSON.parse(text)) as T,
      status: response.status,
      etag: response.headers.get("ETag") ?? undefined,
      location: response.headers.get("Location") ?? undefined,
      requestId: response.headers.get("X-Request-Id") ?? undefined,
      headers: response.headers,
    };
  }
}

/** A problem's members; none when it is not one, as when a proxy answers in the server's stead. */
function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
