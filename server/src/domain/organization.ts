/** An organization owns contacts, definitions and tokens, and sees only its own. */
import { rateLimitRange, tokenAgeDaysRange, tokenPoolRange } from './limits.ts';

export interface Organization {
  /** 1 to 65,535. The organization `default` has 1. */
  readonly id: number;
  readonly name: string;
  /** Units per second, summed over all tokens and threads. */
  readonly rateLimit: number;
  /** ISO 4217 code. */
  readonly currency: string;
  /** BCP 47 tag. */
  readonly locale: string;
  /** IANA name, or `Z`. */
  readonly timeZone: string;
  readonly unknownContactStatus: 404 | 400;
  readonly tokenPoolMax: number;
  readonly tokenMaxAgeDays: number;
  /** Whether a second person must approve a change that needs approval. */
  readonly separateApproval: boolean;
  /** Dataset ids, the most trusted first. Those that are not listed come after them, as equals. */
  readonly trust: readonly number[];
}

/** The settings of a new organization. */
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
    separateApproval: false,
    trust: [],
  };
}
