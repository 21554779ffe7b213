/**
 * Requests of people about their data: erase, export, amend, lift. A request keeps no identity and
 * no value, only keyed digests of identities. It does not change the revision.
 */

export const privacyKinds = ['erase', 'export', 'amend', 'lift'] as const;

export type PrivacyKind = (typeof privacyKinds)[number];

/** A request is `received` until a process begins with it. */
export const privacyStates = ['received', 'running', 'done', 'failed'] as const;

export type PrivacyState = (typeof privacyStates)[number];

/** What was removed or changed, by kind. */
export type PrivacyCounts = Readonly<Record<string, number>>;

export interface PrivacyRequest {
  /** UUIDv7. */
  readonly id: string;
  readonly organizationId: number;
  readonly kind: PrivacyKind;
  readonly state: PrivacyState;
  readonly actor: string;
  readonly receivedAtMs: number;
  /** When a process last said that it works on the request. */
  readonly aliveAtMs: number;
  readonly endedAtMs: number | null;
  readonly counts: PrivacyCounts | null;
  /** A code of the problem table, or `interrupted`. */
  readonly failure: string | null;
}

/** A request with everything that is kept of it. */
export interface WholePrivacyRequest extends PrivacyRequest {
  /** Keyed digests of the identities that it was about, in hexadecimal. */
  readonly subjects: readonly string[];
  /** JSON; `null`: the request has no receipt. */
  readonly receipt: unknown;
}

export type NewPrivacyRequest = Pick<
  PrivacyRequest,
  'id' | 'organizationId' | 'kind' | 'actor' | 'receivedAtMs'
>;

export interface PrivacyEnd {
  readonly state: 'done' | 'failed';
  readonly counts: PrivacyCounts | null;
  readonly failure: string | null;
  readonly subjects: readonly string[];
  readonly receipt: unknown;
}

export interface PrivacyFilter {
  /** If missing, requests of all kinds. */
  readonly kind?: PrivacyKind | undefined;
  /** If missing, requests in any state. */
  readonly state?: PrivacyState | undefined;
  /** Received then or later: milliseconds since the epoch. */
  readonly sinceMs?: number | undefined;
  /** Only requests that come after this one in the list. */
  readonly afterId?: string | undefined;
  readonly limit: number;
}

/** Who acts, and when. */
interface Author {
  readonly actor: string;
  readonly atMs: number;
}

/** The requests of a catalog. */
export interface PrivacyRequests {
  /** Records a request as received, with its audit entry. */
  receivePrivacyRequest(author: Author, request: NewPrivacyRequest): Promise<void>;
  /**
   * Says that a process works on an open request: it is `running`, and alive now.
   * @param at `silentSinceMs`: only if the request was not alive after this time
   * @returns false, without a change, if the request has ended, is unknown, or was alive later
   */
  keepPrivacyRequest(
    id: string,
    at: { readonly nowMs: number; readonly silentSinceMs?: number },
  ): Promise<boolean>;
  /**
   * Ends an open request, with its audit entry.
   * @returns false, without a change, if it has ended or is unknown
   */
  endPrivacyRequest(author: Author, id: string, end: PrivacyEnd): Promise<boolean>;
  /** Newest first. */
  listPrivacyRequests(
    organizationId: number,
    filter: PrivacyFilter,
  ): Promise<readonly PrivacyRequest[]>;
  findPrivacyRequest(organizationId: number, id: string): Promise<WholePrivacyRequest | undefined>;
  /** The requests about any of these keyed digests, newest first. */
  findPrivacyRequestsAbout(
    organizationId: number,
    subjects: readonly string[],
  ): Promise<readonly PrivacyRequest[]>;
  /** Open requests of all organizations that were not alive after this time, oldest first. */
  listSilentPrivacyRequests(silentSinceMs: number): Promise<readonly PrivacyRequest[]>;
}
