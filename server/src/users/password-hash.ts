/** Passwords as the catalog keeps them: `scrypt$log2(N)$r$p$salt$hash` (RFC 7914). */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

export interface PasswordCost {
  /** A power of two. */
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

const saltBytes = 16;
const hashBytes = 32;
const pattern =
  /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

/** Works in another thread of the process, and takes 128 x N x r bytes. */
export async function hashPassword(password: string, cost: PasswordCost): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, cost);
  const parts = [Math.log2(cost.n), cost.r, cost.p];
  return `scrypt$${parts.join('$')}$${salt.toString('base64url')}$${hash.toString('base64url')}`;
}

/**
 * Whether the password is the one of the hash. Without a hash the answer is no, after the same
 * time.
 */
export async function matchesPassword(
  password: string,
  stored: string | null,
  cost: PasswordCost,
): Promise<boolean> {
  const [, logN, r, p, salt, hash] = pattern.exec(stored ?? '') ?? [];
  if (salt === undefined || hash === undefined) {
    await derive(password, Buffer.alloc(saltBytes), cost);
    return false;
  }
  const own = { n: 2 ** Number(logN), r: Number(r), p: Number(p) };
  const found = await derive(password, Buffer.from(salt, 'base64url'), own);
  return timingSafeEqual(found, Buffer.from(hash, 'base64url'));
}

function derive(password: string, salt: Uint8Array, cost: PasswordCost): Promise<Buffer> {
  const { n, r, p } = cost;
  // Keyboards write the same letter in several ways.
  const text = password.normalize('NFKC');
  const options = { N: n, r, p, maxmem: 2 * 128 * n * r };
  return new Promise((resolve, reject) => {
    scrypt(text, salt, hashBytes, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
