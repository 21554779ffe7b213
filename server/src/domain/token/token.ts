/**
 * Bearer tokens: `ush_<id: 12>_<secret: 43><check: 6>`, with the alphabet `0-9A-Za-z`. The check is
 * CRC-32 (IEEE, RFC 1952) of the ASCII text before it, in base62, left-padded with `0`.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const scopes = [
  'contacts:read',
  'contacts:write',
  'events:write',
  'admin:read',
  'admin:write',
  'privacy:write',
  'admin:approve',
] as const;

export type Scope = (typeof scopes)[number];

/**
 * A token as the catalog keeps it: with a digest instead of its text. Times are in milliseconds
 * since 1970.
 */
export interface Token {
  readonly id: string;
  /** For the limiter's keys and for counters. Unique in the catalog, never reused. */
  readonly rowId: number;
  readonly organizationId: number;
  readonly name: string | null;
  readonly createdBy: string;
  readonly lastCharacters: string;
  /** SHA-256 of the whole token, 32 bytes. */
  readonly digest: Uint8Array;
  readonly scopes: readonly Scope[];
  /** Allow-lists; `null` allows everything. */
  readonly fields: readonly string[] | null;
  readonly identityTypes: readonly string[] | null;
  /** CIDR texts. */
  readonly addresses: readonly string[] | null;
  /** Share of the organization's limit, above 0 and at most 1; `null`: all of it. */
  readonly maxShare: number | null;
  /** The only dataset that the token may push to; `null` allows all. */
  readonly dataset: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const tokenLength = 4 + 12 + 1 + 43 + 6;
const tokenPattern = /^ush_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/;

/**
 * Makes the text of a new token.
 * @param randomBytes a cryptographically secure source; called once
 */
export function generateToken(randomBytes: (size: number) => Uint8Array): {
  id: string;
  text: string;
} {
  // The id: 72 random bits, of which 12 digits hold 71.4; the rest is dropped. The secret: 256 bits
  // in 43 digits.
  const bytes = randomBytes(41);
  const id = toBase62(bytes.subarray(0, 9), 12);
  const secret = toBase62(bytes.subarray(9), 43);
  const unchecked = `ush_${id}_${secret}`;
  return { id, text: unchecked + tokenCheck(unchecked) };
}

/** The id of a well-formed token with a valid check; `undefined` for any other text. */
export function parseTokenId(text: string): string | undefined {
  if (text.length !== tokenLength || !tokenPattern.test(text)) return undefined;
  const unchecked = text.slice(0, tokenLength - 6);
  return tokenCheck(unchecked) === text.slice(tokenLength - 6) ? text.slice(4, 16) : undefined;
}

/** The characters at the position of the id, or ''. Does not check the rest of the text. */
export function tokenIdPart(text: string): string {
  return text.length === tokenLength ? text.slice(4, 16) : '';
}

/** SHA-256 of the token's text, 32 bytes. */
export function tokenDigest(text: string): Uint8Array {
  return hash('sha256', text, 'buffer');
}

/** Whether the text is this stored token, in constant time. */
export function matchesDigest(text: string, token: Token): boolean {
  // Writing hex into a kept buffer takes half as long as a new buffer, and each request does this.
  givenDigest.write(hash('sha256', text, 'hex'), 'hex');
  return timingSafeEqual(givenDigest, token.digest);
}

const givenDigest = Buffer.alloc(32);

/** Whether the token is neither revoked nor expired. */
export function isLive(token: Token, nowMs: number): boolean {
  return token.revokedAtMs === null && (token.expiresAtMs === null || nowMs < token.expiresAtMs);
}

function tokenCheck(unchecked: string): string {
  let rest = crc32(unchecked);
  let text = '';
  for (let digit = 0; digit < 6; digit += 1) {
    text = alphabet.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

/** The number that the bytes are, in base62, with this many digits at its end. */
export function toBase62(bytes: Uint8Array, digits: number): string {
  let rest = bytes.reduce((number, byte) => number * 256n + BigInt(byte), 0n);
  let text = '';
  for (let digit = 0; digit < digits; digit += 1) {
    text = alphabet.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}
