/** The header fields of the contract beyond those of every HTTP message. */

export const headerNames = {
  /** On every answer: the caller's own id if it is well-formed, else a new one. */
  requestId: 'X-Request-Id',
  /** Requested names that are left out, with reasons: a structured-field list (RFC 9651). */
  omitted: 'Usher-Omitted',
  /** `1` adds how fresh each field is. */
  freshness: 'Usher-Freshness',
  /** A revision that a write returned: the look-up shows that write, or waits for it. */
  minRevision: 'Usher-Min-Revision',
  /** `handling=strict` makes a left-out name a problem (RFC 7240). */
  prefer: 'Prefer',
  preferenceApplied: 'Preference-Applied',
  /** What is left of the limit (IETF draft-ietf-httpapi-ratelimit-headers). */
  rateLimit: 'RateLimit',
  rateLimitPolicy: 'RateLimit-Policy',
  retryAfter: 'Retry-After',
} as const;
