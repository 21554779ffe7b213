/**
 * Names of the header fields that are part of the contract, beyond those every HTTP message has.
 */

export const headerNames = {
  /** Of every answer: the caller's own id if it sent a sane one, else a new one. */
  requestId: 'X-Request-Id',
  /**
   * Requested names that the answer leaves out, with the reason of each: a structured-field list of
   * strings (RFC 9651).
   */
  omitted: 'Usher-Omitted',
  /** `1` adds how fresh each field is. */
  freshness: 'Usher-Freshness',
  /** A revision that a write answered: the look-up sees that write, or waits for it. */
  minRevision: 'Usher-Min-Revision',
  /** `handling=strict` makes a left-out name a problem (RFC 7240). */
  prefer: 'Prefer',
  preferenceApplied: 'Preference-Applied',
  /** What is left of the limit (IETF draft-ietf-httpapi-ratelimit-headers). */
  rateLimit: 'RateLimit',
  rateLimitPolicy: 'RateLimit-Policy',
  retryAfter: 'Retry-After',
} as const;
