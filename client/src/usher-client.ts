/**
 * A client that runs on servers: it looks contacts up and pushes rows. It needs only `fetch`. Each
 * call has a deadline, safe retries, and errors with a code to branch on. Never ship it, or a
 * token, to a browser.
 */
import { callWithRetries, type RetryOptions } from './call-with-retries.ts';
import type { FieldFreshness, FreshContact } from './freshness.ts';
import {
  type IdentityRow,
  type PushOptions,
  type PushReport,
  type PushRow,
  pushInRequests,
} from './push-rows.ts';
import { readAnswer } from './read-answer.ts';
import { UsherClientError } from './usher-client-error.ts';

export type { FieldFreshness, FreshContact } from './freshness.ts';
export type { IdentityRow, PushOptions, PushRejection, PushReport, PushRow } from './push-rows.ts';
export { UsherClientError, type UsherClientErrorCode } from './usher-client-error.ts';

/** A contact's content fields by name. Give `UsherClient` your own type for exact fields. */
export type Contact = Readonly<Record<string, unknown>>;

export interface UsherClientOptions {
  /** The server: `https://usher.example.com`. */
  readonly url: string | URL;
  /** `ush_...`, with the scope `contacts:read`, or `contacts:write` for pushes. */
  readonly token: string;
  /** Used instead of the global `fetch`: for a proxy, an agent of your own, or a test. */
  readonly fetch?: typeof fetch;
  /** Milliseconds for a whole call with its retries. Default 5,000. */
  readonly timeoutMs?: number;
  /** Attempts after the first. Default 2. */
  readonly retries?: number;
  /**
   * Returns a number from 0 to below 1, for the random part of the waits. Default `Math.random`.
   */
  readonly random?: () => number;
}

export interface LookupOptions {
  /** Fields in the order wanted. Default: all content fields that the token may read. */
  readonly fields?: readonly string[];
  /** `display` (default) renders for people (`"$241.56"`), `raw` for programs (`241.56`). */
  readonly format?: 'display' | 'raw';
  /** Fail with `field_unavailable` instead of leaving out fields that cannot be returned. */
  readonly strict?: boolean;
  /**
   * The `revision` that a write returned; the answer shows that write. The call fails with
   * `precondition_failed` if the server cannot show it within a second.
   */
  readonly minRevision?: string;
  /** Cancels the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** For an answer that also says how fresh each field is. */
export interface FreshLookupOptions extends LookupOptions {
  readonly freshness: true;
}

/** The most identities that the server accepts in one batch request. */
const maxBatchIdentities = 50;

export class UsherClient<Fields extends object = Contact> {
  readonly #url: URL;
  readonly #token: string;
  readonly #fetch: typeof fetch;
  readonly #retry: Omit<RetryOptions, 'signal'>;

  constructor(options: UsherClientOptions) {
    this.#url = new URL(options.url);
    this.#token = options.token;
    this.#fetch = options.fetch ?? fetch;
    this.#retry = {
      timeoutMs: options.timeoutMs ?? 5_000,
      retries: options.retries ?? 2,
      random: options.random ?? Math.random,
    };
  }

  /**
   * The contact with this identity (`email:tom@hello.com`), or `null` if there is none. The
   * identity is sent in the body, so it does not appear in access logs.
   * @throws {UsherClientError} for every other outcome
   */
  async getContact(
    identity: string,
    options: FreshLookupOptions,
  ): Promise<FreshContact<Fields> | null>;
  async getContact(identity: string, options?: LookupOptions): Promise<Fields | null>;
  async getContact(
    identity: string,
    options: LookupOptions | FreshLookupOptions = {},
  ): Promise<Fields | FreshContact<Fields> | null> {
    try {
      const answer = await this.#lookUp('lookup', { identity }, options);
      return found(answer as unknown as Found<Fields>, options);
    } catch (error) {
      if (isUnknownContact(error)) return null;
      throw error;
    }
  }

  /**
   * The contacts of the identities, in the same order; `null` for an unknown identity. More than 50
   * identities are sent in several requests, one after the other. Each identity costs one unit of
   * the organization's limit.
   * @throws {UsherClientError} when a request fails or an identity is invalid (`problem.place` is
   *   its index in the list)
   */
  async getContacts(
    identities: readonly string[],
    options: FreshLookupOptions,
  ): Promise<(FreshContact<Fields> | null)[]>;
  async getContacts(
    identities: readonly string[],
    options?: LookupOptions,
  ): Promise<(Fields | null)[]>;
  async getContacts(
    identities: readonly string[],
    options: LookupOptions | FreshLookupOptions = {},
  ): Promise<(Fields | FreshContact<Fields> | null)[]> {
    const contacts: (Fields | FreshContact<Fields> | null)[] = [];
    for (let start = 0; start < identities.length; start += maxBatchIdentities) {
      const some = identities.slice(start, start + maxBatchIdentities);
      const answer = await this.#lookUp('batch', { identities: some }, options);
      const results = answer['results'] as readonly BatchResult<Fields>[];
      contacts.push(...results.map((result, place) => contactOf(result, start + place, options)));
    }
    return contacts;
  }

