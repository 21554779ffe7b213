/** Secrets of sessions, links and browsers, and the public ids of users and sessions. */
import { toBase62 } from '../domain/token/token.ts';

type RandomBytes = (size: number) => Uint8Array;

/** 256 random bits as 43 characters of 0-9A-Za-z. */
export function newSecret(randomBytes: RandomBytes): string {
  return toBase62(randomBytes(32), 43);
}

/** 71 random bits as 12 characters of 0-9A-Za-z. */
export function newPublicId(randomBytes: RandomBytes): string {
  return toBase62(randomBytes(9), 12);
}
