/** Codes of an authenticator (TOTP, RFC 6238): HMAC-SHA1, 30 seconds, 6 digits. */
import { createHmac } from 'node:crypto';
import { equalTexts } from './user-keys.ts';

const stepMs = 30_000;
const digits = 6;
/** Steps before and after the current one that are accepted: clocks differ. */
const drift = 1;
/** RFC 4226 asks for 128 bits and advises 160. */
const secretBytes = 20;

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A new secret in base32 (RFC 4648), without padding: 20 bytes are 32 characters. */
export function newTotpSecret(randomBytes: (size: number) => Uint8Array): string {
  return toBase32(randomBytes(secretBytes));
}

/** The address that authenticators read from a QR code. */
export function totpUri(secret: string, email: string): string {
  const label = encodeURIComponent(`Usher:${email}`);
  return `otpauth://totp/${label}?secret=${secret}&issuer=Usher`;
}

/**
 * The time step of the code; `undefined` if the code is wrong.
 * @param afterStep the step of the last code that was accepted: this code must be of a later one
 */
export function totpStepOf(
  secret: string,
  code: string,
  at: { readonly nowMs: number; readonly afterStep: number },
): number | undefined {
  const current = Math.floor(at.nowMs / stepMs);
  let found: number | undefined;
  for (let step = current - drift; step <= current + drift; step += 1) {
    const isRight = equalTexts(totpCode(secret, step), code);
    if (isRight && step > at.afterStep) found = step;
  }
  return found;
}

/** The code of a time step. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7f_ff_ff_ff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

function toBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => alphabet.charAt(Number.parseInt(group.padEnd(5, '0'), 2))).join('');
}

function fromBase32(text: string): Buffer {
  const bits = [...text].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0'));
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