  /**
   * Pushes rows to a dataset whose source is `push`, at most 1,000 per request. `timeoutMs` applies
   * to each request. The report lists the rejected rows; all others are on the server's disk.
   * @throws {UsherClientError} when a request fails as a whole; the rows of earlier requests stay
   *   applied
   */
  async pushRows(
    dataset: string,
    rows: readonly PushRow[],
    options: PushOptions = {},
  ): Promise<PushReport> {
    return this.#push('contacts', { dataset, rows }, options);
  }

  /**
   * Pushes rows to a dataset of the kind `identity` whose source is `push`: each row names
   * identities of one person. Requests, report and errors are those of `pushRows`.
   */
  async pushIdentities(
    dataset: string,
    rows: readonly IdentityRow[],
    options: PushOptions = {},
  ): Promise<PushReport> {
    return this.#push('identities', { dataset, rows }, options);
  }

  #push(
    route: string,
    { dataset, rows }: { readonly dataset: string; readonly rows: readonly PushRow[] },
    { idempotencyKey = crypto.randomUUID(), signal }: PushOptions,
  ): Promise<PushReport> {
    return pushInRequests(rows, idempotencyKey, (some, key) =>
      this.#post({
        path: `ingest/v1/${route}`,
        headers: { 'idempotency-key': key },
        body: { dataset, rows: some },
        signal,
      }),
    );
  }

  #lookUp(route: string, subject: object, options: LookupOptions | FreshLookupOptions) {
    const { fields, format, strict, minRevision, signal } = options;
    return this.#post({
      path: `audience/v2/contacts/${route}`,
      headers: {
        ...(strict === true ? { prefer: 'handling=strict' } : {}),
        ...(isFresh(options) ? { 'usher-freshness': '1' } : {}),
        ...(minRevision === undefined ? {} : { 'usher-min-revision': minRevision }),
      },
      body: { ...subject, fields, format },
      signal,
    });
  }

  #post({ path, headers: own, body, signal }: Post) {
    const base = this.#url.href.replace(/\/$/, '');
    const headers = {
      authorization: `Bearer ${this.#token}`,
      'content-type': 'application/json',
      accept: 'application/json',
      ...own,
    };
    const text = JSON.stringify(body);
    const request = { method: 'POST', headers, body: text, redirect: 'error' } as const;
    return callWithRetries(
      async (ended) =>
        readAnswer(await this.#fetch(`${base}/${path}`, { ...request, signal: ended })),
      { ...this.#retry, signal },
    );
  }
}

interface Post {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  readonly signal: AbortSignal | undefined;
}

interface Found<Fields> {
  readonly contact: Fields;
  readonly freshness?: Readonly<Record<string, FieldFreshness>>;
}

interface BatchResult<Fields> extends Partial<Found<Fields>> {
  /** `success`, or the code of the problem with this identity. */
  readonly status: string;
}

function isFresh(options: LookupOptions | FreshLookupOptions): options is FreshLookupOptions {
  return 'freshness' in options && options.freshness === true;
}

function found<Fields extends object>(
  { contact, freshness = {} }: Found<Fields>,
  options: LookupOptions,
): Fields | FreshContact<Fields> {
  return isFresh(options) ? { contact, freshness } : contact;
}

/** An invalid identity is the caller's error and must not look like an unknown contact. */
function contactOf<Fields extends object>(
  { status, contact, freshness = {} }: BatchResult<Fields>,
  place: number,
  options: LookupOptions,
): Fields | FreshContact<Fields> | null {
  if (contact !== undefined) return found({ contact, freshness }, options);
  if (status === 'contact_not_found') return null;
  const message = `Identity ${place} of the list (counted from 0) cannot be looked up: ${status}`;
  throw new UsherClientError(status, message, { status: 200, problem: { place } });
}

/**
 * Checks the code, because the status is ambiguous: an organization may choose 400 instead of 404
 * for unknown contacts, and a wrong path is answered with 404 too.
 */
function isUnknownContact(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'contact_not_found';
}
