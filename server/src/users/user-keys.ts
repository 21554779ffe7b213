/**
 * The keys of secrets that users have: digests of cookies and links, and the encryption of second
 * factors. They are derived from the key of the data folder, so a stolen catalog alone is no use.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { readSecretKey } from '../stores/secret-key.ts';

type DigestKind = 'session' | 'device' | 'link' | 'failures';
type SealPurpose = 'totp' | 'oidc';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
const keyBytes = 32;

export class UserKeys {
  readonly #secret: Uint8Array;
  readonly #derived = new Map<string, Buffer>();

  /** @param secret the key of the data folder */
  constructor(secret: Uint8Array) {
    this.#secret = secret;
  }

  /** A keyed digest in hexadecimal. Digests of one kind are never those of another. */
  digest(kind: DigestKind, text: string): string {
    return createHmac('sha256', this.#key(kind)).update(text).digest('hex');
  }

  /** Encrypts a text about this subject, such as a user's id. */
  seal(purpose: SealPurpose, subject: string, text: string): string {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key(purpose), nonce).setAAD(
      Buffer.from(subject),
    );
    const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64url');
  }

  /** The text that was sealed; `undefined` if it was altered, or the key is lost. */
  open(purpose: SealPurpose, subject: string, sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < nonceBytes + tagBytes) return undefined;
    const decipher = createDecipheriv(algorithm, this.#key(purpose), bytes.subarray(0, nonceBytes))
      .setAAD(Buffer.from(subject))
      .setAuthTag(bytes.subarray(-tagBytes));
    const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
    try {
      return Buffer.concat([text, decipher.final()]).toString();
    } catch {
      return undefined;
    }
  }

  #key(purpose: string): Buffer {
    const known = this.#derived.get(purpose);
    if (known !== undefined) return known;
    const info = `usher users ${purpose}`;
    const key = Buffer.from(hkdfSync('sha256', this.#secret, new Uint8Array(), info, keyBytes));
    this.#derived.set(purpose, key);
    return key;
  }
}

/** Reads the key of the data folder at the first call. */
export function userKeysOf(dataFolder: string): () => Promise<UserKeys> {
  let keys: Promise<UserKeys> | undefined;
  return () => {
    keys ??= readSecretKey(dataFolder)
      .then((secret) => new UserKeys(secret))
      .catch((error: unknown) => {
        keys = undefined;
        throw error;
      });
    return keys;
  };
}

/** Whether two texts are equal, in a time that does not depend on where they differ. */
export function equalTexts(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}
