/**
 * Who owns everything. Every record, key and row carries an organization's id, and nobody sees
 * another's.
 */

import { rateLimitRange, tokenAgeDaysRange, tokenPoolRange } from './limits.ts';

export interface Organization {
  /** 1 to 65,535; 1 is `default`. */
  readonly id: number;
  readonly name: string;
  /** Units per second, over all tokens, workers and nodes. */
  readonly rateLimit: number;
  /** ISO 4217. */
  readonly currency: string;
  /** BCP 47. */
  readonly locale: string;
  /** IANA name, or `Z`. */
  readonly timeZone: string;
  readonly unknownContactStatus: 404 | 400;
  readonly tokenPoolMax: number;
  readonly tokenMaxAgeDays: number;
}

/** An organization as it is made when nothing else is asked for. */
export function defaultOrganization(name: string): Omit<Organization, 'id'> {
  return {
    name,
    rateLimit: rateLimitRange.default,
    currency: 'USD',
    locale: 'en-US',
    timeZone: 'Z',
    unknownContactStatus: 404,
    tokenPoolMax: tokenPoolRange.default,
    tokenMaxAgeDays: tokenAgeDaysRange.default,
  };
}
