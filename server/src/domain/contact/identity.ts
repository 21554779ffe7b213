/**
 * Identities: parses `type:value`, normalises the value, and makes the digest that the store
 * indexes. Syncs and look-ups share this code, so a stored identity is always found again.
 */
import { hash } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { maxIdentityBytes } from '../limits.ts';
import type { IdentityType, Normalisation } from './identity-type.ts';
import { digestShortText } from './short-digest.ts';

export interface ParsedIdentity {
  readonly type: IdentityType;
  /** The normalised value. It is personal: never log it. */
  readonly value: string;
}

/** Why a text is not an identity. `detail` never repeats the value. */
export interface IdentityProblem {
  readonly code: 'identity_malformed' | 'identity_type_unknown' | 'identity_value_invalid';
  readonly detail: string;
  readonly members: Readonly<Record<string, unknown>>;
}

/**
 * Reads `type:value`. The type ends at the first colon.
 * @param text after percent-decoding
 * @param types the organization's identity types by name
 */
export function parseIdentity(
  text: string,
  types: ReadonlyMap<string, IdentityType>,
): ParsedIdentity | IdentityProblem {
  const colon = text.indexOf(':');
  if (colon <= 0) return malformed(text);
  const type = findType(text, colon, types);
  if (type === undefined) return unknownType(types);
  const value = normaliseIdentity(type.normalisation, text.slice(colon + 1));
  if (value === undefined) return invalidValue(type);
  return { type, value };
}

/** Of the last call. Callers repeat a type, and comparing costs less than hashing. */
let lastTypes: ReadonlyMap<string, IdentityType> | undefined;
let lastType: IdentityType | undefined;

/** @param end where the type's name ends in the text */
function findType(
  text: string,
  end: number,
  types: ReadonlyMap<string, IdentityType>,
): IdentityType | undefined {
  const last = lastType;
  if (types === lastTypes && last?.name.length === end && text.startsWith(last.name)) return last;
  const type = types.get(text.slice(0, end));
  if (type === undefined) return undefined;
  lastTypes = types;
  lastType = type;
  return type;
}

export function isIdentityProblem(
  parsed: ParsedIdentity | IdentityProblem,
): parsed is IdentityProblem {
  return 'code' in parsed;
}

/** The normalised value; `undefined` if the text is not valid for this type. */
export function normaliseIdentity(normalisation: Normalisation, text: string): string | undefined {
  // Four times the limit leaves room for spaces to trim, and bounds the work of the patterns.
  if (text.length > maxIdentityBytes * 4 || !text.isWellFormed()) return undefined;
  const value = normalisers[normalisation](text);
  if (value === undefined || value.length === 0) return undefined;
  // A UTF-16 unit is at most 3 bytes of UTF-8, so short texts need no count.
  if (value.length * 3 > maxIdentityBytes && Buffer.byteLength(value) > maxIdentityBytes) {
    return undefined;
  }
  return value;
}

/**
 * The 16 bytes by which the store indexes an identity: the first half of the SHA-256 of its
 * normalised value. A value of the type `email-hash` is already a SHA-256, so it is not hashed
 * again. A contact id has 16 bytes, which are used as they are.
 * @param into the buffer to write to; by default a new one
 */
export function identityDigest(
  normalisation: Normalisation,
  value: string,
  into: Buffer = Buffer.allocUnsafe(16),
): Buffer {
  const isHashed = normalisation !== 'email-hash' && normalisation !== 'contact-id';
  if (isHashed && digestShortText(value, into)) return into;
  // Only a contact id has dashes.
  const hex = isHashed ? hash('sha256', value, 'hex') : value.replaceAll('-', '');
  into.write(hex.slice(0, 32), 0, 16, 'hex');
  return into;
}

const normalisers: Readonly<Record<Normalisation, (text: string) => string | undefined>> = {
  email: normaliseEmail,
  'email-hash': (text) => matching(text.trim().toLowerCase(), /^[0-9a-f]{64}$/),
  phone: normalisePhone,
  exact: (text) => matching(text.trim(), /^\P{Cc}+$/u),
  'contact-id': (text) => matching(text.trim().toLowerCase(), contactIdPattern),
};

const contactIdPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const normalEmailPattern =
  /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const asciiDomainPattern =
  /^[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;

/** NFC, trimmed; ASCII letters in lower case; the domain in IDNA's ASCII form (UTS 46). */
function normaliseEmail(text: string): string | undefined {
  // Most values are normalised already. The pattern is linear.
  if (normalEmailPattern.test(text)) return text;
  const composed = text.normalize('NFC').trim();
  const at = composed.indexOf('@');
  if (at <= 0 || at !== composed.lastIndexOf('@')) return undefined;
  const local = composed.slice(0, at);
  if (/[\s\p{Cc}\p{Cs}]/u.test(local)) return undefined;
  const domain = normaliseDomain(composed.slice(at + 1));
  return domain === undefined ? undefined : `${asciiLowerCase(local)}@${domain}`;
}

function normaliseDomain(text: string): string | undefined {
  const lowered = asciiLowerCase(text);
  if (asciiDomainPattern.test(lowered)) return lowered;
  // The pattern has refused this ASCII domain. `domainToASCII` could accept it, because it reads
  // escapes and numbers.
  return isAscii(text) ? undefined : matching(domainToASCII(text), asciiDomainPattern);
}

/** E.164: `+` and 7 to 15 digits. Drops spaces, dots, dashes and brackets; `00` in front is `+`. */
function normalisePhone(text: string): string | undefined {
  const digits = text.replace(/[\s().-]/g, '').replace(/^00/, '+');
  return matching(digits, /^\+[1-9][0-9]{6,14}$/);
}

function matching(text: string, pattern: RegExp): string | undefined {
  return pattern.test(text) ? text : undefined;
}

function asciiLowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function isAscii(text: string): boolean {
  return !/\P{ASCII}/u.test(text);
}

function malformed(text: string): IdentityProblem {
  const hint = text.includes('@') ? ' For an e-mail address write email:<address>.' : '';
  return {
    code: 'identity_malformed',
    detail: `An identity is written <type>:<value>, for example email:tom@hello.com.${hint}`,
    members: {},
  };
}

function unknownType(types: ReadonlyMap<string, IdentityType>): IdentityProblem {
  const known = [...types.keys()];
  return {
    code: 'identity_type_unknown',
    detail: `This organization has no such identity type. Its types are ${known.join(', ')}. Write an e-mail address as email:<address>.`,
    members: { known_types: known, suggestion: 'email:' },
  };
}

const valueRules: Readonly<Record<Normalisation, string>> = {
  email: 'an e-mail address, local@domain, without spaces',
  'email-hash': 'the SHA-256 of the normalised e-mail address as 64 hexadecimal digits',
  phone: 'a phone number in E.164 form, + and 7 to 15 digits',
  exact: 'at least one character, without control characters',
  'contact-id': 'a contact id, a UUID',
};

function invalidValue(type: IdentityType): IdentityProblem {
  return {
    code: 'identity_value_invalid',
    detail: `The value of ${type.name} must be ${valueRules[type.normalisation]}, at most ${maxIdentityBytes} bytes.`,
    members: { identity_type: type.name },
  };
}
